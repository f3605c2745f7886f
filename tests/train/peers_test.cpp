#include "train/peers.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <vector>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

PeerPlace place_in(const std::map<std::string, std::string>& variables) {
  return peer_place([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(PeerPlace, IsAloneWithoutALauncher) {
  EXPECT_EQ(place_in({}).size, 1);
  EXPECT_EQ(place_in({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).size, 1)
      << "in a batch script that srun has not started";
  EXPECT_EQ(place_in({{"JOB_COMPLETION_INDEX", "3"}}).size, 1) << "one of many jobs that have nothing to do with it";
}

TEST(PeerPlace, ReadsWhatEveryLauncherSets) {
  const PeerPlace torchrun = place_in({{"RANK", "3"},
                                       {"WORLD_SIZE", "4"},
                                       {"LOCAL_RANK", "1"},
                                       {"LOCAL_WORLD_SIZE", "2"},
                                       {"MASTER_ADDR", "node-a"},
                                       {"MASTER_PORT", "1234"}});
  EXPECT_EQ(torchrun.rank, 3);
  EXPECT_EQ(torchrun.size, 4);
  EXPECT_EQ(torchrun.local_rank, 1);
  EXPECT_EQ(torchrun.address, "node-a");
  EXPECT_EQ(torchrun.port, 1234);
  EXPECT_FALSE(torchrun.attempt.has_value());

  const PeerPlace mpirun = place_in({{"OMPI_COMM_WORLD_RANK", "1"},
                                     {"OMPI_COMM_WORLD_SIZE", "2"},
                                     {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                                     {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
  EXPECT_EQ(mpirun.rank, 1);
  EXPECT_EQ(mpirun.size, 2);
  EXPECT_EQ(mpirun.address, "127.0.0.1") << "all on one machine";

  const PeerPlace srun = place_in(
      {{"SLURM_PROCID", "5"}, {"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_LOCALID", "1"}, {"MASTER_ADDR", "node-a"}});
  EXPECT_EQ(srun.rank, 5);
  EXPECT_EQ(srun.size, 8);
  EXPECT_EQ(srun.local_rank, 1);

  const PeerPlace job = place_in({{"JOB_COMPLETION_INDEX", "2"}, {"WORLD_SIZE", "3"}, {"MASTER_ADDR", "train-0"}});
  EXPECT_EQ(job.rank, 2);
  EXPECT_EQ(job.size, 3);
}

TEST(Peers, MeetWhereTheirLauncherListens) {
  c10d::TCPStoreOptions options;
  options.port = 0;  // Any that is free.
  options.isServer = true;
  options.waitWorkers = false;
  const c10d::TCPStore launcher("127.0.0.1", options);
  double sums[2] = {1, 2};
  std::vector<std::thread> threads;
  for (int rank = 0; rank < 2; ++rank) {
    threads.emplace_back([&, rank] {
      const PeerPlace place = place_in({{"RANK", std::to_string(rank)},
                                        {"WORLD_SIZE", "2"},
                                        {"MASTER_ADDR", "127.0.0.1"},
                                        {"MASTER_PORT", std::to_string(launcher.getPort())},
                                        {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                        {"TORCHELASTIC_RESTART_COUNT", "1"}});
      const Peers peers(place, 30);
      peers.sum({&sums[rank], 1});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sums[0], 3);
  EXPECT_EQ(sums[1], 3);
}

TEST(PeerPlace, RefusesWhatContradictsItselfOrIsMissing) {
  const auto message = [](const std::map<std::string, std::string>& variables) -> std::string {
    try {
      place_in(variables);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_NE(message({{"RANK", "4"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "a"}}).find("RANK is 4"), std::string::npos);
  EXPECT_NE(message({{"RANK", "one"}, {"WORLD_SIZE", "4"}}).find("'one'"), std::string::npos);
  EXPECT_NE(message({{"RANK", "1"}, {"WORLD_SIZE", "4"}}).find("set MASTER_ADDR"), std::string::npos);
  EXPECT_NE(message({{"WORLD_SIZE", "2"}}).find("RANK is not set"), std::string::npos);
}

TEST(Peers, OneAloneAddsNothing) {
  const Peers alone;
  double values[] = {1, 2};
  alone.sum(values);
  EXPECT_EQ(values[1], 2);
  EXPECT_TRUE(alone.alone() && alone.first());
}

}  // namespace
}  // namespace yourmt3
