// Every metric against the reference.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

#include "eval/class_sets.h"
#include "eval/f_measure.h"
#include "eval/frame_scores.h"
#include "eval/melody_scores.h"
#include "eval/note_matching.h"
#include "eval/track_metrics.h"
#include "support/golden.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using nlohmann::json;

// Sums and quotients of some hundred terms in another order; values are at most 1.
constexpr double kTolerance = 1e-9;
// Means over files are kept in float32, whose last bit is 6e-8 near 1.
constexpr double kMeanTolerance = 1e-6;

double number_from(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

void expect_value(double found, const json& recorded, double tolerance, const std::string& where) {
  const double expected = number_from(recorded);
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found)) << where << ": found " << found << ", expected none";
  } else {
    EXPECT_NEAR(found, expected, tolerance) << where;
  }
}

std::vector<Note> notes_from(const json& list) {
  std::vector<Note> notes;
  for (const json& n : list) {
    notes.push_back({n.at(0).get<int>() != 0, n.at(1), number_from(n.at(2)), number_from(n.at(3)), n.at(4), n.at(5)});
  }
  return notes;
}

// [onset, offset, MIDI pitch]
std::vector<Note> plain_notes_from(const json& list) {
  std::vector<Note> notes;
  for (const json& n : list) notes.push_back({false, 100, n.at(0), n.at(1), n.at(2), 1});
  return notes;
}

template <class Check>
void for_each_case(const std::string& relative, const Check& check) {
  const json recording = golden_json(relative);
  ASSERT_FALSE(recording.at("cases").empty()) << relative;
  for (std::size_t i = 0; i < recording["cases"].size(); ++i) {
    const json& item = recording["cases"][i];
    check(item, relative + " case " + std::to_string(i) + " " + item.value("name", std::string()) + " ");
  }
}

void expect_scores(const MatchScore& found, const json& recorded, const std::string& where) {
  if (recorded.is_null()) return;
  expect_value(found.precision(), recorded.at(0), kTolerance, where + "precision");
  expect_value(found.recall(), recorded.at(1), kTolerance, where + "recall");
  expect_value(found.f1(), recorded.at(2), kTolerance, where + "f");
}

TEST(GoldenMetrics, MatchingsAreTheSame) {
  for_each_case("metrics/match.json", [](const json& item, const std::string& where) {
    std::vector<SoundingPitch> reference = to_sounding(plain_notes_from(item.at("ref")));
    std::vector<SoundingPitch> estimate = to_sounding(plain_notes_from(item.at("est")));
    MatchOptions options{.onset_tolerance_sec = item.at("onset_tolerance"),
                         .pitch_tolerance_cents = item.at("pitch_tolerance"),
                         .offset_ratio = std::nullopt,
                         .offset_min_tolerance_sec = item.at("offset_min_tolerance"),
                         .strict = item.at("strict")};
    if (!item.at("offset_ratio").is_null()) options.offset_ratio = item.at("offset_ratio").get<double>();
    if (item.at("result").contains("error")) {
      EXPECT_THROW(match_notes(reference, estimate, options), Error) << where;
      return;
    }
    const json& ok = item.at("result").at("ok");
    const auto pairs = match_notes(reference, estimate, options);
    EXPECT_EQ(json(pairs), ok.at("pairs")) << where;
    EXPECT_EQ(pairs.size(), ok.at("n_matched")) << where;
    expect_value(average_overlap_ratio(reference, estimate, pairs), ok.at("overlap"), kTolerance, where + "overlap");
    const MatchScore score{static_cast<int>(reference.size()), static_cast<int>(estimate.size()),
                           static_cast<int>(pairs.size())};
    expect_scores(score, {ok.at("precision"), ok.at("recall"), ok.at("f")}, where);
    expect_scores(score_onset_times(reference, estimate, options), ok.at("onset_only_prf"), where + "onsets ");
    if (options.offset_ratio) {
      expect_scores(score_offset_times(reference, estimate, options), ok.at("offset_only_prf"), where + "offsets ");
    }
  });
}

TEST(GoldenMetrics, FMeasureHasTheSameEpsilon) {
  for_each_case("metrics/f_measure.json", [](const json& item, const std::string& where) {
    expect_value(f_eps(number_from(item.at("p")), number_from(item.at("r"))), item.at("f"), kTolerance, where);
  });
}

json runs_of(const PianoRoll& roll) {
  json runs = json::array();
  for (std::size_t pitch = 0; pitch < 128; ++pitch) {
    std::size_t t = 0;
    while (t < roll.size()) {
      const std::size_t begin = t;
      while (t < roll.size() && roll[t][pitch]) ++t;
      if (t > begin) runs.push_back({pitch, begin, t});
      if (t == begin) ++t;
    }
  }
  return runs;
}

TEST(GoldenMetrics, PianoRollsAndTheirScoresAreTheSame) {
  for_each_case("metrics/frame.json", [](const json& item, const std::string& where) {
    const PianoRoll reference = piano_roll(notes_from(item.at("ref")));
    const PianoRoll estimate = piano_roll(notes_from(item.at("est")));
    const json& ok = item.at("result").at("ok");
    EXPECT_EQ(reference.size(), ok.at("ref_frames")) << where;
    EXPECT_EQ(estimate.size(), ok.at("est_frames")) << where;
    EXPECT_EQ(runs_of(reference), ok.at("ref_runs")) << where;
    EXPECT_EQ(runs_of(estimate), ok.at("est_runs")) << where;
    expect_value(score_frames(reference, estimate).f1(), ok.at("metrics").at("frame_f"), kTolerance, where);
    expect_value(score_chroma_frames(reference, estimate).f1(), ok.at("metrics").at("frame_f_pc"), kTolerance,
                 where + "chroma");
  });
}

TEST(GoldenMetrics, MelodiesScoreTheSame) {
  for_each_case("metrics/melody.json", [](const json& item, const std::string& where) {
    const MelodyScore found = score_melody(plain_notes_from(item.at("ref")), plain_notes_from(item.at("est")));
    const json& ok = item.at("result").at("ok");
    expect_value(found.raw_pitch, ok.at("melody_rpa"), kTolerance, where + "rpa");
    expect_value(found.raw_chroma, ok.at("melody_rca"), kTolerance, where + "rca");
    expect_value(found.overall, ok.at("melody_oa"), kTolerance, where + "oa");
  });
}

std::vector<std::string> names_from(const json& list) {
  return list.is_null() ? std::vector<std::string>() : list.get<std::vector<std::string>>();
}

void expect_group(const std::map<std::string, WeightedScore>& found, const json& recorded, const std::string& where) {
  for (const auto& [name, value] : recorded.items()) {
    const auto score = found.find(name);
    if (score == found.end()) {
      ADD_FAILURE() << where << name << " is missing";
      continue;
    }
    if (value.is_object()) {
      expect_value(score->second.value, value.at("value"), kTolerance, where + name);
      expect_value(score->second.weight, value.at("weight"), 0, where + name + " weight");
    } else {
      expect_value(score->second.value, value, kTolerance, where + name);
    }
  }
  EXPECT_EQ(found.size(), recorded.size()) << where;
}

TEST(GoldenMetrics, FilesGetTheSameScores) {
  for_each_case("metrics/track_metrics.json", [](const json& item, const std::string& where) {
    TrackMetricOptions options;
    const json& classes = item.at("eval_vocab");
    if (classes.is_string() && classes != "None") options.classes = &class_set(classes.get<std::string>());
    const json& drums = item.at("drum_vocab");
    if (drums.is_string() && drums != "None") options.drums = &drum_vocabulary(drums.get<std::string>());
    options.onset_tolerance_sec = item.at("onset_tolerance");
    options.pitch_class_for = names_from(item.at("pitch_class_for"));
    options.melody_for = names_from(item.at("melody_for"));
    options.frame = item.at("frame");
    options.micro = item.at("micro");
    options.multi = item.at("multi");
    const auto compute = [&] {
      return compute_track_metrics(notes_from(item.at("ref")), notes_from(item.at("est")), options);
    };
    if (item.at("result").contains("error")) {
      EXPECT_THROW(compute(), Error) << where;
      return;
    }
    const TrackMetrics found = compute();
    const json& ok = item.at("result").at("ok");
    expect_group(found.drum, ok.at("drum"), where);
    expect_group(found.non_drum, ok.at("non_drum"), where);
    expect_group(found.instrument, ok.at("instrument"), where);
  });
}

std::map<std::string, WeightedScore> group_from(const json& recorded) {
  std::map<std::string, WeightedScore> scores;
  for (const auto& [name, value] : recorded.items()) {
    scores[name] = value.is_object() ? WeightedScore{number_from(value.at("value")), value.at("weight")}
                                     : WeightedScore{number_from(value), 1};
  }
  return scores;
}

TEST(GoldenMetrics, MeansOverFilesAreTheSame) {
  for_each_case("metrics/aggregate.json", [](const json& item, const std::string& where) {
    MetricAverage average;
    for (const json& file : item.at("files")) {
      average.add({group_from(file.at("drum")), group_from(file.at("non_drum")), group_from(file.at("instrument"))});
    }
    const std::map<std::string, double> found = average.result();
    const std::string prefix = "test/(x)";
    std::size_t n_found = 0;
    for (const auto& [name, value] : item.at("result").items()) {
      ASSERT_TRUE(name.starts_with(prefix)) << where << name;
      const auto mean = found.find(name.substr(prefix.size()));
      n_found += mean == found.end() ? 0 : 1;
      // A metric that no file has is recorded as none.
      const double found_value = mean == found.end() ? std::numeric_limits<double>::quiet_NaN() : mean->second;
      expect_value(found_value, value, kMeanTolerance, where + name);
    }
    EXPECT_EQ(n_found, found.size()) << where;
  });
}

}  // namespace
}  // namespace yourmt3::testing
