# Installs the build tree under a fresh prefix, moves that, and uses it as a project outside would.
set(prefix "${WORK}/moved")
file(REMOVE_RECURSE "${WORK}/prefix" "${prefix}" "${WORK}/outside")

function(run)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUTPUT;MATCH" "COMMAND")
  execute_process(COMMAND ${arg_COMMAND} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${arg_COMMAND}: status ${status}\n${out}\n${err}")
  endif()
  if(DEFINED arg_MATCH AND NOT out MATCHES "${arg_MATCH}")
    message(FATAL_ERROR "${arg_COMMAND}: expected '${arg_MATCH}' in\n${out}")
  endif()
  if(DEFINED arg_OUTPUT)
    set(${arg_OUTPUT} "${out}" PARENT_SCOPE)
  endif()
endfunction()

run(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix")
file(RENAME "${WORK}/prefix" "${prefix}")
foreach(file bin/yourmt3 include/yourmt3/yourmt3.h include/yourmt3/transcriber.h include/yourmt3/version.h
             ${LIBDIR}/libyourmt3.so ${LIBDIR}/cmake/yourmt3/yourmt3Config.cmake
             ${LIBDIR}/cmake/yourmt3/yourmt3ConfigVersion.cmake ${LIBDIR}/pkgconfig/yourmt3.pc
             share/man/man1/yourmt3.1 share/bash-completion/completions/yourmt3
             share/zsh/site-functions/_yourmt3 share/fish/vendor_completions.d/yourmt3.fish)
  if(NOT EXISTS "${prefix}/${file}")
    message(FATAL_ERROR "${file} was not installed")
  endif()
endforeach()

if(EXISTS "${BUILD}/yourmt3.cdx.json" AND NOT EXISTS "${prefix}/share/doc/yourmt3/yourmt3.cdx.json")
  message(FATAL_ERROR "the bill of materials was not installed")
endif()

# The program looks for the model relative to itself.
file(MAKE_DIRECTORY "${prefix}/share/yourmt3/models")
file(COPY_FILE "${SAMPLE}/tiny.safetensors" "${prefix}/share/yourmt3/models/default.safetensors")
run(COMMAND "${prefix}/bin/yourmt3" --version MATCH "yourmt3 ${VERSION}")
run(COMMAND "${prefix}/bin/yourmt3" info --json MATCH "moved/share/yourmt3/models/default.safetensors")
run(COMMAND "${prefix}/bin/yourmt3" transcribe "${SAMPLE}/tones.wav" --force -o "${WORK}/installed.mid")

# find_package, from C and from C++.
run(COMMAND "${CMAKE_COMMAND}" -S "${PROJECT}" -B "${WORK}/outside" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefix}"
            "-DCMAKE_C_COMPILER=${CC}" "-DCMAKE_CXX_COMPILER=${CXX}" "-DEXPECTED_VERSION=${VERSION}"
            "-DEXAMPLES=${EXAMPLES}")
run(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/outside")
foreach(program transcribe_c transcribe_cpp)
  run(COMMAND "${WORK}/outside/${program}" "${SAMPLE}/tiny.safetensors" "${SAMPLE}/tones.wav" "${WORK}/${program}.mid")
  file(SHA256 "${WORK}/${program}.mid" got)
  file(SHA256 "${WORK}/installed.mid" expected)
  if(NOT got STREQUAL expected)
    message(FATAL_ERROR "${program} and the program write different notes")
  endif()
endforeach()

# pkg-config.
find_program(pkg_config pkg-config)
if(pkg_config)
  set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
  run(COMMAND "${pkg_config}" --modversion yourmt3 MATCH "${VERSION}")
  run(COMMAND "${pkg_config}" --cflags --libs yourmt3 OUTPUT flags)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  foreach(name transcribe stream)
    run(COMMAND "${CC}" -std=c99 -Wall -Wextra -Werror "${EXAMPLES}/${name}.c" ${flags} -Wl,-rpath,${prefix}/${LIBDIR} -o
                "${WORK}/outside/${name}_c_by_pkg_config")
    run(COMMAND "${CXX}" -std=c++20 -Wall -Wextra -Werror "${EXAMPLES}/${name}.cpp" ${flags}
                -Wl,-rpath,${prefix}/${LIBDIR} -o "${WORK}/outside/${name}_cpp_by_pkg_config")
  endforeach()
  foreach(language c cpp)
    run(COMMAND "${WORK}/outside/transcribe_${language}_by_pkg_config" "${SAMPLE}/tiny.safetensors"
                "${SAMPLE}/tones.wav" "${WORK}/pc.mid")
    run(COMMAND bash "${CMAKE_CURRENT_LIST_DIR}/stream_example.sh"
                "${WORK}/outside/stream_${language}_by_pkg_config" "${WORK}/outside/transcribe_c_by_pkg_config" "${SAMPLE}")
  endforeach()
endif()

# The README's program compiles and links.
if(pkg_config)
  file(READ "${EXAMPLES}/../README.md" readme)
  if(NOT readme MATCHES "```cpp\n([^`]*)```")
    message(FATAL_ERROR "README.md has no C++ program")
  endif()
  file(WRITE "${WORK}/outside/readme.cpp" "${CMAKE_MATCH_1}")
  run(COMMAND "${CXX}" -std=c++20 "${WORK}/outside/readme.cpp" ${flags} -o "${WORK}/outside/readme")
endif()

# Nothing but what is marked is visible: every exported function of ours is in namespace yourmt3 or begins with yourmt3_.
find_program(nm nm)
if(nm)
  run(COMMAND "${nm}" -DC --defined-only "${prefix}/${LIBDIR}/libyourmt3.so" OUTPUT symbols)
  if(NOT symbols MATCHES "yourmt3_transcribe_file" OR NOT symbols MATCHES "yourmt3::Transcriber::transcribe_file")
    message(FATAL_ERROR "the interface is not exported:\n${symbols}")
  endif()
  if(symbols MATCHES "yourmt3::Engine")
    message(FATAL_ERROR "internals are exported")
  endif()
endif()
