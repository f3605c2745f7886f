# The bill of materials of each program, written from what it is linked with and what Debian knows of that: a file
# <program>.cdx.json (CycloneDX) beside its licence.
find_package(Python3 COMPONENTS Interpreter QUIET)
find_program(YOURMT3_DPKG_QUERY dpkg-query)

# yourmt3_add_sbom(<name> COMPONENT <component> TARGETS <program or library> ...)
function(yourmt3_add_sbom name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "COMPONENT" "TARGETS")
  set(file "${PROJECT_BINARY_DIR}/${name}.cdx.json")
  list(TRANSFORM arg_TARGETS REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE files)
  add_custom_command(
    OUTPUT "${file}"
    COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tools/sbom.py" --version "${PROJECT_VERSION}"
            --source "${PROJECT_SOURCE_DIR}" --optional ffmpeg libfluidsynth3 -- ${files} > "${file}"
    DEPENDS ${arg_TARGETS} "${PROJECT_SOURCE_DIR}/tools/sbom.py" "${PROJECT_SOURCE_DIR}/web/package-lock.json"
    VERBATIM)
  add_custom_target(${name}_sbom ALL DEPENDS "${file}")
  install(FILES "${file}" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT ${arg_COMPONENT})
endfunction()

if(Python3_FOUND AND YOURMT3_DPKG_QUERY AND NOT CMAKE_CROSSCOMPILING AND NOT YOURMT3_SANITIZE)
  yourmt3_add_sbom(yourmt3 COMPONENT program TARGETS yourmt3_program yourmt3)
  if(yourmt3_with_train)
    yourmt3_add_sbom(yourmt3-train COMPONENT training TARGETS yourmt3_train_program)
  endif()
else()
  message(STATUS "No bill of materials: it needs Python 3 and dpkg, and is left out with sanitizers")
endif()
