#include "engine/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace yourmt3 {
namespace {

TEST(ThreadTeam, DoesEveryTaskOnceForAnyNumberOfThreads) {
  for (const int n_threads : {1, 2, 3, 8}) {
    ThreadTeam team(n_threads);
    EXPECT_EQ(team.n_threads(), n_threads);
    for (int n_tasks = 0; n_tasks < 50; ++n_tasks) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(n_tasks));
      team.run(n_tasks, [&](int task, int thread) {
        EXPECT_TRUE(thread >= 0 && thread < n_threads);
        ++done[static_cast<std::size_t>(task)];
      });
      for (const auto& n : done) ASSERT_EQ(n, 1);
    }
  }
}

TEST(ThreadTeam, TasksThatRunTogetherHaveDifferentThreadNumbers) {
  ThreadTeam team(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::atomic<int>> inside(4);
    team.run(16, [&](int, int thread) {
      EXPECT_EQ(inside[static_cast<std::size_t>(thread)]++, 0);
      std::this_thread::yield();
      --inside[static_cast<std::size_t>(thread)];
    });
  }
}

TEST(ThreadTeam, WakesAfterSleeping) {
  ThreadTeam team(2);
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> n{0};
    team.run(10, [&](int, int) { ++n; });
    EXPECT_EQ(n, 10);
  }
}

TEST(ThreadTeam, RethrowsTheFirstExceptionAndGoesOnWorking) {
  for (const int n_threads : {1, 3}) {
    ThreadTeam team(n_threads);
    EXPECT_THROW(team.run(20,
                          [](int task, int) {
                            if (task == 7) throw std::runtime_error("seven");
                          }),
                 std::runtime_error);
    std::atomic<int> n{0};
    team.run(20, [&](int, int) { ++n; });
    EXPECT_EQ(n, 20);
  }
}

TEST(ThreadTeam, ServesSeveralCallersAtATime) {
  ThreadTeam team(2);
  std::atomic<int> n{0};
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) team.run(7, [&](int, int) { ++n; });
    });
  }
  callers.clear();
  EXPECT_EQ(n, 3 * 300 * 7);
}

}  // namespace
}  // namespace yourmt3
