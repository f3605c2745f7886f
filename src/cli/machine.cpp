#include "cli/machine.h"

#include <cairo.h>
#include <fmt/format.h>
#include <sndfile.h>
#include <soxr.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <oneapi/dnnl/dnnl.hpp>

#include "core/parallel.h"
#include "engine/arithmetic.h"
#include "yourmt3/version.h"

namespace yourmt3::cli {
namespace {

std::string instruction_set_name() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "SSE4.1";
    case dnnl::cpu_isa::avx:
      return "AVX";
    case dnnl::cpu_isa::avx2:
      return "AVX2";
    case dnnl::cpu_isa::avx2_vnni:
      return "AVX2 VNNI";
    case dnnl::cpu_isa::avx512_core:
      return "AVX-512";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "AVX-512 VNNI";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "AVX-512 BF16";
    default:
      return "generic, or newer than this list";
  }
}

std::string dnnl_version_text() {
  const dnnl::version_t* version = dnnl::version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

std::string version_text() {
  const Kernels& kernels = best_kernels();
  return fmt::format(
      "yourmt3 {}\nCPU back end: own kernels for {}, precision {}; oneDNN {}, instruction set {}\nlibraries: {}, {}, "
      "cairo {}",
      YOURMT3_VERSION, isa_name(kernels.isa), precision_name(resolve(Precision::kAuto, kernels)), dnnl_version_text(),
      instruction_set_name(), sf_version_string(), soxr_version(), cairo_version_string());
}

nlohmann::json machine_facts() {
  const double memory_bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {{"version", YOURMT3_VERSION},
          {"processor", processor_name()},
          {"processors_available", available_processors()},
          {"instruction_set", instruction_set_name()},
          {"kernels", isa_name(best_kernels().isa)},
          {"precision", precision_name(resolve(Precision::kAuto, best_kernels()))},
          {"memory_gib", memory_bytes / (1024.0 * 1024.0 * 1024.0)},
          {"back_ends", {{{"name", "oneDNN"}, {"version", dnnl_version_text()}, {"device", "cpu"}}}}};
}

}  // namespace yourmt3::cli
