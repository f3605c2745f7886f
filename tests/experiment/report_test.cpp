#include "experiment/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace yourmt3 {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TrackOutcome track(const std::string& id, double f1) {
  TrackOutcome outcome;
  outcome.id = id;
  outcome.scores = {{"onset_f1", f1}};
  outcome.instruments["Piano"] = {100, 100, static_cast<long>(100 * f1)};
  outcome.errors.counts[static_cast<int>(NoteOutcome::kCorrect)] = static_cast<long>(100 * f1);
  outcome.errors.counts[static_cast<int>(NoteOutcome::kMissed)] = 100 - static_cast<long>(100 * f1);
  outcome.errors_by_class["Piano"] = outcome.errors;
  return outcome;
}

RunResult trained(const std::string& variant, std::uint64_t seed, double f1) {
  RunResult run;
  run.variant = variant;
  run.seed = seed;
  run.training = {{"seconds", 120}, {"steps", 100}, {"segments", 800}, {"parameters", 1234}, {"workers", 2}};
  run.mixing = {{"added", 1.25},
                {"skipped_unannotated", 0},
                {"skipped_overlap", 0.5},
                {"stopped_by_length", 0},
                {"rows_dropped", 0.125},
                {"groups", 3},
                {"events", 40}};
  run.metrics = {{{"kind", "train"}, {"segments", 400}, {"loss", 3}},
                 {{"kind", "validation"}, {"segments", 400}, {"loss", 2.5}},
                 {{"kind", "validation"}, {"segments", 800}, {"loss", 2}}};
  run.outcomes = {{"held", "", 0, {track("t1", f1), track("t2", f1 + 0.1)}}};
  return run;
}

ExperimentVariant variant(const std::string& name, const std::string& says, double k) {
  ExperimentVariant made;
  made.name = name;
  made.says = says;
  made.at["k"] = k;
  return made;
}

Experiment two_variants() {
  Experiment experiment;
  experiment.name = "test";
  experiment.title = "A title";
  experiment.question = "A question?";
  experiment.scale = "small";
  experiment.seeds = {1, 2};
  experiment.variants = {variant("off", "nothing", 0), variant("on", "something | else", 3)};
  experiment.report.scores = {"onset_f1"};
  experiment.report.can_conclude = {"It runs."};
  experiment.report.cannot_conclude = {"Anything about music."};
  experiment.document = {{"title", "A title"}};
  return experiment;
}

Results two_results() {
  return Results({trained("off", 1, 0.2), trained("off", 2, 0.4), trained("on", 1, 0.5), trained("on", 2, 0.7)});
}

TEST(Report, HasScoresWithSpreadAndDifference) {
  const auto files = make_report(two_variants(), two_results(), {"the command", "the machine"});
  EXPECT_THAT(files.markdown, AllOf(HasSubstr("# A title"), HasSubstr("A question?"), HasSubstr("the command"),
                                    HasSubstr("the machine")));
  // Means over tracks are 0.25 and 0.45, and 0.55 and 0.75; their deviation over seeds is 0.2 / sqrt(2).
  EXPECT_THAT(files.markdown, HasSubstr("| off | 0.350 ± 0.141 ["));
  EXPECT_THAT(files.markdown, HasSubstr("| on | 0.650 ± 0.141 ["));
  EXPECT_THAT(files.markdown, HasSubstr("+0.300 [0.300, 0.300] *"));
  EXPECT_THAT(files.markdown, HasSubstr("something \\| else"));
  EXPECT_THAT(files.markdown, AllOf(HasSubstr("## What can be concluded\n\n- It runs."),
                                    HasSubstr("## What cannot be concluded\n\n- Anything about music.\n")));

  const json facts = json::parse(files.json);
  EXPECT_EQ(facts.at("command"), "the command");
  EXPECT_EQ(facts.at("config_hash"), config_hash(two_variants().document));
  EXPECT_NEAR(facts.at("scores").at(1).at("mean").get<double>(), 0.65, 1e-12);
  EXPECT_EQ(facts.at("variants").at(0).at("segments"), 800);
  EXPECT_EQ(facts.at("mixing").at("on").at("added"), 1.25);
}

TEST(Report, RefersToThePicturesThatItHas) {
  const auto files = make_report(two_variants(), two_results(), {"", ""});
  EXPECT_TRUE(files.pictures.contains("learning-loss.svg"));
  EXPECT_TRUE(files.pictures.contains("curve-k.svg"));
  EXPECT_FALSE(files.pictures.contains("learning-onset_f.svg")) << "nothing was recorded";
  for (const auto& [name, picture] : files.pictures) {
    EXPECT_THAT(files.markdown, HasSubstr("(" + name + ")"));
    EXPECT_THAT(picture, HasSubstr("<svg"));
  }
}

TEST(Report, ProfilesEffectsAndNamesWhatGoesWrong) {
  Experiment experiment = two_variants();
  experiment.variants.resize(1);
  experiment.evaluation.effects = {{Effect::kReverb, {-9, 0}}};
  RunResult run;
  run.variant = "off";
  run.outcomes = {{"held", "", 0, {track("t1", 0.8)}},
                  {"held", "reverb", -9, {track("t1", 0.6)}},
                  {"held", "reverb", 0, {track("t1", 0.3)}}};
  const auto files = make_report(experiment, Results({run}), {"", ""});
  EXPECT_THAT(files.markdown, Not(HasSubstr("## Variants"))) << "nothing was trained";
  EXPECT_THAT(files.markdown, HasSubstr("| off | 0.800 | 0.600 | 0.300 |"));
  EXPECT_THAT(files.markdown, HasSubstr("| Piano | 100 | 0.800 | 0.300 |"));
  EXPECT_THAT(files.markdown, HasSubstr("| reverb 0 dB | missed +0.50 |"));
  EXPECT_TRUE(files.pictures.contains("effect-held-reverb.svg"));
  EXPECT_TRUE(files.pictures.contains("profile-held-off.svg"));
}

TEST(Report, TellsWhatExpertsAreActive) {
  Experiment experiment = two_variants();
  experiment.variants.resize(1);
  RunResult run = trained("off", 1, 0.2);
  const json rows = {{"lines", {{"positions", 10}, {"load", {0.5, 0.5}}}}};
  const json table = {{"information_bits", 0.25}, {"rows", rows}};
  run.experts = {{"layers",
                  {{{"layer", "encoder.a"},
                    {"load", {0.5, 0.5}},
                    {"router_weight", {0.6, 0.4}},
                    {"entropy", 1.0},
                    {"data_set", table},
                    {"instrument_group", table},
                    {"token_type", table},
                    {"latent", {{"information_bits", 0.0}, {"rows", json::object()}}}}}}};
  const auto files = make_report(experiment, Results({run}), {"", ""});
  EXPECT_THAT(files.markdown, HasSubstr("| off | 1.000 | 0.250 | 0.250 | 0.250 | 0.000 |"));
  EXPECT_TRUE(files.pictures.contains("experts-off-data_set.svg"));
  EXPECT_FALSE(files.pictures.contains("experts-off-latent.svg"));
}

TEST(RunResult, IsReadAsItWasWritten) {
  const RunResult run = trained("on", 2, 0.5);
  EXPECT_EQ(to_json(result_of(json::parse(to_json(run).dump()))), to_json(run));
}

}  // namespace
}  // namespace yourmt3
