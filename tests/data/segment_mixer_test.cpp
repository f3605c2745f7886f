#include "data/segment_mixer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/parallel.h"
#include "data/instruments.h"
#include "data/store.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

constexpr double kSegmentSec = SegmentMixer::kSegmentSamples / 16000.0;

/// Stems of clicks: each note is one sample of full scale at its onset.
class SegmentMixerTest : public ::testing::Test {
 protected:
  SegmentMixerTest() {
    StoreWriter writer(folder_ / "set");
    for (int t = 0; t < 8; ++t) {
      TrackInfo track;
      track.id = std::to_string(t);
      track.split = t == 7 ? "validation" : "train";
      track.seconds = 10;
      std::vector<std::vector<float>> samples;
      std::vector<Part> parts;
      for (const int program : {t * 8 % 96, (t * 8 + 24) % 96, kDrumProgram}) {
        Part part{program, {}};
        std::vector<float> sound(160000);
        for (int n = 0; n < 12; ++n) {
          const double onset = 0.25 + 0.75 * n + 0.01 * t;
          part.notes.push_back({onset, onset + 0.5, 40 + n, 90});
          sound[static_cast<std::size_t>(std::lround(onset * 16000))] = 0.9f;
        }
        track.stems.push_back({program, "", 1.0});
        samples.push_back(std::move(sound));
        parts.push_back(std::move(part));
      }
      writer.add(track, samples, parts);
    }
    writer.commit();
  }

  SegmentMixer mixer(const SegmentMixer::Options& options = {}) const {
    return SegmentMixer({folder_ / "set"}, options);
  }

  testing::TemporaryFolder folder_;
};

TEST_F(SegmentMixerTest, GivesTheSameSegmentsOnEveryNumberOfThreads) {
  const auto mixer = this->mixer();
  std::vector<MixedSegment> alone(40);
  std::vector<MixedSegment> together(40);
  parallel_for(alone.size(), 1, [&](std::size_t i) { alone[i] = mixer.mix(i); });
  parallel_for(together.size(), 4, [&](std::size_t i) { together[i] = mixer.mix(i); });
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(alone[i].samples, together[i].samples) << i;
    EXPECT_EQ(alone[i].notes, together[i].notes) << i;
  }
  EXPECT_NE(alone[0].samples, alone[1].samples);
}

TEST_F(SegmentMixerTest, PlacesNotesWhereTheySound) {
  SegmentMixer::Options options;
  options.max_stems = 1;
  options.empty_share = 0;
  options.tilt_share = options.equalise_share = options.saturate_share = options.noise_share = 0;
  const auto mixer = this->mixer(options);
  int checked = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    const auto segment = mixer.mix(i);
    ASSERT_EQ(segment.samples.size(), static_cast<std::size_t>(SegmentMixer::kSegmentSamples));
    std::set<long> clicks;
    for (std::size_t s = 0; s < segment.samples.size(); ++s) {
      if (std::abs(segment.samples[s]) > 1e-4f) clicks.insert(static_cast<long>(s));
    }
    std::set<long> onsets;
    for (const auto& note : segment.notes) {
      EXPECT_LT(note.onset_sec, kSegmentSec);
      EXPECT_GT(note.offset_sec, 0);
      const long onset = std::lround(note.onset_sec * 16000);
      if (onset >= 0 && onset < SegmentMixer::kSegmentSamples) onsets.insert(onset);
    }
    EXPECT_EQ(clicks, onsets) << "segment " << i;
    checked += static_cast<int>(onsets.size());
  }
  EXPECT_GT(checked, 200);
}

TEST_F(SegmentMixerTest, MixesStemsOfDistinctGroups) {
  SegmentMixer::Options options;
  options.coherent_share = 0;
  options.empty_share = 0;
  options.min_stems = 4;
  const auto mixer = this->mixer(options);
  int with_drums = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    std::set<int> programs;
    std::set<int> groups;
    for (const auto& note : mixer.mix(i).notes) programs.insert(note.program);
    for (const int program : programs) EXPECT_TRUE(groups.insert(instrument_group(program)).second) << i;
    EXPECT_GE(programs.size(), 2u) << i;
    EXPECT_LE(programs.size(), 6u) << i;
    with_drums += programs.contains(kDrumProgram) ? 1 : 0;
  }
  // 200 draws with probability 0.55; six standard deviations are 42.
  EXPECT_NEAR(with_drums, 110, 42);
}

TEST_F(SegmentMixerTest, TakesStemsOfOneTrackTogether) {
  SegmentMixer::Options options;
  options.coherent_share = 1;
  options.drum_share = 1;
  options.min_stems = options.max_stems = 3;
  options.empty_share = 0;
  const auto mixer = this->mixer(options);
  for (std::uint64_t i = 0; i < 50; ++i) {
    std::set<long> onsets;
    std::set<int> programs;
    const auto segment = mixer.mix(i);
    for (const auto& note : segment.notes) {
      if (note.onset_sec < 0) continue;
      onsets.insert(std::lround(note.onset_sec * 1000));
      programs.insert(note.program);
    }
    // All three instruments of a track play at the same times.
    EXPECT_LE(onsets.size(), 3u) << i;
    EXPECT_EQ(programs.size(), onsets.empty() ? 0u : 3u) << i;
  }
}

TEST_F(SegmentMixerTest, KeepsLevelsWithinTheirRange) {
  SegmentMixer::Options options;
  options.min_peak_db = -12;
  options.max_peak_db = -6;
  const auto mixer = this->mixer(options);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto segment = mixer.mix(i);
    float peak = 0;
    for (const float sample : segment.samples) {
      ASSERT_TRUE(std::isfinite(sample));
      peak = std::max(peak, std::abs(sample));
    }
    if (peak == 0) continue;  // nothing plays
    EXPECT_LE(peak, 0.502f) << i;
    EXPECT_GE(peak, 0.251f) << i;
  }
}

TEST_F(SegmentMixerTest, LeavesOtherSplitsAlone) {
  EXPECT_EQ(mixer().stem_count(), 21u);
  SegmentMixer::Options options;
  options.split = "validation";
  EXPECT_EQ(mixer(options).stem_count(), 3u);
  EXPECT_NEAR(mixer(options).stem_hours(), 30.0 / 3600, 1e-9);
  options.split = "nowhere";
  EXPECT_THROW(mixer(options), Error);
}

TEST_F(SegmentMixerTest, ProducesMixesWhereAsked) {
  const auto mixer = this->mixer();
  auto options = mixer.options();
  options.production.reverb = options.production.codec = 1;
  const auto produced = mixer.with_options(options);
  for (std::uint64_t i = 0; i < 10; ++i) {
    const auto before = mixer.mix(i), after = produced.mix(i);
    EXPECT_EQ(before.notes, after.notes);
    EXPECT_EQ(after.samples, produced.mix(i).samples);
    if (!before.notes.empty()) {
      EXPECT_NE(before.samples, after.samples);
    }
  }
  options.production.codec = -1;
  EXPECT_THROW(mixer.with_options(options), Error);
}

TEST_F(SegmentMixerTest, SharesItsStemsUnderOtherOptions) {
  const auto mixer = this->mixer();
  auto options = mixer.options();
  options.max_stems = 2;
  const auto other = mixer.with_options(options);
  EXPECT_EQ(other.stem_count(), mixer.stem_count());
  options.max_stems = 0;
  EXPECT_THROW(mixer.with_options(options), Error);
}

}  // namespace
}  // namespace yourmt3
