#include "cli/machine.h"

#include <cairo.h>
#include <fmt/format.h>
#include <sndfile.h>
#include <soxr.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/parallel.h"
#include "engine/arithmetic.h"
#include "yourmt3/version.h"

namespace yourmt3::cli {
namespace {

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
  return fmt::format("yourmt3 {}\nkernels: {}, precision {}\nlibraries: {}, {}, cairo {}", YOURMT3_VERSION,
                     isa_name(kernels.isa), precision_name(resolve(Precision::kAuto, kernels)), sf_version_string(),
                     soxr_version(), cairo_version_string());
}

nlohmann::json machine_facts() {
  const double memory_bytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return {{"version", YOURMT3_VERSION},
          {"processor", processor_name()},
          {"processors_available", available_processors()},
          {"kernels", isa_name(best_kernels().isa)},
          {"precision", precision_name(resolve(Precision::kAuto, best_kernels()))},
          {"memory_gib", memory_bytes / (1024.0 * 1024.0 * 1024.0)}};
}

}  // namespace yourmt3::cli
