// Every step of the augmentation against recorded draws and results of the reference implementation.
#include <gtest/gtest.h>

#include <cmath>

#include "data/stem_augmentation.h"
#include "support/golden.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
using testing::golden_json;

/// Plays back recorded draws in the order of the recording.
class RecordedDraws : public AugmentationDraws {
 public:
  explicit RecordedDraws(const json& log) : log_(log) {}

  std::vector<double> uniforms(std::size_t count) override { return next("rand", count); }
  std::vector<double> uniforms(double, double, std::size_t count) override { return next("uniform", count); }
  int choose(std::span<const int>) override { return static_cast<int>(next("choice", 1).at(0)); }

  bool used_up() const { return at_ == log_.size(); }

 private:
  std::vector<double> next(const char* kind, std::size_t count) {
    if (at_ == log_.size()) throw std::runtime_error("more draws than were recorded");
    const auto& entry = log_[at_++];
    EXPECT_EQ(entry.at("fn").get<std::string>(), kind) << "draw " << at_ - 1;
    const auto values = entry.at("value").is_array() ? entry.at("value").get<std::vector<double>>()
                                                     : std::vector<double>{entry.at("value").get<double>()};
    EXPECT_EQ(values.size(), count) << "draw " << at_ - 1;
    return values;
  }

  const json& log_;
  std::size_t at_ = 0;
};

std::vector<std::vector<float>> rows_of(const json& flat, std::size_t rows) {
  const auto all = flat.get<std::vector<float>>();
  std::vector<std::vector<float>> result;
  const std::size_t length = rows == 0 ? 0 : all.size() / rows;
  for (std::size_t r = 0; r < rows; ++r) {
    result.emplace_back(all.begin() + static_cast<std::ptrdiff_t>(r * length),
                        all.begin() + static_cast<std::ptrdiff_t>((r + 1) * length));
  }
  return result;
}

NoteEvent event_of(const json& item) {
  return {item.at(0).get<int>() != 0, item.at(1), item.at(2), item.at(3), item.at(4)};
}

/// Its sounds are appended to `sounds`, and named by their places there.
StemSegment segment_of(const json& item, std::vector<std::vector<float>>& sounds) {
  StemSegment segment;
  segment.programs = item.at("programs").get<std::vector<int>>();
  for (std::size_t i = 0; i < segment.programs.size(); ++i) {
    segment.is_drum.push_back(item.contains("is_drum") ? item.at("is_drum")[i].get<int>() != 0
                                                       : segment.programs[i] == kDrumProgram);
  }
  const auto rows = item.at("audio_shape").at(1).get<std::size_t>();
  segment.has_stems = item.contains("has_stems") ? item.at("has_stems").get<bool>() : rows > 1;
  segment.has_unannotated = item.value("has_unannotated", false);
  for (auto& row : rows_of(item.at("audio"), rows)) {
    segment.rows.push_back(sounds.size());
    sounds.push_back(std::move(row));
  }
  for (const auto& event : item.at("note_events")) segment.notes.events.push_back(event_of(event));
  for (const auto& tie : item.at("tie_note_events")) segment.notes.ties.push_back({tie.at(1), tie.at(4)});
  segment.notes.start_sec = item.at("start_time");
  return segment;
}

void expect_same_notes(const SegmentEvents& actual, const json& expected) {
  ASSERT_EQ(actual.events.size(), expected.at("note_events").size());
  for (std::size_t i = 0; i < actual.events.size(); ++i) {
    auto event = event_of(expected.at("note_events")[i]);
    EXPECT_NEAR(actual.events[i].time_sec, event.time_sec, 1e-9) << "event " << i;
    event.time_sec = actual.events[i].time_sec;
    EXPECT_EQ(actual.events[i], event) << "event " << i;
  }
  ASSERT_EQ(actual.ties.size(), expected.at("tie_note_events").size());
  for (std::size_t i = 0; i < actual.ties.size(); ++i) {
    const auto& tie = expected.at("tie_note_events")[i];
    EXPECT_EQ(actual.ties[i], (Tie{tie.at(1), tie.at(4)})) << "tie " << i;
  }
  EXPECT_NEAR(actual.start_sec, expected.at("start_time").get<double>(), 1e-9);
}

/// The rows of a mix before their amplitudes, as many as the reference has.
std::vector<std::vector<float>> render(const PlannedMix& plan, const std::vector<std::vector<float>>& sounds,
                                       std::size_t length) {
  std::vector<std::vector<float>> rows(plan.amplitudes.size(), std::vector<float>(length));
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    for (const auto& [row, weight] : plan.groups[g].sounds) {
      for (std::size_t t = 0; t < length; ++t) rows[g][t] += weight * sounds[row].at(t);
    }
  }
  return rows;
}

void expect_near_rows(const std::vector<std::vector<float>>& actual, const json& flat, double tolerance) {
  const auto expected = rows_of(flat, actual.size());
  for (std::size_t r = 0; r < actual.size(); ++r) {
    ASSERT_EQ(actual[r].size(), expected[r].size()) << "row " << r;
    for (std::size_t t = 0; t < actual[r].size(); ++t)
      EXPECT_NEAR(actual[r][t], expected[r][t], tolerance) << "row " << r;
  }
}

// Sums of a dozen float products near 1, divided once: a few units in the last place, 1.2e-7 each.
constexpr double kAudioTolerance = 2e-6;

TEST(GoldenAugmentation, DropsStemsAsRecorded) {
  const auto golden = golden_json("training/intra_stem.json");
  ASSERT_FALSE(golden.at("cases").empty());
  for (const auto& one : golden.at("cases")) {
    RecordedDraws draws(one.at("random_log"));
    for (std::size_t i = 0; i < one.at("input").size(); ++i) {
      SCOPED_TRACE("item " + std::to_string(i));
      const auto& expected = one.at("output")[i];
      std::vector<std::vector<float>> sounds;
      CrossStemPolicy policy;
      policy.keep = one.at("prob");
      const auto actual = drop_stems(segment_of(one.at("input")[i], sounds), policy, draws);
      EXPECT_EQ(actual.programs, expected.at("programs").get<std::vector<int>>());
      EXPECT_EQ(actual.has_unannotated, expected.at("has_unannotated").get<bool>());
      expect_same_notes(actual.notes, expected);
      ASSERT_EQ(actual.rows.size(), expected.at("audio_shape").at(1).get<std::size_t>());
      std::vector<std::vector<float>> rows;
      for (const std::size_t row : actual.rows) rows.push_back(sounds.at(row));
      expect_near_rows(rows, expected.at("audio"), 0);
    }
    EXPECT_TRUE(draws.used_up());
  }
}

TEST(GoldenAugmentation, MixesAcrossFilesAsRecorded) {
  const auto golden = golden_json("training/cross_stem.json");
  ASSERT_FALSE(golden.at("cases").empty());
  for (const auto& one : golden.at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const auto& recorded = one.at("policy");
    CrossStemPolicy policy;
    policy.max_k = recorded.at("max_k");
    policy.tau = recorded.at("tau");
    policy.alpha = recorded.at("alpha");
    policy.max_groups = recorded.at("max_subunit_stems");
    policy.no_instrument_overlap = recorded.at("no_instr_overlap");
    policy.no_drum_overlap = recorded.at("no_drum_overlap");
    policy.drop_stems_of_added = recorded.at("uhat_intra_stem_augment");
    policy.keep = one.at("stem_iaug_prob_for_external");
    policy.max_events = one.at("max_l");
    std::vector<StemSegment> items;
    std::vector<StemSegment> others;
    std::vector<std::vector<float>> sounds;
    for (const auto& item : one.at("x_in")) items.push_back(segment_of(item, sounds));
    for (const auto& item : one.at("external")) others.push_back(segment_of(item, sounds));
    if (one.contains("event_counts")) {
      std::vector<std::size_t> counts = {count_events(items.at(0).notes)};
      for (const auto& other : others) counts.push_back(count_events(other.notes));
      EXPECT_EQ(counts, one.at("event_counts").get<std::vector<std::size_t>>());
    }
    // Files listed beyond those asked for are not touched.
    others.resize(std::min(others.size(), one.at("requested_external").get<std::size_t>()));

    RecordedDraws draws(one.at("random_log"));
    const auto added = one.at("k_per_item").get<std::vector<int>>();
    const auto results = mix_across_files(items, others, added, policy, draws);
    EXPECT_TRUE(draws.used_up());
    ASSERT_EQ(results.size(), one.at("output").size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      SCOPED_TRACE("item " + std::to_string(i));
      const auto& expected = one.at("output")[i];
      EXPECT_EQ(results[i].programs, expected.at("programs").get<std::vector<int>>());
      EXPECT_EQ(results[i].has_unannotated, expected.at("has_unannotated").get<bool>());
      std::vector<std::vector<int>> group_programs;
      for (const auto& group : results[i].groups) group_programs.push_back(group.programs);
      const auto expected_programs = expected.at("subunit_programs").get<std::vector<std::vector<int>>>();
      if (group_programs.size() != expected_programs.size() && results[i].sources.size() == 1) {
        // Where nothing was to be mixed the reference lists the programs of all rows together.
        std::vector<int> all;
        for (const auto& programs : group_programs) all.insert(all.end(), programs.begin(), programs.end());
        group_programs = {all};
      }
      EXPECT_EQ(group_programs, expected_programs);
      expect_same_notes(results[i].notes, expected);
      const auto recorded_mix = expected.at("mix").get<std::vector<float>>();
      auto rows = render(results[i], sounds, recorded_mix.size());
      const auto mix = mix_rows(rows, results[i].amplitudes, {}, true);
      expect_near_rows(rows, expected.at("subunit_audio"), kAudioTolerance);
      expect_near_rows({mix}, expected.at("mix"), kAudioTolerance);
    }
  }
}

TEST(GoldenAugmentation, MixesRowsAsRecorded) {
  const auto golden = golden_json("training/submix.json");
  ASSERT_FALSE(golden.at("cases").empty());
  for (const auto& one : golden.at("cases")) {
    const auto shape = one.at("shape").get<std::vector<std::size_t>>();
    const std::size_t batch = shape.at(0);
    const std::size_t channels = shape.at(1);
    auto all = rows_of(one.at("x"), batch * channels);
    const auto stems = rows_of(one.at("stems"), batch * channels);
    const auto mixes = rows_of(one.at("mix"), batch);
    const auto weights = one.at("weights_float32_before_mask").get<std::vector<float>>();
    const auto mask = one.at("mask").is_null() ? std::vector<float>{} : one.at("mask").get<std::vector<float>>();
    for (std::size_t b = 0; b < batch; ++b) {
      std::vector<std::vector<float>> rows(all.begin() + static_cast<std::ptrdiff_t>(b * channels),
                                           all.begin() + static_cast<std::ptrdiff_t>((b + 1) * channels));
      const auto own = [&](const std::vector<float>& values) {
        return values.empty() ? std::span<const float>() : std::span(values).subspan(b * channels, channels);
      };
      const auto mix = mix_rows(rows, own(weights), own(mask), one.at("normalize"));
      for (std::size_t t = 0; t < mix.size(); ++t) EXPECT_NEAR(mix[t], mixes[b][t], kAudioTolerance);
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t t = 0; t < mix.size(); ++t)
          EXPECT_NEAR(rows[c][t], stems[b * channels + c][t], kAudioTolerance);
      }
    }
  }
}

TEST(GoldenAugmentation, DrawsTheNumberOfAddedFilesAsRecorded) {
  const auto golden = golden_json("training/xaug_survival.json");
  for (const auto& one : golden.at("cases")) {
    CrossStemPolicy policy;
    policy.max_k = one.at("max_k");
    policy.tau = one.at("tau");
    policy.alpha = one.at("alpha");
    const auto alive = survival(policy);
    const auto stop = stop_probabilities(policy);
    ASSERT_EQ(alive.size(), one.at("survival").size());
    ASSERT_EQ(stop.size(), one.at("p_stop").size());
    for (std::size_t k = 0; k < alive.size(); ++k) {
      EXPECT_NEAR(alive[k], one.at("survival")[k].get<double>(), 1e-12);
      EXPECT_NEAR(stop[k], one.at("p_stop")[k].get<double>(), 1e-12);
    }
    EXPECT_NEAR(expected_added(policy), one.at("expected_k").get<double>(), 1e-12);
  }
  for (const auto& one : golden.at("draws")) {
    CrossStemPolicy policy;
    policy.max_k = one.at("max_k");
    policy.tau = one.at("tau");
    policy.alpha = one.at("alpha");
    for (std::size_t i = 0; i < one.at("uniforms").size(); ++i) {
      EXPECT_EQ(draw_added(policy, one.at("uniforms")[i]), one.at("k")[i].get<int>()) << i;
    }
  }
}

TEST(GoldenAugmentation, FindsOverlapsAndGroupsAsRecorded) {
  const auto golden = golden_json("training/xaug_overlap_regroup.json");
  for (const auto& one : golden.at("overlap")) {
    const auto gathered = one.at("gathered").get<std::vector<std::vector<int>>>();
    const auto external = one.at("external").get<std::vector<int>>();
    const auto overlap = overlapping_programs(gathered, external);
    EXPECT_EQ(overlap, one.at("overlap").get<std::vector<int>>()) << one;
    std::vector<bool> unique;
    for (const int program : external)
      unique.push_back(std::find(overlap.begin(), overlap.end(), program) == overlap.end());
    EXPECT_EQ(unique, one.at("unique_mask").get<std::vector<bool>>()) << one;
  }
  for (const auto& one : golden.at("regroup")) {
    const auto groups = group_rows(one.at("programs").get<std::vector<std::vector<int>>>(),
                                   one.at("num_audio").get<std::vector<std::size_t>>());
    ASSERT_EQ(groups.size(), one.at("groups").size()) << one;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      EXPECT_EQ(groups[g].programs, one.at("groups")[g].get<std::vector<int>>()) << one;
      const auto& members = one.at("members")[g];
      ASSERT_EQ(groups[g].members.size(), members.size()) << one;
      for (std::size_t m = 0; m < members.size(); ++m) {
        EXPECT_EQ(groups[g].members[m], (RowGroup::Member{members[m].at(0), members[m].at(1)})) << one;
      }
    }
  }
}

TEST(GoldenAugmentation, WeighsFilesAsRecorded) {
  const auto golden = golden_json("training/sampler_weights.json");
  ASSERT_FALSE(golden.at("cases").empty());
  for (const auto& one : golden.at("cases")) {
    const auto actual = sampling_weights(one.at("dataset_weights").get<std::vector<double>>(),
                                         one.at("n_files").get<std::vector<long>>());
    ASSERT_EQ(actual.per_file.size(), one.at("per_file_weight").size());
    for (std::size_t i = 0; i < actual.per_file.size(); ++i) {
      EXPECT_NEAR(actual.per_file[i], one.at("per_file_weight")[i].get<double>(), 1e-12);
      EXPECT_NEAR(actual.probability[i], one.at("dataset_probability")[i].get<double>(), 1e-12);
    }
  }
}

}  // namespace
}  // namespace yourmt3
