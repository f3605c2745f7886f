#include "cli/shard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "cli/verb.h"

namespace yourmt3::cli {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

Environment environment(Variables variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

void expect_shard(const Shard& shard, int index, int count) {
  EXPECT_EQ(shard.index, index);
  EXPECT_EQ(shard.count, count);
}

std::string refusal(const std::string& text, const Variables& variables = {}) {
  try {
    parse_shard(text, environment(variables));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

Variables array_task(int id, int count, int first, int last, int step = 1) {
  return {{"SLURM_JOB_ID", "77"},
          {"SLURM_ARRAY_TASK_ID", std::to_string(id)},
          {"SLURM_ARRAY_TASK_COUNT", std::to_string(count)},
          {"SLURM_ARRAY_TASK_MIN", std::to_string(first)},
          {"SLURM_ARRAY_TASK_MAX", std::to_string(last)},
          {"SLURM_ARRAY_TASK_STEP", std::to_string(step)}};
}

Variables with(Variables variables, const Variables& more) {
  variables.insert(more.begin(), more.end());
  return variables;
}

TEST(Shard, IsWrittenFromOneOn) {
  expect_shard(parse_shard("1/8", environment({})), 0, 8);
  expect_shard(parse_shard("8/8", environment({})), 7, 8);
  expect_shard(parse_shard("", environment({{"RANK", "1"}, {"WORLD_SIZE", "2"}})), 0, 1);
  for (const char* wrong : {"0/8", "9/8", "3", "a/b", "3/", "/8", "3/8/9", "1/0", "-1/8", "1/99999999999", "Auto"}) {
    EXPECT_THAT(refusal(wrong), HasSubstr("expected I/N")) << wrong;
  }
}

TEST(Shard, EveryNameBelongsToExactlyOne) {
  for (const int count : {1, 2, 3, 8, 64}) {
    std::vector<int> names_of(static_cast<std::size_t>(count));
    for (int i = 0; i < 6400; ++i) {
      const std::string name = fmt::format("album {}/track {:02}.flac", i / 10, i % 10);
      int holders = 0;
      for (int index = 0; index < count; ++index) {
        if (!Shard{index, count}.holds(name)) continue;
        ++holders;
        ++names_of[static_cast<std::size_t>(index)];
      }
      ASSERT_EQ(holders, 1) << name;
    }
    // Six standard deviations of a fair draw for 64 shards, more for fewer.
    const int fair = 6400 / count;
    EXPECT_THAT(names_of, Each(::testing::AllOf(::testing::Ge(fair * 4 / 10), ::testing::Le(fair * 16 / 10)))) << count;
  }
}

TEST(Shard, BelongingsStayWhatTheyAreInEveryVersion) {
  // Journals of different versions and machines would not fit together otherwise.
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) {
    if (Shard{1, 3}.holds(fmt::format("song{}.wav", i))) names.push_back(fmt::format("song{}.wav", i));
  }
  EXPECT_EQ(fmt::format("{}", fmt::join(names, " ")), "song1.wav song5.wav song8.wav");
}

TEST(Shard, ComesFromEveryLauncher) {
  expect_shard(parse_shard("auto", environment({{"SLURM_PROCID", "2"}, {"SLURM_STEP_NUM_TASKS", "4"}})), 2, 4);
  expect_shard(parse_shard("auto", environment({{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "3"}})), 1, 3);
  expect_shard(parse_shard("auto", environment({{"PMI_RANK", "1"}, {"PMI_SIZE", "3"}})), 1, 3);
  expect_shard(parse_shard("auto", environment({{"JOB_COMPLETION_INDEX", "0"}, {"WORLD_SIZE", "5"}})), 0, 5);
  expect_shard(parse_shard("auto", environment(array_task(7, 4, 1, 10, 3))), 2, 4);
}

TEST(Shard, TheTasksOfEveryArrayTaskShareItsPart) {
  std::vector<bool> taken(12);
  for (int task = 0; task < 4; ++task) {
    for (int process = 0; process < 3; ++process) {
      const Shard shard = parse_shard(
          "auto", environment(with(array_task(task, 4, 0, 3),
                                   {{"SLURM_PROCID", std::to_string(process)}, {"SLURM_STEP_NUM_TASKS", "3"}})));
      EXPECT_EQ(shard.count, 12);
      taken[static_cast<std::size_t>(shard.index)] = true;
    }
  }
  EXPECT_THAT(taken, Each(true));
}

TEST(Shard, AnEnvironmentThatSaysNothingOrContradictsItselfIsRefused) {
  EXPECT_THAT(refusal("auto"), HasSubstr("say --shard I/N"));
  EXPECT_THAT(refusal("auto", {{"SLURM_JOB_ID", "7"}, {"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "0"}}),
              HasSubstr("start it with srun"));
  EXPECT_THAT(refusal("auto", with(array_task(0, 2, 0, 1), {{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "0"}})),
              HasSubstr("start it with srun"));
  EXPECT_THAT(refusal("auto", {{"JOB_COMPLETION_INDEX", "3"}}), HasSubstr("give the pods WORLD_SIZE"));
  EXPECT_THAT(refusal("auto", {{"RANK", "5"}, {"WORLD_SIZE", "4"}}), HasSubstr("RANK is 5, but WORLD_SIZE is 4"));
  // sbatch --array=3,7: two of how many?
  EXPECT_THAT(refusal("auto", array_task(7, 2, 3, 7)), HasSubstr("submit the whole array"));
  EXPECT_THAT(refusal("auto", array_task(4, 3, 1, 5, 2)), HasSubstr("submit the whole array"));
}

TEST(Shard, HasAFileOfItsOwn) {
  EXPECT_EQ(shard_file("log/run.jsonl", {2, 8}), "log/run.3-of-8.jsonl");
  EXPECT_EQ(shard_file("run", {0, 2}), "run.1-of-2");
  EXPECT_EQ(shard_file("log/run.jsonl", {0, 1}), "log/run.jsonl");
  for (const char* name : {"run.jsonl", "run.1-of-2.jsonl", "run.12-of-400.jsonl"}) {
    EXPECT_TRUE(is_shard_file("log/run.jsonl", name)) << name;
  }
  for (const char* name : {"run.1-of-2", "run.x-of-2.jsonl", "run.1-of-.jsonl", "run..jsonl", "rerun.1-of-2.jsonl"}) {
    EXPECT_FALSE(is_shard_file("log/run.jsonl", name)) << name;
  }
}

}  // namespace
}  // namespace yourmt3::cli
