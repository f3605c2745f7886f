#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "chart/roofline.h"
#include "cli/bench_options.h"
#include "cli/machine.h"
#include "cli/verb.h"
#include "core/atomic_file.h"
#include "measure/ceilings.h"
#include "measure/kernel_speed.h"

namespace yourmt3::cli {
namespace {

/// Of what the ceilings allow to work of this intensity whose data come from memory, or from the second-level cache.
double attainable_gflops(const KernelSpeed& kernel, const Ceilings& ceilings, double gb_per_sec) {
  const double arithmetic = ceilings.gflops(kernel.precision).value_or(*ceilings.gflops(Precision::kF32));
  return std::min(arithmetic, kernel.intensity() * gb_per_sec);
}

std::string picture(const std::string& name, const std::vector<KernelSpeed>& kernels, const Ceilings& ceilings) {
  Roofline roofline;
  roofline.title = fmt::format("{}, {} thread{}", name, ceilings.n_threads, ceilings.n_threads == 1 ? "" : "s");
  for (const ArithmeticCeiling& one : ceilings.arithmetic) {
    roofline.arithmetic.push_back({precision_name(one.kind), one.gflops});
  }
  for (const MemoryCeiling& one : ceilings.memory) roofline.memory.push_back({one.level, one.read_gb_per_sec});
  for (const KernelSpeed& one : kernels) roofline.work.push_back({one.name, one.intensity(), one.gflops()});
  return to_svg(roofline);
}

}  // namespace

int bench_kernels(const BenchOptions& options, const std::string& name, const Engine& engine, int n_threads) {
  const Ceilings ceilings = measure_ceilings(n_threads);
  const std::vector<KernelSpeed> kernels = measure_kernels(engine, n_threads);
  if (!options.roofline.empty()) write_file_atomically(options.roofline, picture(name, kernels, ceilings));
  const double memory = ceilings.memory.back().read_gb_per_sec, cache = ceilings.memory.front().read_gb_per_sec;
  if (options.json) {
    nlohmann::json json = {{"model", name}, {"machine", machine_facts()}, {"threads", n_threads}};
    for (const KernelSpeed& one : kernels) {
      json["kernels"].push_back({{"name", one.name},
                                 {"shape", one.shape},
                                 {"precision", precision_name(one.precision)},
                                 {"seconds", one.seconds},
                                 {"gflops", one.gflops()},
                                 {"gb_per_sec", one.gb_per_sec()},
                                 {"attainable_gflops", attainable_gflops(one, ceilings, memory)},
                                 {"attainable_in_l2_gflops", attainable_gflops(one, ceilings, cache)}});
    }
    fmt::print("{}\n", json.dump(2));
    return kExitDone;
  }
  fmt::print("{}, {} thread{}\n\n", name, n_threads, n_threads == 1 ? "" : "s");
  fmt::print("{:<28} {:<26} {:>6} {:>10} {:>9} {:>7} {:>11}\n", "kernel", "shape", "in", "us", "GFLOP/s", "GB/s",
             "of ceiling");
  for (const KernelSpeed& one : kernels) {
    fmt::print("{:<28} {:<26} {:>6} {:>10.1f} {:>9.1f} {:>7.1f} {:>10.0f}%\n", one.name, one.shape,
               precision_name(one.precision), 1e6 * one.seconds, one.gflops(), one.gb_per_sec(),
               100 * one.gflops() / attainable_gflops(one, ceilings, cache));
  }
  fmt::print(
      "(the ceiling for data in the second-level cache: the smaller of arithmetic and intensity x {:.0f} GB/s)\n",
      cache);
  return kExitDone;
}

}  // namespace yourmt3::cli
