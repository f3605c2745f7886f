#include "measure/ceilings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace yourmt3 {
namespace {

TEST(PeakLoops, AllReadEveryFloatOnce) {
  // A multiple of the longest stride: 8 vectors of 16 floats.
  std::vector<float> data(1024);
  std::iota(data.begin(), data.end(), 1.f);
  const auto all = runnable_peak_loops();
  ASSERT_FALSE(all.empty());
  for (const PeakLoops& loops : all) {
    EXPECT_EQ(loops.read(data.data(), data.size()), 1024.f * 1025 / 2) << loops.multiply_add.instruction;
  }
}

TEST(Ceilings, HoldEveryLevelFromTheFastestToTheSlowest) {
  const Ceilings ceilings = measure_ceilings(2);
  EXPECT_EQ(ceilings.n_threads, 2);
  ASSERT_TRUE(ceilings.gflops(Precision::kF32).has_value());
  EXPECT_EQ(ceilings.arithmetic.size(), 1 + runnable_narrow_loops().size());
  for (const ArithmeticCeiling& one : ceilings.arithmetic) {
    EXPECT_GT(one.gflops, 0) << one.instruction;
    EXPECT_EQ(ceilings.gflops(one.kind), one.gflops);
  }
  ASSERT_GE(ceilings.memory.size(), 2u);
  EXPECT_EQ(ceilings.memory.front().level, "L2");
  EXPECT_EQ(ceilings.memory.back().level, "memory");
  for (std::size_t i = 0; i < ceilings.memory.size(); ++i) {
    EXPECT_GT(ceilings.memory[i].read_gb_per_sec, 0) << ceilings.memory[i].level;
    EXPECT_GT(ceilings.memory[i].copy_gb_per_sec, 0) << ceilings.memory[i].level;
    if (i > 0) {
      EXPECT_GT(ceilings.memory[i].bytes, ceilings.memory[i - 1].bytes);
    }
  }
}

}  // namespace
}  // namespace yourmt3
