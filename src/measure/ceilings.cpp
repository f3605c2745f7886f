#include "measure/ceilings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>

#include "engine/thread_team.h"
#include "measure/timing.h"

namespace yourmt3 {

namespace {

// A call of some ten milliseconds: long beside the waking of threads, short beside what disturbs it.
constexpr double kCallSec = 0.02;

double measure_arithmetic(const PeakLoop& loop, ThreadTeam& team) {
  constexpr std::int64_t kFirstRounds = 100000;
  const double first_sec = best_seconds([&] { loop.run(kFirstRounds); }, 3, 0);
  const auto rounds = static_cast<std::int64_t>(kFirstRounds * std::max(1.0, kCallSec / first_sec));
  const int n_threads = team.n_threads();
  const double seconds = best_seconds([&] { team.run(n_threads, [&](int, int) { loop.run(rounds); }); });
  return loop.operations * static_cast<double>(rounds) * n_threads / seconds * 1e-9;
}

/// Every thread reads and copies a piece of its own.
MemoryCeiling measure_memory(const char* level, std::size_t bytes, const PeakLoops& loops, ThreadTeam& team) {
  const auto n_threads = static_cast<std::size_t>(team.n_threads());
  const std::size_t n_floats = bytes / n_threads / sizeof(float);
  std::vector<std::vector<float>> pieces(n_threads);
  team.run(team.n_threads(), [&](int task, int) { pieces[static_cast<std::size_t>(task)].assign(n_floats, 1.f); });
  const auto gb_per_sec = [&](const auto& body) {
    const double first_sec = best_seconds([&] { body(pieces[0]); }, 2, 0);
    const int repeats = static_cast<int>(std::ceil(kCallSec / std::max(first_sec, 1e-9)));
    const double seconds = best_seconds([&] {
      team.run(team.n_threads(), [&](int task, int) {
        for (int i = 0; i < repeats; ++i) body(pieces[static_cast<std::size_t>(task)]);
      });
    });
    return static_cast<double>(n_threads * n_floats * sizeof(float)) * repeats / seconds * 1e-9;
  };
  MemoryCeiling ceiling;
  ceiling.level = level;
  ceiling.bytes = n_threads * n_floats * sizeof(float);
  ceiling.read_gb_per_sec = gb_per_sec([&](const std::vector<float>& piece) {
    const volatile float sum = loops.read(piece.data(), piece.size());
    static_cast<void>(sum);
  });
  // Half of a piece to the other half: each byte of the piece is touched once.
  ceiling.copy_gb_per_sec = gb_per_sec([&](std::vector<float>& piece) {
    std::memcpy(piece.data(), piece.data() + n_floats / 2, n_floats / 2 * sizeof(float));
  });
  return ceiling;
}

/// Bytes of a cache as the kernel tells them, or what is usual. sysconf() tells of all sockets' caches together where
/// this process sees a part of one.
std::size_t cache_bytes(int level, std::size_t usual) {
  for (int i = 0; i < 8; ++i) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", i);
    std::ifstream level_file(folder + "level"), size_file(folder + "size");
    int found = 0;
    std::size_t kib = 0;
    if (level_file >> found && found == level && size_file >> kib && kib > 0) return kib * 1024;
  }
  return usual;
}

}  // namespace

std::optional<double> Ceilings::gflops(Precision kind) const {
  for (const ArithmeticCeiling& ceiling : arithmetic) {
    if (ceiling.kind == kind) return ceiling.gflops;
  }
  return std::nullopt;
}

Ceilings measure_ceilings(int n_threads) {
  ThreadTeam team(n_threads);
  const PeakLoops best = runnable_peak_loops().back();
  Ceilings ceilings;
  ceilings.n_threads = n_threads;
  std::vector<PeakLoop> loops = {best.multiply_add};
  for (const PeakLoop& loop : runnable_narrow_loops()) loops.push_back(loop);
  for (const PeakLoop& loop : loops) {
    ceilings.arithmetic.push_back({loop.kind, loop.instruction, measure_arithmetic(loop, team)});
  }

  // A second-level cache belongs to one core, the third-level one to all.
  const auto threads = static_cast<std::size_t>(n_threads);
  const std::size_t l2 = cache_bytes(2, std::size_t{1} << 20);
  const std::size_t l3 = cache_bytes(3, std::size_t{16} << 20);
  const auto physical =
      static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  ceilings.memory.push_back(measure_memory("L2", threads * l2 / 2, best, team));
  // Where the second-level caches are as large there is nothing to tell apart.
  if (l3 / 2 > 2 * threads * l2) ceilings.memory.push_back(measure_memory("L3", l3 / 2, best, team));
  ceilings.memory.push_back(measure_memory("memory", std::min(4 * l3, physical / 4), best, team));
  return ceilings;
}

}  // namespace yourmt3
