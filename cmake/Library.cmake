# libyourmt3.so: all modules up to `transcribe` in one shared library, of which only what is marked YOURMT3_API is seen.
set(yourmt3_library_modules core audio score notation features model engine transcribe)
add_library(yourmt3 SHARED)
add_library(yourmt3::yourmt3 ALIAS yourmt3)
foreach(module ${yourmt3_library_modules})
  target_sources(yourmt3 PRIVATE $<TARGET_OBJECTS:yourmt3_${module}>)
  target_link_libraries(yourmt3 PRIVATE $<BUILD_INTERFACE:yourmt3_${module}>)
endforeach()
target_sources(yourmt3 PUBLIC
  FILE_SET HEADERS
  BASE_DIRS "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include"
  FILES "${PROJECT_SOURCE_DIR}/include/yourmt3/error.h" "${PROJECT_SOURCE_DIR}/include/yourmt3/export.h"
        "${PROJECT_SOURCE_DIR}/include/yourmt3/notation.h"
        "${PROJECT_SOURCE_DIR}/include/yourmt3/note.h" "${PROJECT_SOURCE_DIR}/include/yourmt3/precision.h"
        "${PROJECT_SOURCE_DIR}/include/yourmt3/transcriber.h"
        "${PROJECT_SOURCE_DIR}/include/yourmt3/transcription_stream.h"
        "${PROJECT_SOURCE_DIR}/include/yourmt3/yourmt3.h" "${PROJECT_BINARY_DIR}/include/yourmt3/version.h")
target_compile_features(yourmt3 PUBLIC cxx_std_20)
set_target_properties(yourmt3 PROPERTIES VERSION "${PROJECT_VERSION}" SOVERSION "${PROJECT_VERSION_MAJOR}"
                                         LINKER_LANGUAGE CXX VERIFY_INTERFACE_HEADER_SETS ON)
target_link_options(yourmt3 PRIVATE -Wl,--no-undefined)
