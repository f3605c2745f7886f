# Links with a folder that is laid out as a PyTorch wheel, made of the libtorch that is here.
set(wheel "${WORK}/torch_wheel/site-packages/torch")
set(project "${WORK}/torch_wheel/project")
file(REMOVE_RECURSE "${WORK}/torch_wheel")
file(MAKE_DIRECTORY "${wheel}/include" "${wheel}/lib" "${wheel}/share/cmake/Torch" "${project}")
foreach(folder ATen c10 torch)
  file(CREATE_LINK "${HEADERS}/${folder}" "${wheel}/include/${folder}" SYMBOLIC)
endforeach()
foreach(library c10 torch_cpu torch)
  file(CREATE_LINK "${LIBRARIES}/lib${library}.so" "${wheel}/lib/lib${library}.so" SYMBOLIC)
endforeach()
file(WRITE "${wheel}/version.py" "__version__ = '9.8.7+here'\n")
file(WRITE "${wheel}/share/cmake/Torch/TorchConfig.cmake" "set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=1\")\n")
file(WRITE "${project}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.25)
project(outside CXX)
include(\"${MODULE}\")
add_executable(program program.cpp)
target_compile_features(program PRIVATE cxx_std_20)
target_compile_definitions(program PRIVATE VERSION=\"\${Torch_VERSION}\")
target_link_libraries(program PRIVATE torch)
")
file(WRITE "${project}/program.cpp" "#include <ATen/Parallel.h>
#include <cstdio>
int main() { std::printf(\"libtorch %s, %s\\n\", VERSION, at::get_num_threads() > 0 ? \"works\" : \"idle\"); }
")

function(configure folder status_out text_out)
  file(REMOVE_RECURSE "${project}/build")
  execute_process(COMMAND "${CMAKE_COMMAND}" -S "${project}" -B "${project}/build" -G "${GENERATOR}"
                          "-DCMAKE_CXX_COMPILER=${CXX}" "-DYOURMT3_TORCH_WHEEL=${folder}"
                  RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  # cmake breaks its messages into lines.
  string(REGEX REPLACE "[ \n]+" " " text "${out}${err}")
  set(${status_out} "${status}" PARENT_SCOPE)
  set(${text_out} "${text}" PARENT_SCOPE)
endfunction()

function(expect_refused folder words)
  configure("${folder}" status text)
  if(status EQUAL 0 OR NOT text MATCHES "${words}")
    message(FATAL_ERROR "${folder}: expected an error with '${words}', got status ${status}:\n${text}")
  endif()
endfunction()

configure("${wheel}" status text)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${text}")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${project}/build" COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
execute_process(COMMAND "${project}/build/program" COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE out)
if(NOT out STREQUAL "libtorch 9.8.7+here, works\n")
  message(FATAL_ERROR "the program said: ${out}")
endif()

expect_refused("${WORK}/torch_wheel/nowhere" "holds no include/ATen/ATen.h")
file(WRITE "${wheel}/share/cmake/Torch/TorchConfig.cmake" "set(TORCH_CXX_FLAGS \"-D_GLIBCXX_USE_CXX11_ABI=0\")\n")
expect_refused("${wheel}" "old ABI of libstdc")
file(REMOVE "${wheel}/lib/libtorch_cpu.so")
expect_refused("${wheel}" "libtorch_cpu.so is missing")
