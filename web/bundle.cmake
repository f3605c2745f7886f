# Builds the page into OUT and compares it with the one that is compiled in.
execute_process(COMMAND ${NPM} run --silent build -- --logLevel warn --outDir "${OUT}" --emptyOutDir
                WORKING_DIRECTORY "${CMAKE_CURRENT_LIST_DIR}" COMMAND_ERROR_IS_FATAL ANY)
foreach(file index.html page.js page.css)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files "${OUT}/${file}" "${CMAKE_CURRENT_LIST_DIR}/dist/${file}"
                  RESULT_VARIABLE differs)
  if(differs)
    message(FATAL_ERROR "web/dist/${file} is not what web/src gives: run 'npm run build' in web and commit web/dist")
  endif()
endforeach()
