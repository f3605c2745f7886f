# Warnings, sanitizers and coverage in one INTERFACE target, which is never exported.
add_library(yourmt3_build_settings INTERFACE)
target_compile_options(yourmt3_build_settings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(YOURMT3_WARNINGS_AS_ERRORS)
  target_compile_options(yourmt3_build_settings INTERFACE -Werror)
endif()
if(YOURMT3_SANITIZE)
  target_compile_options(yourmt3_build_settings INTERFACE -fsanitize=${YOURMT3_SANITIZE} -fno-omit-frame-pointer
                                                         -fno-sanitize-recover=all)
  target_link_options(yourmt3_build_settings INTERFACE -fsanitize=${YOURMT3_SANITIZE})
endif()
option(YOURMT3_FUZZ "Build the fuzzers with libFuzzer (needs clang)" OFF)
if(YOURMT3_FUZZ)
  # The library needs the instrumentation too: without it libFuzzer sees no coverage.
  target_compile_options(yourmt3_build_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What makes mistakes harder to abuse; tools/check_hardening.py looks for it.
option(YOURMT3_HARDENING "Guard elements of containers, stack frames, indirect jumps and, where optimised, library calls" ON)
if(YOURMT3_HARDENING)
  # Where nothing is optimised, too, and under sanitizers, which take an element between size and capacity for good.
  target_compile_definitions(yourmt3_build_settings INTERFACE _GLIBCXX_ASSERTIONS)
endif()
# Sanitizers look closer than the rest, and do not get along with some of it.
if(NOT YOURMT3_SANITIZE)
  include(CheckPIESupported)
  check_pie_supported()
  target_link_options(yourmt3_build_settings INTERFACE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
  set(optimised "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
  # The same bytes from any folder.
  target_compile_options(yourmt3_build_settings INTERFACE "$<${optimised}:-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=>")
  if(YOURMT3_HARDENING)
    include(CheckCXXCompilerFlag)
    check_cxx_compiler_flag(-fcf-protection yourmt3_has_cf_protection)
    if(yourmt3_has_cf_protection)
      target_compile_options(yourmt3_build_settings INTERFACE -fcf-protection)
    endif()
    target_compile_options(yourmt3_build_settings INTERFACE -fstack-protector-strong
      "$<${optimised}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
  endif()
endif()

# yourmt3_add_module(<name> SOURCES a.cpp ... [USES core ...] [LINK library ...] [PRIVATE_LINK library ...])
#
# A module is a folder src/<name> and a static library yourmt3_<name>. USES is its row in the table of
# docs/architecture.md; tools/check_includes.py holds the includes to the same table.
function(yourmt3_add_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;LINK;PRIVATE_LINK")
  add_library(yourmt3_${name} STATIC ${arg_SOURCES})
  target_include_directories(yourmt3_${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>"
                                                    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
                                                    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>")
  list(TRANSFORM arg_USES PREPEND yourmt3_)
  target_link_libraries(yourmt3_${name} PUBLIC ${arg_USES} ${arg_LINK}
                                        PRIVATE ${arg_PRIVATE_LINK} $<BUILD_INTERFACE:yourmt3_build_settings>)
endfunction()
