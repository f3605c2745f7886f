# Installs the npm packages that package-lock.json names, unless they are there.
set(installed "${CMAKE_CURRENT_LIST_DIR}/node_modules/.package-lock.json")
if(EXISTS "${installed}" AND "${installed}" IS_NEWER_THAN "${CMAKE_CURRENT_LIST_DIR}/package-lock.json")
  return()
endif()
execute_process(COMMAND ${NPM} ci WORKING_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}" COMMAND_ERROR_IS_FATAL ANY)
