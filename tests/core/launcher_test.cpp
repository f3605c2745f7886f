#include "core/launcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::HasSubstr;

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

void expect_place(const std::map<std::string, std::string>& variables, int rank, int size) {
  const auto place = launcher_place(environment(variables));
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->rank, rank);
  EXPECT_EQ(place->size, size);
}

TEST(Launcher, EachTellsThePlaceOfAProcess) {
  expect_place({{"RANK", "3"}, {"WORLD_SIZE", "4"}}, 3, 4);
  expect_place({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}}, 1, 2);
  expect_place({{"PMI_RANK", "0"}, {"PMI_SIZE", "6"}}, 0, 6);
  expect_place({{"SLURM_PROCID", "5"}, {"SLURM_STEP_NUM_TASKS", "8"}}, 5, 8);
  expect_place({{"JOB_COMPLETION_INDEX", "2"}, {"WORLD_SIZE", "3"}}, 2, 3);
}

TEST(Launcher, TheInnermostCounts) {
  // Slurm starts the daemons of MPI, and numbers those.
  expect_place({{"OMPI_COMM_WORLD_RANK", "3"},
                {"OMPI_COMM_WORLD_SIZE", "4"},
                {"SLURM_PROCID", "0"},
                {"SLURM_STEP_NUM_TASKS", "1"}},
               3, 4);
  // torchrun in a pod of an indexed job, whose index has nothing to do with WORLD_SIZE.
  expect_place({{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"JOB_COMPLETION_INDEX", "7"}}, 1, 2);
}

TEST(Launcher, HalfOfWhatOneTellsIsNoLauncher) {
  EXPECT_FALSE(launcher_place(environment({})));
  EXPECT_FALSE(launcher_place(environment({{"RANK", "1"}})));
  EXPECT_FALSE(launcher_place(environment({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}})))
      << "in a batch script, which srun has not started";
}

TEST(Launcher, RefusesNumbersThatAreNoneOrContradictEachOther) {
  const auto message = [](const std::map<std::string, std::string>& variables) -> std::string {
    try {
      launcher_place(environment(variables));
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message({{"RANK", "4"}, {"WORLD_SIZE", "4"}}), HasSubstr("RANK is 4, but WORLD_SIZE is 4"));
  EXPECT_THAT(message({{"PMI_RANK", "-1"}, {"PMI_SIZE", "4"}}), HasSubstr("PMI_RANK is '-1'"));
  EXPECT_THAT(message({{"RANK", "0"}, {"WORLD_SIZE", "0"}}), HasSubstr("WORLD_SIZE is '0'"));
  EXPECT_THAT(message({{"RANK", "1 "}, {"WORLD_SIZE", "4"}}), HasSubstr("RANK is '1 '"));
}

}  // namespace
}  // namespace yourmt3
