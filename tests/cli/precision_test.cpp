// What fewer bits do to notes, from end to end: a network with every kind of layer of the published large one, and
// music that it knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/known_segments.h"
#include "run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFont = "/usr/share/sounds/sf2/TimGM6mb.sf2";

/// The F1 of notes by pitch, onset and instrument group, of a run in the report.
double note_f1(const nlohmann::json& run, const char* side) {
  return run.at(side).at("multi_onset_f1").get<double>();
}

TEST(Precision, KeepsTheNotesOfKnownMusic) {
  if (!std::filesystem::exists(kFont)) GTEST_SKIP() << "the package timgm6mb-soundfont is not installed";
  TemporaryFolder folder;
  const ProgramRun rendered = run_program({"synth", "--dataset", folder / "pieces", "--tracks", "16", "--song-share",
                                           "0", "--practice-share", "0", "--max-parts", "3", "--shortest", "12",
                                           "--longest", "12", "--soundfont", kFont, "--seed", "26"});
  ASSERT_EQ(rendered.status, 0) << rendered.err;
  write_known_segments(folder / "pieces", folder / "known");
  const ProgramRun compared =
      run_program({"evaluate", "--data", folder / "known", "--model",
                   std::string(YOURMT3_TEST_SOURCE_DIR) + "/tests/cli/known_segments.safetensors",
                   "--compare-precisions", "f32,bf16,int8", "--out", folder / "report", "--json"});
  ASSERT_EQ(compared.status, 0) << compared.err;
  const auto runs = nlohmann::json::parse(compared.out).at(0).at("runs");
  ASSERT_EQ(runs.size(), 3U);
  // Measured: f32 has 0.9696 against the notes that were played, and both others hear exactly its 420 notes. The floors
  // are what users are promised: they leave room for 4 and 8 notes that another processor's rounding may decide.
  EXPECT_GE(note_f1(runs[0], "to_reference"), 0.95);
  EXPECT_EQ(note_f1(runs[0], "to_first"), 1);
  EXPECT_GE(note_f1(runs[1], "to_first"), 0.99);
  EXPECT_GE(note_f1(runs[2], "to_first"), 0.98);
}

TEST(Precision, RefusesWhatCannotBeCompared) {
  const auto refusal = [](const std::string& names) {
    const ProgramRun run = run_program({"evaluate", "--data", "nowhere", "--compare-precisions", names});
    EXPECT_EQ(run.status, 2);
    return run.err;
  };
  EXPECT_THAT(refusal("f32"), HasSubstr("at least two"));
  EXPECT_THAT(refusal("f32,f32"), HasSubstr("'f32' is named twice"));
  EXPECT_THAT(refusal("f32,auto"), HasSubstr("'auto' is none of f32, bf16, int8"));
}

}  // namespace
}  // namespace yourmt3::testing
