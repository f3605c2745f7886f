#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "cli/bench_options.h"
#include "cli/machine.h"
#include "cli/verb.h"
#include "core/parallel.h"
#include "measure/ceilings.h"

namespace yourmt3::cli {
namespace {

nlohmann::json facts(const Ceilings& ceilings) {
  nlohmann::json json = {{"threads", ceilings.n_threads}};
  for (const ArithmeticCeiling& one : ceilings.arithmetic) {
    json["gflops"][precision_name(one.kind)] = {{"instruction", one.instruction}, {"gflops", one.gflops}};
  }
  for (const MemoryCeiling& one : ceilings.memory) {
    json["memory"].push_back({{"level", one.level},
                              {"bytes", one.bytes},
                              {"read_gb_per_sec", one.read_gb_per_sec},
                              {"copy_gb_per_sec", one.copy_gb_per_sec}});
  }
  return json;
}

}  // namespace

int bench_ceilings(const BenchOptions& options) {
  const int n_threads = options.n_threads > 0 ? options.n_threads : available_processors();
  std::vector<Ceilings> all;
  if (n_threads > 1) all.push_back(measure_ceilings(1));
  all.push_back(measure_ceilings(n_threads));
  if (options.json) {
    nlohmann::json json = {{"machine", machine_facts()}};
    for (const Ceilings& ceilings : all) json["ceilings"].push_back(facts(ceilings));
    fmt::print("{}\n", json.dump(2));
    return kExitDone;
  }
  for (const Ceilings& ceilings : all) {
    fmt::print("{} thread{}\n", ceilings.n_threads, ceilings.n_threads == 1 ? "" : "s");
    for (const ArithmeticCeiling& one : ceilings.arithmetic) {
      fmt::print("  {:<8} {:>7.0f} GFLOP/s  ({})\n", precision_name(one.kind), one.gflops, one.instruction);
    }
    for (const MemoryCeiling& one : ceilings.memory) {
      fmt::print("  {:<8} {:>7.1f} GB/s read, {:.1f} GB/s copied  ({:.3g} MiB)\n", one.level, one.read_gb_per_sec,
                 one.copy_gb_per_sec, static_cast<double>(one.bytes) / (1024 * 1024));
    }
  }
  return kExitDone;
}

}  // namespace yourmt3::cli
