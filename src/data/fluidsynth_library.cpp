#include "data/fluidsynth_library.h"

#include <dlfcn.h>

#include "core/fail.h"

namespace yourmt3 {
namespace {

// The ABI of FluidSynth 2.2 and later, whose headers we are built with.
constexpr const char* kFile = "libfluidsynth.so.3";

FluidSynthLibrary load() {
  void* handle = ::dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    fail(ErrorCode::kUnsupported,
         "FluidSynth, which plays sound fonts, cannot be loaded ({}): install the package libfluidsynth3", ::dlerror());
  }
  FluidSynthLibrary library;
  const auto look_up = [handle](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(handle, name));
    if (function == nullptr) {
      fail(ErrorCode::kUnsupported, "{} has no function {}: FluidSynth 2.2 or newer is needed", kFile, name);
    }
  };
#define YOURMT3_LOOK_UP(name) look_up(library.name, #name);
  YOURMT3_FLUIDSYNTH_FUNCTIONS(YOURMT3_LOOK_UP)
#undef YOURMT3_LOOK_UP
  for (const int level : {FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG}) {
    library.fluid_set_log_function(level, nullptr, nullptr);
  }
  return library;
}

}  // namespace

const FluidSynthLibrary& fluidsynth_library() {
  static const FluidSynthLibrary library = load();
  return library;
}

}  // namespace yourmt3
