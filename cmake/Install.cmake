# cmake --install: program, library, headers, package files, model, manual page, completions. Each belongs to one of the
# components `program`, `library`, `development` and `python` (and `training`, in src/train_cli), which are Debian packages, too.
include(CMakePackageConfigHelpers)

install(TARGETS yourmt3_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT program)
install(TARGETS yourmt3 EXPORT yourmt3Targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT development
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
install(EXPORT yourmt3Targets NAMESPACE yourmt3:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yourmt3"
        COMPONENT development)
configure_package_config_file(cmake/yourmt3Config.cmake.in "${PROJECT_BINARY_DIR}/yourmt3Config.cmake"
                              INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yourmt3")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/yourmt3ConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/yourmt3Config.cmake" "${PROJECT_BINARY_DIR}/yourmt3ConfigVersion.cmake"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yourmt3" COMPONENT development)
file(RELATIVE_PATH pkgconfig_to_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file(cmake/yourmt3.pc.in yourmt3.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/yourmt3.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

install(DIRECTORY "${PROJECT_SOURCE_DIR}/models" DESTINATION "${CMAKE_INSTALL_DATADIR}/yourmt3" COMPONENT program OPTIONAL)
install(FILES docs/man/yourmt3.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT program)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT program)

install(FILES python/yourmt3/__init__.py python/yourmt3/_library.py
        DESTINATION lib/python3/dist-packages/yourmt3 COMPONENT python)

# The scripts come from the program itself, so that they cannot lag behind its options.
if(NOT CMAKE_CROSSCOMPILING)
  set(completions "${PROJECT_BINARY_DIR}/completions")
  file(MAKE_DIRECTORY "${completions}")
  add_custom_command(
    OUTPUT "${completions}/yourmt3" "${completions}/_yourmt3" "${completions}/yourmt3.fish"
    COMMAND yourmt3_program completion bash > "${completions}/yourmt3"
    COMMAND yourmt3_program completion zsh > "${completions}/_yourmt3"
    COMMAND yourmt3_program completion fish > "${completions}/yourmt3.fish"
    DEPENDS yourmt3_program VERBATIM)
  add_custom_target(yourmt3_completions ALL DEPENDS "${completions}/yourmt3")
  install(FILES "${completions}/yourmt3" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
          COMPONENT program)
  install(FILES "${completions}/_yourmt3" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions"
          COMPONENT program)
  install(FILES "${completions}/yourmt3.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
          COMPONENT program)
endif()
