// Whole experiments of seconds, through the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ProgramRun;
using testing::RunOptions;
using testing::TemporaryFolder;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Two variants of a mixture of experts that hardly learn, on music of seconds.
fs::path write_experiment(const TemporaryFolder& folder) {
  std::ofstream(folder / "tiny.toml") << R"(
title = "Tiny"
question = "Does it run?"
seeds = [1]
[base]
file = ")" YOURMT3_TEST_SOURCE_DIR R"(/experiments/base/small_t5.toml"
[base.model.encoder]
feed_forward = "moe"
n_experts = 3
d_model = 32
d_kv = 16
[base.model.decoder]
d_model = 32
d_kv = 16
d_ff = 32
max_length = 64
[base.batch]
size = 4
group_batches = 1
[base.run]
workers = 1
log_steps = 2
validation_steps = 4
validation_segments = 4
[base.schedule]
total_steps = 8
[[data]]
name = "lines"
[data.compose]
tracks = 6
validation_tracks = 2
seconds = 4
[data.compose.lines]
ensembles = [[0], [0, 48]]
[[variant]]
name = "off"
says = "no mixing"
set = { stems = { max_k = 0 } }
[[variant]]
name = "on"
says = "mixing"
at = { max_k = 3 }
[evaluate]
experts = true
by_instrument = true
[[evaluate.effect]]
name = "noise"
levels = [-20]
[report]
scores = ["onset_f1"]
can_conclude = ["That it runs."]
)";
  return folder / "tiny.toml";
}

ProgramRun experiment(const fs::path& file, const fs::path& out, std::vector<std::string> more = {},
                      const RunOptions& given = {}) {
  RunOptions options = given;
  options.program = YOURMT3_TEST_TRAIN_PROGRAM;
  options.environment = {{"OMP_NUM_THREADS", "1"}};
  more.insert(more.begin(), {"experiment", file.string(), "--out", out.string()});
  return testing::run_program(more, options);
}

TEST(ExperimentProgram, ComposesTrainsTranscribesAndReports) {
  const TemporaryFolder folder;
  const fs::path file = write_experiment(folder), out = folder / "out";
  const ProgramRun run = experiment(file, out);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, (out / "report.md").string() + "\n");

  const std::string report = text_of(out / "report.md");
  EXPECT_THAT(report,
              AllOf(HasSubstr("# Tiny"), HasSubstr("Does it run?"), HasSubstr("## Variants"),
                    HasSubstr("## Training material"), HasSubstr("### lines (2 tracks)"), HasSubstr("## By instrument"),
                    HasSubstr("### noise on lines"), HasSubstr("## Experts"), HasSubstr("- That it runs.")));
  const auto facts = nlohmann::json::parse(text_of(out / "report.json"));
  EXPECT_EQ(facts.at("scale"), "small");
  ASSERT_EQ(facts.at("variants").size(), 2u);
  for (const auto& variant : facts.at("variants")) EXPECT_EQ(variant.at("segments"), 32);
  EXPECT_EQ(facts.at("mixing").at("off").at("added"), 0);
  EXPECT_GT(facts.at("mixing").at("on").at("added"), 0);
  EXPECT_EQ(facts.at("experts").at("on").at("layers").size(), 1u);
  for (const auto& entry : fs::directory_iterator(out)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(!name.ends_with(".svg") || report.find(name) != std::string::npos) << name;
  }

  // Nothing is done twice.
  const auto trained = fs::last_write_time(out / "runs" / "off-1" / "model.safetensors");
  fs::remove_all(out / "runs" / "on-1");
  fs::remove(out / "report.md");
  const ProgramRun again = experiment(file, out, {"--resume"});
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(fs::last_write_time(out / "runs" / "off-1" / "model.safetensors"), trained);
  const auto repeated = nlohmann::json::parse(text_of(out / "report.json"));
  EXPECT_EQ(repeated.at("scores"), facts.at("scores")) << "the same draws give the same network";

  const ProgramRun fresh = experiment(file, out);
  EXPECT_EQ(fresh.status, 2);
  EXPECT_THAT(fresh.err, HasSubstr("--resume"));
  const ProgramRun other = experiment(file, out, {"--resume", "--set", "base.schedule.total_steps=9"});
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.err, HasSubstr("other settings"));
}

TEST(ExperimentProgram, GoesOnWhereItWasInterrupted) {
  const TemporaryFolder folder;
  const fs::path file = write_experiment(folder), out = folder / "out";
  RunOptions options;
  options.interrupt_after_bytes = 150;  // A few steps into the first variant.
  options.interrupt_signal = SIGTERM;
  const ProgramRun stopped = experiment(file, out, {}, options);
  ASSERT_EQ(stopped.status, 143) << stopped.err;
  EXPECT_FALSE(fs::exists(out / "report.md"));
  EXPECT_FALSE(fs::exists(out / "report.json"));
  const ProgramRun resumed = experiment(file, out, {"--resume"});
  ASSERT_EQ(resumed.status, 0) << resumed.err;

  const ProgramRun whole = experiment(file, folder / "whole");
  ASSERT_EQ(whole.status, 0) << whole.err;
  EXPECT_EQ(nlohmann::json::parse(text_of(out / "report.json")).at("scores"),
            nlohmann::json::parse(text_of(folder / "whole" / "report.json")).at("scores"));
}

TEST(ExperimentProgram, SaysWhatIsWrongBeforeItBegins) {
  const TemporaryFolder folder;
  const fs::path file = write_experiment(folder);
  const ProgramRun misspelt = experiment(file, folder / "out", {"--set", "base.schedule.total_stepz=9"});
  EXPECT_EQ(misspelt.status, 1);
  EXPECT_THAT(misspelt.err, HasSubstr("variant 'off': 'schedule' has no field 'total_stepz'"));
  EXPECT_FALSE(fs::exists(folder / "out"));
  EXPECT_THAT(experiment(folder / "none.toml", folder / "out").err, HasSubstr("none.toml"));
}

}  // namespace
}  // namespace yourmt3
