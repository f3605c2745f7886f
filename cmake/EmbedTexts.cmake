# yourmt3_embed_texts(<target> <header> kName=file ...)
#
# Compiles text files into a target: the header of the module declares `extern const std::string_view kName;` for each,
# in namespace yourmt3, and the generated source defines them. A changed file is compiled again.
function(yourmt3_embed_texts target header)
  set(definitions "")
  foreach(pair IN LISTS ARGN)
    string(REGEX MATCH "^(k[A-Za-z]+)=(.+)$" matched "${pair}")
    set(name "${CMAKE_MATCH_1}")
    set(file "${CMAKE_CURRENT_SOURCE_DIR}/${CMAKE_MATCH_2}")
    file(READ "${file}" text)
    string(FIND "${text}" ")embedded\"" clash)
    if(NOT matched OR NOT clash EQUAL -1)
      message(FATAL_ERROR "yourmt3_embed_texts: cannot embed '${pair}'")
    endif()
    string(APPEND definitions "const std::string_view ${name} = R\"embedded(${text})embedded\";\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}_texts.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY NEWLINE_STYLE UNIX CONTENT
       "#include \"${header}\"\n\nnamespace yourmt3 {\n@definitions@}  // namespace yourmt3\n")
  target_sources(${target} PRIVATE "${source}")
endfunction()
