#include "data/stem_mixer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "core/parallel.h"
#include "score/segments.h"
#include "stem_stores.h"

namespace yourmt3 {
namespace {

TEST_F(StemMixerTest, PlacesNotesWhereTheySound) {
  const StemMixer mixer(bands(), {});
  std::size_t checked = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    const auto segments = mixer.make(b);
    ASSERT_EQ(segments.size(), mixer.bundle_size());
    for (const auto& segment : segments) {
      ASSERT_EQ(segment.samples.size(), static_cast<std::size_t>(SegmentSource::kSegmentSamples));
      EXPECT_EQ(click_places(segment), onset_places(segment)) << "bundle " << b;
      EXPECT_FALSE(segment.annotated.has_value());
      checked += segment.notes.size();
    }
  }
  EXPECT_GT(checked, 1000u);
}

TEST_F(StemMixerTest, NotesAreThoseThatTheStepsPlanned) {
  const StemMixer mixer(bands(), {});
  for (std::uint64_t b = 0; b < 10; ++b) {
    const auto plan = mixer.plan(b);
    const auto segments = mixer.make(b);
    for (std::size_t i = 0; i < segments.size(); ++i) {
      EXPECT_EQ(events_of(segments[i].notes, kSegmentSec), plan.mixes[i].notes) << b << ' ' << i;
    }
  }
}

TEST_F(StemMixerTest, GivesTheSameInAnyOrderOnAnyNumberOfThreads) {
  const StemMixer mixer(bands(), {});
  const StemMixer again({{{"bands", {folder_ / "bands"}, 1}, {"solos", {folder_ / "solos"}, 1}}}, {});
  constexpr std::size_t kBundles = 12;
  std::vector<std::vector<MixedSegment>> forwards(kBundles), together(kBundles);
  for (std::size_t b = kBundles; b-- > 0;) forwards[b] = mixer.make(b);
  parallel_for(kBundles, 4, [&](std::size_t b) { together[b] = again.make(b); });
  for (std::size_t b = 0; b < kBundles; ++b) {
    for (std::size_t i = 0; i < forwards[b].size(); ++i) {
      EXPECT_EQ(forwards[b][i].samples, together[b][i].samples) << b << ' ' << i;
      EXPECT_EQ(forwards[b][i].notes, together[b][i].notes) << b << ' ' << i;
    }
  }
  EXPECT_NE(forwards[0][0].samples, forwards[1][0].samples);
  StemMixOptions other;
  other.seed = 2;
  EXPECT_NE(mixer.with_options(other).make(0)[0].samples, forwards[0][0].samples);
}

TEST_F(StemMixerTest, NormalisesThePeak) {
  const StemMixer mixer(bands(), {});
  for (std::uint64_t b = 0; b < 10; ++b) {
    // The sum is divided by its peak + 1e-7; the quietest peak here is 0.4.
    for (const auto& segment : mixer.make(b)) EXPECT_NEAR(peak_of(segment), 1.f, 1e-6f);
  }
}

TEST_F(StemMixerTest, MixesAsManyFilesAsThePolicySays) {
  std::vector<TrackPlan> tracks;
  for (int t = 0; t < 90; ++t) tracks.push_back({std::to_string(t), {t}, 3});
  StemMixOptions options;
  options.bundle = 4;
  const StemMixer mixer({{store("many", tracks)}}, options);
  const auto chances = stop_probabilities(options.policy);
  std::vector<double> seen(chances.size());
  MixCounts counts;
  constexpr int kBundles = 500;
  for (std::uint64_t b = 0; b < kBundles; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) {
      counts += mix.counts;
      ++seen.at(static_cast<std::size_t>(mix.counts.added + mix.counts.skipped_overlap));
      EXPECT_EQ(mix.sources.size(), static_cast<std::size_t>(mix.counts.added) + 1);
    }
  }
  double chi_square = 0;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    const double expected = 4 * kBundles * chances[k];
    chi_square += (seen[k] - expected) * (seen[k] - expected) / expected;
  }
  EXPECT_LT(chi_square, 16.3) << "three degrees of freedom exceed this once in a thousand";
  EXPECT_GT(counts.skipped_overlap, 0);
  EXPECT_EQ(counts.skipped_unannotated + counts.skipped_singing + counts.stopped_by_length, 0);
}

TEST_F(StemMixerTest, NeverLetsTwoSourcesPlayOneInstrument) {
  StemMixOptions options;
  options.policy.max_k = 5;
  const StemMixer mixer(bands(), options);
  int mixed = 0;
  for (std::uint64_t b = 0; b < 40; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) {
      std::set<int> programs;
      for (const auto& source : mix.sources) {
        for (const int program : std::set<int>(source.programs.begin(), source.programs.end())) {
          EXPECT_TRUE(programs.insert(program).second) << program;
        }
      }
      mixed += mix.sources.size() > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(mixed, 100);
}

TEST_F(StemMixerTest, LetsNoGroupPlayTwiceWhereAsked) {
  StemMixOptions options;
  options.policy.overlap_by_group = true;
  const StemMixer mixer({{store("guitars", {{"a", {24}}, {"b", {25}}, {"c", {30}}, {"d", {33}}})}}, options);
  int mixed = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) {
      EXPECT_LE(mix.sources.size(), 2u) << "a guitar and the bass";
      mixed += mix.sources.size() == 2 ? 1 : 0;
    }
  }
  EXPECT_GT(mixed, 20);
  EXPECT_EQ(overlapping_programs(std::vector<std::vector<int>>{{24, 97}}, std::vector{25, 33, 98, 24}, true),
            (std::vector<int>{25, 24}))
      << "programs without a group are each their own";
}

TEST_F(StemMixerTest, SkipsAddedSongsWithSingers) {
  StemMixOptions options;
  options.policy.keep_singing = 0;
  const StemMixer mixer({{mix_store("songs", {0, kSingingProgram}), store("solos", {{"d", {73}}, {"e", {33}}})}},
                        options);
  MixCounts counts;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) {
      counts += mix.counts;
      for (std::size_t i = 1; i < mix.sources.size(); ++i) {
        EXPECT_EQ(mix.sources[i].programs.size(), 1u) << "an added song";
      }
    }
  }
  EXPECT_GT(counts.skipped_singing, 50);
  EXPECT_GT(counts.added, 50);
}

TEST_F(StemMixerTest, StopsBeforeASegmentIsTooLong) {
  StemMixOptions options;
  options.policy.max_events = 60;  // A part has 8 or 9 notes in a segment, some 45 events.
  const StemMixer mixer(bands(), options);
  MixCounts counts;
  for (std::uint64_t b = 0; b < 10; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) {
      counts += mix.counts;
      if (mix.sources.size() > 1) {
        EXPECT_LT(count_events(mix.notes), 60u);
      }
    }
  }
  EXPECT_GT(counts.stopped_by_length, 20);
}

TEST_F(StemMixerTest, LeavesOutInstrumentsWithTheirChance) {
  StemMixOptions options;
  options.policy.max_k = 0;
  options.policy.keep = 0.5;
  options.policy.keep_singing = 0.9;
  const StemMixer mixer({{store("band", {{"a", {0, 33, 48, kDrumProgram, kSingingProgram}}})}}, options);
  std::map<int, double> seen;
  double segments = 0;
  for (std::uint64_t b = 0; b < 100; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) {
      for (const int program : mix.programs) seen[program] += 1;
      segments += 1;
    }
  }
  // 1200 draws; six standard deviations of a chance of 0.5 are 0.087, of 0.9 0.052. The one that is kept when none is
  // adds less than 0.001.
  for (const int program : {0, 33, 48, kDrumProgram}) EXPECT_NEAR(seen[program] / segments, 0.5, 0.09) << program;
  EXPECT_NEAR(seen[kSingingProgram] / segments, 0.9, 0.053);
}

TEST_F(StemMixerTest, MixesOnlyWithAmplitudesWhereNothingIsLeftOut) {
  const auto sets = std::vector{store("band", {{"a", {0, 33}}})};
  StemMixOptions options;
  options.policy.keep = 1;
  for (const auto& segment : StemMixer(sets, options).make(0)) {
    EXPECT_EQ(programs_of(segment), (std::set<int>{0, 33}));
    EXPECT_EQ(click_places(segment), onset_places(segment));
  }
  options.always_mix = true;
  EXPECT_GT(StemMixer(bands(), options).plan(0).pieces.size(), 12u);
}

TEST_F(StemMixerTest, GivesBackTheBalanceOfTheStems) {
  StoreWriter writer(folder_ / "uneven");
  TrackInfo track;
  track.id = "a";
  track.split = "train";
  track.seconds = 5;
  track.stems = {{0, "", 1.0}, {33, "", 4.0}};
  const std::vector<Part> parts = {part_of(0, 0.01, 5), part_of(33, 0.02, 5)};
  writer.add(track, std::vector{clicks(parts[0], 5), clicks(parts[1], 5)}, parts);
  writer.commit();
  StemMixOptions options;
  options.policy.keep = 1;
  options.policy.min_amplitude = options.policy.max_amplitude = 1;
  for (const bool levelled : {false, true}) {
    options.levelled = levelled;
    const auto segment = StemMixer({{{"uneven", {folder_ / "uneven"}, 1}}}, options).make(0).at(0);
    for (const auto& note : segment.notes) {
      const long place = std::lround(note.onset_sec * 16000);
      if (place < 0) continue;
      EXPECT_NEAR(segment.samples[static_cast<std::size_t>(place)], note.program == 0 || levelled ? 1.0 : 0.25, 1e-6);
    }
  }
}

TEST_F(StemMixerTest, ShiftsSoundAndLabelsOfABundleTogether) {
  const auto sets = bands();
  StemMixOptions options;
  options.bundle = 4;
  const StemMixer plain(sets, options);
  options.pitch_shift = {-2, 2, true};
  const auto shifting = plain.with_options(options);
  options.pitch_shift.labels = false;
  const auto as_published = plain.with_options(options);
  const PitchShifter shifter(-2, 2);
  std::map<int, int> seen;
  for (std::uint64_t b = 0; b < 10; ++b) {
    const int semitones = shifting.plan(b).semitones;
    const auto before = plain.make(b), after = shifting.make(b), unshifted = as_published.make(b);
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(after[i].samples, shifter.shift(before[i].samples, semitones));
      EXPECT_EQ(unshifted[i].samples, after[i].samples);
      EXPECT_EQ(unshifted[i].notes, before[i].notes);
      ASSERT_EQ(after[i].notes.size(), before[i].notes.size());
      std::multiset<std::tuple<int, double, int>> expected, actual;
      for (const auto& note : before[i].notes) {
        expected.insert({note.program, note.onset_sec, note.pitch + (note.is_drum ? 0 : semitones)});
      }
      for (const auto& note : after[i].notes) actual.insert({note.program, note.onset_sec, note.pitch});
      EXPECT_EQ(actual, expected);
    }
  }
  for (std::uint64_t b = 0; b < 500; ++b) ++seen[shifting.plan(b).semitones];
  ASSERT_EQ(seen.size(), 5u);
  // 500 draws of one in five; six standard deviations.
  for (const auto& [semitones, count] : seen) EXPECT_NEAR(count, 100, 54) << semitones;
  options.pitch_shift = {1, -1, true};
  EXPECT_THROW(plain.with_options(options), Error);
}

TEST_F(StemMixerTest, ProducesFinishedSegments) {
  const auto sets = bands();
  StemMixOptions options;
  const StemMixer plain(sets, options);
  options.production.noise = 0.5;
  options.production.loudness = 1;
  options.production.loudness_db = {-12, -6};
  const auto produced = plain.with_options(options);
  const auto before = plain.make(1), after = produced.make(1), again = produced.make(1);
  int noisy = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].notes, before[i].notes);
    EXPECT_EQ(after[i].samples, again[i].samples);
    EXPECT_GE(peak_of(after[i]), 0.251f);
    EXPECT_LE(peak_of(after[i]), 0.502f);
    noisy += std::count(after[i].samples.begin(), after[i].samples.end(), 0.f) < 1000 ? 1 : 0;
  }
  EXPECT_GT(noisy, 0);
  EXPECT_LT(noisy, 12);
  options.production.noise = 2;
  EXPECT_THROW(plain.with_options(options), Error);
}

TEST_F(StemMixerTest, RefusesOptionsOutOfRange) {
  const StemMixer mixer(bands(), {});
  const auto refuses = [&](const std::function<void(StemMixOptions&)>& change) {
    StemMixOptions options;
    change(options);
    EXPECT_THROW(mixer.with_options(options), Error);
  };
  refuses([](auto& o) { o.bundle = 0; });
  refuses([](auto& o) { o.bundle = 1001; });
  refuses([](auto& o) { o.samplers = 0; });
  refuses([](auto& o) { o.policy.max_k = -1; });
  refuses([](auto& o) { o.policy.keep = std::nan(""); });
  refuses([](auto& o) { o.policy.max_amplitude = 0.5; });
  refuses([](auto& o) { o.policy.max_groups = 0; });
}

}  // namespace
}  // namespace yourmt3
