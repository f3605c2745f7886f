#include "core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace yourmt3 {
namespace {

TEST(ParallelFor, VisitsEachIndexOnce) {
  for (const int n_threads : {0, 1, 2, 7}) {
    std::vector<std::atomic<int>> visits(100);
    parallel_for(visits.size(), n_threads, [&](std::size_t i) { ++visits[i]; });
    for (const auto& count : visits) EXPECT_EQ(count, 1);
  }
}

TEST(ParallelFor, RethrowsTheFirstErrorAndSkipsTheRest) {
  std::atomic<int> begun{0};
  EXPECT_THROW(parallel_for(1000000, 2,
                            [&](std::size_t) {
                              ++begun;
                              throw std::runtime_error("broken");
                            }),
               std::runtime_error);
  EXPECT_LE(begun, 2);
}

TEST(ParallelFor, TakesNoItems) {
  parallel_for(0, 4, [](std::size_t) { FAIL(); });
}

}  // namespace
}  // namespace yourmt3
