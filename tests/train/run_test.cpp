// Whole runs of the program itself, alone and in several processes.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <future>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
using testing::ProgramRun;
namespace fs = std::filesystem;

std::vector<json> lines_of(const fs::path& run, const std::string& kind) {
  std::vector<json> lines;
  std::ifstream file(run / "metrics.jsonl");
  for (std::string line; std::getline(file, line);) {
    json parsed = json::parse(line);
    if (parsed.at("kind") == kind) lines.push_back(std::move(parsed));
  }
  return lines;
}

/// A port of this machine that nobody listens at.
std::string free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(descriptor, any, size) == 0 && ::getsockname(descriptor, any, &size) == 0;
  ::close(descriptor);
  if (!bound) throw std::runtime_error("no free port");
  return std::to_string(ntohs(address.sin_port));
}

struct Launch {
  int n_processes = 1;
  int signal = SIGINT;
  int signal_after_bytes = -1;  ///< Of the first process's stderr.
  int killed_rank = -1;         ///< This one gets SIGKILL once metrics.jsonl has three steps.
};

/// Starts yourmt3-train once for each process, as torchrun would, and waits for all.
std::vector<ProgramRun> train(const fs::path& run, std::vector<std::string> arguments, const Launch& launch = {}) {
  arguments.insert(arguments.begin(),
                   {"train", YOURMT3_TEST_SOURCE_DIR "/configs/overfit.toml", "--out", run.string()});
  const std::string port = free_port();
  std::vector<std::future<ProgramRun>> processes;
  for (int rank = 0; rank < launch.n_processes; ++rank) {
    testing::RunOptions options;
    options.program = YOURMT3_TEST_TRAIN_PROGRAM;
    options.environment = {{"OMP_NUM_THREADS", "1"}};
    if (launch.n_processes > 1) {
      options.environment.insert({{"RANK", std::to_string(rank)},
                                  {"WORLD_SIZE", std::to_string(launch.n_processes)},
                                  {"LOCAL_WORLD_SIZE", std::to_string(launch.n_processes)},
                                  {"MASTER_ADDR", "127.0.0.1"},
                                  {"MASTER_PORT", port}});
    }
    if (rank == 0) {
      options.interrupt_after_bytes = launch.signal_after_bytes;
      options.interrupt_signal = launch.signal;
    }
    if (rank == launch.killed_rank) {
      // The shell has the status of what it waited for.
      std::vector<std::string> wrapped = {
          "-c",
          "\"$@\" & until [ \"$(grep -c '\"train\"' \"$0\" 2> /dev/null)\" -ge 3 ] 2> /dev/null; do sleep 0.02; done;"
          " kill -9 $!; wait $!",
          (run / "metrics.jsonl").string(), options.program};
      wrapped.insert(wrapped.end(), arguments.begin(), arguments.end());
      options.program = "/bin/sh";
      processes.push_back(std::async(std::launch::async, [=] { return testing::run_program(wrapped, options); }));
      continue;
    }
    processes.push_back(std::async(std::launch::async, [=] { return testing::run_program(arguments, options); }));
  }
  std::vector<ProgramRun> runs;
  for (auto& process : processes) runs.push_back(process.get());
  return runs;
}

TEST(Training, LearnsEightSegmentsByHeartAndWritesThemExactly) {
  const testing::TemporaryFolder folder;
  const ProgramRun run = train(folder / "run", {}).front();
  ASSERT_EQ(run.status, 0) << run.err;
  const auto steps = lines_of(folder / "run", "train");
  ASSERT_FALSE(steps.empty());
  EXPECT_NEAR(steps.front().at("loss").get<double>(), std::log(598), 2) << "nothing is known at first";
  EXPECT_LT(steps.back().at("loss").get<double>(), 0.02);
  const auto validations = lines_of(folder / "run", "validation");
  ASSERT_FALSE(validations.empty());
  EXPECT_EQ(validations.back().at("exact"), 1.0);
}

TEST(Training, StopsAtASignalAndGoesOnFromThere) {
  const testing::TemporaryFolder folder;
  const ProgramRun stopped = train(folder / "run", {}, {1, SIGTERM, 400}).front();
  EXPECT_EQ(stopped.status, 143) << stopped.err;
  const std::size_t before = lines_of(folder / "run", "train").size();
  ASSERT_GT(before, 0u);
  const ProgramRun resumed = train(folder / "run", {"--resume", "--max-steps", "2"}).front();
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  const auto lines = lines_of(folder / "run", "train");
  ASSERT_EQ(lines.size(), before + 2);
  EXPECT_EQ(lines.back().at("step"), before + 2);
}

TEST(distributed, TwoProcessesLearnWhatOneWithTwiceTheBatchDoes) {
  const testing::TemporaryFolder folder;
  const std::vector<std::string> common = {"--max-steps", "8", "--set", "run.workers=1"};
  std::vector<std::string> one = common, two = common;
  one.insert(one.end(), {"--set", "batch.size=4"});
  two.insert(two.end(), {"--set", "batch.size=2"});
  ASSERT_EQ(train(folder / "one", one).front().status, 0);
  for (const ProgramRun& run : train(folder / "two", two, {2})) ASSERT_EQ(run.status, 0) << run.err;
  const auto alone = lines_of(folder / "one", "train"), together = lines_of(folder / "two", "train");
  ASSERT_EQ(alone.size(), 8u);
  ASSERT_EQ(together.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    // The same sums in float32, added up in another order, through a few updates.
    EXPECT_NEAR(alone[i].at("loss").get<double>(), together[i].at("loss").get<double>(), 2e-3) << i;
    EXPECT_EQ(alone[i].at("segments"), together[i].at("segments"));
  }
  EXPECT_LT(together.back().at("loss").get<double>(), together.front().at("loss").get<double>());
}

TEST(distributed, WhenOneProcessIsKilledTheOtherSaysSoAndTheRunResumes) {
  const testing::TemporaryFolder folder;
  const auto runs =
      train(folder / "run", {"--set", "run.checkpoint_minutes=0", "--set", "run.workers=1"}, {2, SIGKILL, 400});
  EXPECT_EQ(runs[0].status, 128 + SIGKILL);
  EXPECT_EQ(runs[1].status, 1);
  EXPECT_NE(runs[1].err.find("another process of this run is gone"), std::string::npos) << runs[1].err;
  EXPECT_NE(runs[1].err.find("--resume"), std::string::npos) << runs[1].err;
  const auto before = lines_of(folder / "run", "train");
  ASSERT_FALSE(before.empty());
  for (const ProgramRun& run : train(folder / "run", {"--resume", "--max-steps", "2", "--set", "run.workers=1"}, {2})) {
    EXPECT_EQ(run.status, 0) << run.err;
  }
  const auto after = lines_of(folder / "run", "train");
  // At most the update whose checkpoint was not whole is done again.
  EXPECT_GE(after.back().at("step").get<int>(), before.back().at("step").get<int>() + 1);
}

TEST(distributed, WhenOneOfFourIsKilledTheOthersSaySoAndTheRunGoesOnAsIfNothingHadHappened) {
  const testing::TemporaryFolder folder;
  const std::vector<std::string> common = {"--set",       "run.checkpoint_minutes=0", "--set", "run.workers=1", "--set",
                                           "batch.size=2"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), common.begin(), common.end());
    return more;
  };
  Launch launch = {4};
  launch.killed_rank = 2;
  const auto runs = train(folder / "run", with({}), launch);
  EXPECT_EQ(runs[2].status, 128 + SIGKILL);
  for (const int rank : {0, 1, 3}) {
    EXPECT_EQ(runs[rank].status, 1);
    EXPECT_NE(runs[rank].err.find("another process of this run is gone"), std::string::npos) << runs[rank].err;
  }
  for (const ProgramRun& run : train(folder / "run", with({"--resume", "--max-steps", "3"}), {4})) {
    EXPECT_EQ(run.status, 0) << run.err;
  }
  std::map<int, double> losses;  // The last line of a step counts: one without a checkpoint is done again.
  for (const json& line : lines_of(folder / "run", "train")) losses[line.at("step")] = line.at("loss");
  const int last = losses.rbegin()->first;
  EXPECT_EQ(losses.size(), static_cast<std::size_t>(last));
  EXPECT_GE(last, 6);

  for (const ProgramRun& run : train(folder / "unbroken", with({"--max-steps", std::to_string(last)}), {4})) {
    EXPECT_EQ(run.status, 0) << run.err;
  }
  const auto unbroken = lines_of(folder / "unbroken", "train");
  ASSERT_EQ(unbroken.size(), losses.size());
  for (const json& line : unbroken) EXPECT_EQ(line.at("loss").get<double>(), losses.at(line.at("step")));
}

TEST(distributed, AProcessWhoseOthersDoNotComeGivesUp) {
  const testing::TemporaryFolder folder;
  const std::string port = free_port();
  testing::RunOptions options;
  options.program = YOURMT3_TEST_TRAIN_PROGRAM;
  options.environment = {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", port}};
  const ProgramRun run = testing::run_program({"train", YOURMT3_TEST_SOURCE_DIR "/configs/overfit.toml", "--out",
                                               (folder / "run").string(), "--set", "run.peer_timeout_minutes=0.03"},
                                              options);
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.err.find("cannot meet the others at 127.0.0.1:" + port), std::string::npos) << run.err;
}

}  // namespace
}  // namespace yourmt3
