# libtorch as it lies in an installed PyTorch wheel, as the target "torch", without the wheel's own CMake package: that of
# a CUDA build insists on nvcc and a toolkit of its version, of which we use nothing.
#
# The CUDA libraries themselves come with the wheel (or the nvidia wheels beside it, which it finds by its own run path).

set(wheel "${YOURMT3_TORCH_WHEEL}")
if(NOT EXISTS "${wheel}/include/ATen/ATen.h")
  message(FATAL_ERROR "YOURMT3_TORCH_WHEEL: ${wheel} holds no include/ATen/ATen.h; expected the folder 'torch' of a "
                      "PyTorch wheel: python3 -c 'import torch, os; print(os.path.dirname(torch.__file__))'")
endif()

foreach(library c10 torch_cpu torch)
  set(file "${wheel}/lib/lib${library}${CMAKE_SHARED_LIBRARY_SUFFIX}")
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "YOURMT3_TORCH_WHEEL: ${file} is missing")
  endif()
  add_library(${library} SHARED IMPORTED GLOBAL)
  set_target_properties(${library} PROPERTIES IMPORTED_LOCATION "${file}")
endforeach()

set(wheel_config "${wheel}/share/cmake/Torch/TorchConfig.cmake")
if(EXISTS "${wheel_config}")
  file(STRINGS "${wheel_config}" old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
  if(old_abi)
    message(FATAL_ERROR "YOURMT3_TORCH_WHEEL: ${wheel} was built with the old ABI of libstdc++, and all that we link "
                        "with uses the new one; wheels do since PyTorch 2.7")
  endif()
endif()

# c10d's header for Gloo includes gloo's own; which version does not matter, for nothing of it is called.
find_path(yourmt3_gloo_headers gloo/algorithm.h PATHS "${wheel}/include")
if(NOT yourmt3_gloo_headers)
  message(FATAL_ERROR "YOURMT3_TORCH_WHEEL: the headers of gloo are missing; install libgloo-dev")
endif()

target_include_directories(torch SYSTEM INTERFACE "${wheel}/include" "${wheel}/include/torch/csrc/api/include")
target_link_libraries(torch INTERFACE torch_cpu c10)
target_compile_definitions(torch INTERFACE USE_DISTRIBUTED USE_C10D_GLOO)
# What the wheel's libraries need in turn is found when the program starts.
target_link_options(torch INTERFACE LINKER:--allow-shlib-undefined)

set(yourmt3_wheel_kind "CPU")
if(EXISTS "${wheel}/lib/libtorch_cuda.so")
  set(yourmt3_wheel_kind "CUDA")
  # No symbol of ours asks for it: it registers its kernels when it is loaded.
  target_link_options(torch INTERFACE
    "LINKER:--push-state,--no-as-needed,${wheel}/lib/libtorch_cuda.so,--pop-state")
endif()
set(Torch_VERSION "wheel, ${yourmt3_wheel_kind}")
if(EXISTS "${wheel}/version.py")
  file(STRINGS "${wheel}/version.py" version_line REGEX "^__version__")
  string(REGEX REPLACE "^[^']*'([^']*)'.*$" "\\1" Torch_VERSION "${version_line}")
endif()
set(Torch_FOUND TRUE)
