#include "data/stem_mixer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "core/parallel.h"
#include "score/segments.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr double kStep = 0.25;  // From one note to the next.

/// Sound of a part: one sample of 0.5 at each onset.
std::vector<float> clicks(const Part& part, double seconds) {
  std::vector<float> sound(static_cast<std::size_t>(seconds * 16000));
  for (const auto& note : part.notes) sound[static_cast<std::size_t>(std::lround(note.onset_sec * 16000))] = 0.5f;
  return sound;
}

/// Notes on a grid that is shifted for each track and part, so that clicks tell who plays.
Part part_of(int program, double offset, double seconds) {
  Part part{program, {}};
  for (int n = 0; offset + n * kStep < seconds; ++n) {
    const double onset = offset + n * kStep;
    part.notes.push_back({onset, onset + 0.2, 40 + n % 40, 90});
  }
  return part;
}

struct TrackPlan {
  std::string id;
  std::vector<int> programs;
  double seconds = 12;
  double gain = 1;
};

class StemMixerTest : public ::testing::Test {
 protected:
  void add(StoreWriter& writer, const TrackPlan& plan, const std::string& split = "train") {
    TrackInfo track;
    track.id = plan.id;
    track.split = split;
    track.seconds = plan.seconds;
    std::vector<Part> parts;
    std::vector<std::vector<float>> samples;
    for (const int program : plan.programs) {
      auto part = part_of(program, 0.001 * next_++, plan.seconds);
      samples.push_back(clicks(part, plan.seconds));
      if (program == kUnannotatedProgram) part.notes.clear();
      parts.push_back(std::move(part));
      track.stems.push_back({program, "", plan.gain});
    }
    writer.add(track, samples, parts);
  }

  StemDataSet store(const std::string& name, const std::vector<TrackPlan>& tracks, double weight = 1) {
    StoreWriter writer(folder_ / name);
    for (const auto& track : tracks) add(writer, track);
    writer.commit();
    return {name, {folder_ / name}, weight};
  }

  StemDataSet mix_store(const std::string& name, const std::vector<int>& programs, double weight = 1) {
    StoreWriter writer(folder_ / name);
    for (int t = 0; t < 4; ++t) {
      TrackInfo track;
      track.id = std::to_string(t);
      track.split = "train";
      track.seconds = 12;
      std::vector<Part> parts;
      std::vector<float> sound(12 * 16000);
      for (const int program : programs) {
        const auto part = part_of(program, 0.001 * next_++, 12);
        const auto one = clicks(part, 12);
        for (std::size_t i = 0; i < sound.size(); ++i) sound[i] += one[i];
        if (program != kUnannotatedProgram) parts.push_back(part);
      }
      writer.add_mix(track, programs, sound, parts);
    }
    writer.commit();
    return {name, {folder_ / name}, weight};
  }

  std::vector<StemDataSet> bands() {
    return {store("bands", {{"a", {0, 33, 48, kDrumProgram}}, {"b", {0, 33, 56}}, {"c", {24, 33, kDrumProgram}}}),
            store("solos", {{"d", {73}}, {"e", {65}}, {"f", {kSingingProgram}}, {"g", {kDrumProgram}}})};
  }

  testing::TemporaryFolder folder_;
  int next_ = 1;
};

std::set<long> click_places(const MixedSegment& segment) {
  std::set<long> places;
  for (std::size_t i = 0; i < segment.samples.size(); ++i) {
    if (std::abs(segment.samples[i]) > 1e-3f) places.insert(static_cast<long>(i));
  }
  return places;
}

std::set<long> onset_places(const MixedSegment& segment) {
  std::set<long> places;
  for (const auto& note : segment.notes) {
    const long place = std::lround(note.onset_sec * 16000);
    if (place >= 0 && place < SegmentSource::kSegmentSamples) places.insert(place);
  }
  return places;
}

std::set<int> programs_of(const MixedSegment& segment) {
  std::set<int> programs;
  for (const auto& note : segment.notes) programs.insert(note.program);
  return programs;
}

float peak_of(const MixedSegment& segment) {
  float peak = 0;
  for (const float sample : segment.samples) peak = std::max(peak, std::abs(sample));
  return peak;
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

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

TEST_F(StemMixerTest, DrawsDataSetsAsTheyAreWeighted) {
  std::vector<TrackPlan> many;
  for (int t = 0; t < 6; ++t) many.push_back({std::to_string(t), {0}, 3});
  const std::vector<StemDataSet> sets = {store("many", many, 1.0), store("few", {{"x", {33}, 3}, {"y", {33}, 3}}, 2.0),
                                         store("one", {{"z", {48}, 3}}, 0.5)};
  StemMixOptions options;
  options.bundle = 1;
  options.policy.max_k = 0;
  for (const auto mode : {WeightMode::kReference, WeightMode::kExact, WeightMode::kTemperature}) {
    options.weight_mode = mode;
    options.temperature = 2;
    const StemMixer mixer(sets, options);
    // Bundles as far apart as the cache is deep share no file.
    constexpr int kDraws = 3000;
    std::map<std::size_t, double> seen;
    for (std::uint64_t b = 0; b < kDraws; ++b) seen[mixer.plan(4 * b).pieces.at(0).set] += 1;
    double chi_square = 0;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const double expected = kDraws * mixer.probabilities()[i];
      chi_square += (seen[i] - expected) * (seen[i] - expected) / expected;
    }
    EXPECT_LT(chi_square, 13.8) << "two degrees of freedom exceed this once in a thousand";
  }
  options.weight_mode = WeightMode::kReference;
  const StemMixer reference(sets, options);
  const auto expected = sampling_weights(std::vector<double>{1, 2, 0.5}, std::vector<long>{6, 2, 1}).probability;
  EXPECT_THAT(reference.probabilities(), ::testing::Pointwise(::testing::DoubleEq(), expected));
  EXPECT_THAT(set_probabilities(std::vector<double>{1, 3}, std::vector<long>{9, 1}, WeightMode::kExact, 1),
              ::testing::ElementsAre(::testing::DoubleEq(0.25), ::testing::DoubleEq(0.75)));
  EXPECT_THAT(set_probabilities(std::vector<double>{1, 1}, std::vector<long>{9, 1}, WeightMode::kTemperature, 2),
              ::testing::ElementsAre(::testing::DoubleEq(0.75), ::testing::DoubleEq(0.25)));
}

TEST_F(StemMixerTest, RefusesWeightsThatLeaveNothing) {
  const std::vector<long> files = {3, 4};
  EXPECT_THROW(set_probabilities(std::vector<double>{0, 0}, files, WeightMode::kExact, 1), Error);
  EXPECT_THROW(set_probabilities(std::vector<double>{-1, 2}, files, WeightMode::kExact, 1), Error);
  EXPECT_THROW(set_probabilities(std::vector<double>{1, 2}, files, WeightMode::kTemperature, 0), Error);
  EXPECT_THROW(set_probabilities(std::vector<double>{1, std::nan("")}, files, WeightMode::kReference, 1), Error);
}

TEST_F(StemMixerTest, KeepsFilesForAsManyBundlesAsTheCacheHolds) {
  std::vector<TrackPlan> tracks;
  for (int t = 0; t < 40; ++t) tracks.push_back({std::to_string(t), {t % 96}, 4});
  StemMixOptions options;
  options.bundle = 3;
  options.policy.max_k = 2;
  const StemMixer mixer({{store("many", tracks)}}, options);
  // A cache of max(4, 2 + 1) * 3 = 12 files of which one is replaced by each bundle.
  constexpr std::uint64_t kCached = 12, kBundles = 100;
  std::map<std::pair<const StemFile*, std::int64_t>, std::pair<std::uint64_t, std::uint64_t>> first_and_last;
  std::set<std::uint64_t> spans;
  for (std::uint64_t b = 0; b < kBundles; ++b) {
    std::set<std::pair<const StemFile*, std::int64_t>> now;
    const auto plan = mixer.plan(b);
    for (const auto& piece : plan.pieces) {
      const std::pair key(piece.file, piece.start);
      EXPECT_TRUE(now.insert(key).second) << "a draw serves a bundle once";
      const auto [at, is_new] = first_and_last.insert({key, {b, b}});
      at->second.second = b;
      if (!is_new) spans.insert(b - at->second.first);
    }
  }
  // The same place is heard again, but not after its file has left.
  ASSERT_FALSE(spans.empty());
  EXPECT_LT(*spans.rbegin(), kCached);
  EXPECT_GT(*spans.rbegin(), kCached / 2);
  EXPECT_LE(first_and_last.size(), (kBundles + kCached - 1) * 3);
}

TEST_F(StemMixerTest, SharesNoFileBetweenSamplers) {
  std::vector<TrackPlan> tracks;
  for (int t = 0; t < 40; ++t) tracks.push_back({std::to_string(t), {t % 96}, 4});
  StemMixOptions options;
  options.bundle = 3;
  options.samplers = 2;
  const StemMixer mixer({{store("many", tracks)}}, options);
  std::array<std::set<std::pair<const StemFile*, std::int64_t>>, 2> heard;
  std::size_t pieces = 0;
  for (std::uint64_t b = 0; b < 60; ++b) {
    const auto plan = mixer.plan(b);
    for (const auto& piece : plan.pieces) heard[b % 2].insert({piece.file, piece.start});
    pieces += plan.pieces.size();
  }
  for (const auto& place : heard[0]) EXPECT_FALSE(heard[1].contains(place));
  EXPECT_LT(heard[0].size() + heard[1].size(), pieces) << "each hears its own again";
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

TEST_F(StemMixerTest, PlacesShortTracksInSilence) {
  const StemMixer mixer({{store("short", {{"a", {0}, 0.3}})}}, {});
  for (const auto& segment : mixer.make(3)) {
    EXPECT_EQ(segment.samples.size(), static_cast<std::size_t>(SegmentSource::kSegmentSamples));
    EXPECT_EQ(click_places(segment), onset_places(segment));
    EXPECT_EQ(segment.samples.back(), 0.f);
  }
}

TEST_F(StemMixerTest, TakesSilenceWhereNothingPlays) {
  StoreWriter writer(folder_ / "silent");
  TrackInfo track;
  track.id = "a";
  track.split = "train";
  track.seconds = 4;
  track.stems = {{0, "", 1.0}};
  writer.add(track, std::vector<std::vector<float>>{std::vector<float>(64000)}, std::vector<Part>{{0, {}}});
  writer.commit();
  for (const auto& segment : StemMixer({{{"silent", {folder_ / "silent"}, 1}}}, {}).make(0)) {
    EXPECT_EQ(peak_of(segment), 0.f);
    EXPECT_TRUE(segment.notes.empty());
  }
}

TEST_F(StemMixerTest, PrefersStartsWithNotes) {
  StoreWriter writer(folder_ / "sparse");
  TrackInfo track;
  track.id = "a";
  track.split = "train";
  track.seconds = 40;
  track.stems = {{0, "", 1.0}};
  const Part part{0, {{20.0, 20.5, 60, 90}}};
  writer.add(track, std::vector<std::vector<float>>{clicks(part, 40)}, std::vector{part});
  writer.commit();
  StemMixOptions options;
  options.bundle = 1;
  options.policy.keep = 1;
  const StemMixer mixer({{{"sparse", {folder_ / "sparse"}, 1}}}, options);
  int with_notes = 0;
  for (std::uint64_t b = 0; b < 1000; ++b) with_notes += mixer.plan(b).mixes[0].notes.events.empty() ? 0 : 1;
  // A start hears the note with chance 2.55 s / 37.95 s; of five one does with 0.294. Bundles share draws over four
  // turns, so that six standard deviations are some 0.17.
  EXPECT_NEAR(with_notes / 1000.0, 0.294, 0.17);
  EXPECT_GT(with_notes, 110) << "more than without further attempts";
}

TEST_F(StemMixerTest, MixesWholeRecordingsAsOneRow) {
  const StemMixer mixer({{mix_store("mixes", {0, 33}), store("solos", {{"d", {73}}, {"e", {33}}})}}, {});
  int with_solo = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& segment : mixer.make(b)) {
      EXPECT_EQ(click_places(segment), onset_places(segment));
      const auto programs = programs_of(segment);
      if (programs.contains(0)) {
        EXPECT_TRUE(programs.contains(33));
        with_solo += programs.contains(73) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(with_solo, 0);
}

TEST_F(StemMixerTest, KeepsIncompleteRecordingsToThemselves) {
  const StemMixer mixer({{mix_store("songs", {kSingingProgram, kUnannotatedProgram}), store("solos", {{"d", {73}}})}},
                        {});
  int songs = 0;
  MixCounts counts;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& mix : mixer.plan(b).mixes) counts += mix.counts;
    for (const auto& segment : mixer.make(b)) {
      if (programs_of(segment).contains(kSingingProgram)) {
        ++songs;
        EXPECT_EQ(programs_of(segment), std::set<int>{kSingingProgram});
        EXPECT_EQ(segment.annotated, std::vector<int>{kSingingProgram});
      } else {
        EXPECT_FALSE(segment.annotated.has_value());
      }
    }
  }
  EXPECT_GT(songs, 20);
  EXPECT_GT(counts.skipped_unannotated, 0);
}

TEST_F(StemMixerTest, MixesIncompleteRecordingsWhereAsked) {
  StemMixOptions options;
  options.unannotated = UnannotatedRule::kMix;
  const StemMixer mixer({{mix_store("songs", {kSingingProgram, kUnannotatedProgram}), store("solos", {{"d", {73}}})}},
                        options);
  int together = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& segment : mixer.make(b)) {
      const auto programs = programs_of(segment);
      EXPECT_EQ(segment.annotated.has_value(), programs.contains(kSingingProgram));
      if (segment.annotated) {
        EXPECT_EQ(*segment.annotated, std::vector<int>{kSingingProgram});
        together += programs.contains(73) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(together, 10);
}

TEST_F(StemMixerTest, TellsOnlyWhatEverySourceTells) {
  StemMixOptions options;
  options.unannotated = UnannotatedRule::kMix;
  options.policy.no_instrument_overlap = options.policy.no_drum_overlap = false;
  const StemMixer mixer({{mix_store("songs", {kSingingProgram, kUnannotatedProgram}),
                          mix_store("drummers", {kDrumProgram, kUnannotatedProgram})}},
                        options);
  int both = 0;
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (const auto& segment : mixer.make(b)) {
      ASSERT_TRUE(segment.annotated.has_value());
      const auto programs = programs_of(segment);
      if (programs.size() == 2) {
        EXPECT_TRUE(segment.annotated->empty());
        ++both;
      } else {
        EXPECT_EQ(*segment.annotated, std::vector<int>(programs.begin(), programs.end()));
      }
    }
  }
  EXPECT_GT(both, 10);
}

TEST_F(StemMixerTest, DropsTheUnannotatedStemWithItsChance) {
  StemMixOptions options;
  options.policy.max_k = 0;
  const auto sets = std::vector{store("vocals", {{"a", {kSingingProgram, kUnannotatedProgram}}})};
  const StemMixer mixer(sets, options);
  int incomplete = 0;
  for (std::uint64_t b = 0; b < 50; ++b) {
    for (const auto& segment : mixer.make(b)) {
      incomplete += segment.annotated ? 1 : 0;
      const auto clicks = click_places(segment);
      EXPECT_EQ(clicks.size() > onset_places(segment).size(), segment.annotated.has_value());
    }
  }
  // 600 draws with chance 0.3; six standard deviations.
  EXPECT_NEAR(incomplete / 600.0, 0.3, 0.113);
  options.unannotated = UnannotatedRule::kExclude;
  for (const auto& segment : StemMixer(sets, options).make(0)) {
    EXPECT_FALSE(segment.annotated.has_value());
    EXPECT_EQ(click_places(segment), onset_places(segment));
  }
}

TEST_F(StemMixerTest, BelievesTheIndexAboutWhatIsAnnotated) {
  const auto set = store("set", {{"a", {0, 33}}});
  const auto index = folder_ / "set/index.jsonl";
  std::string line;
  std::getline(std::ifstream(index) >> std::ws, line);
  line.replace(line.find("\"annotated\":[0,33]"), 18, "\"annotated\":[33]");
  std::ofstream(index, std::ios::trunc) << line << "\n";
  StemMixOptions options;
  options.policy.keep = 1;
  for (const auto& segment : StemMixer({{set}}, options).make(0)) {
    EXPECT_EQ(segment.annotated, std::vector<int>{33});
    EXPECT_EQ(programs_of(segment), std::set<int>{33});
    EXPECT_GT(click_places(segment).size(), onset_places(segment).size());
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

TEST_F(StemMixerTest, SaysWhatToDoWithoutTheSplit) {
  StoreWriter writer(folder_ / "old");
  add(writer, {"a", {0}}, "test");
  add(writer, {"b", {0}}, "validation");
  writer.commit();
  const std::vector<StemDataSet> sets = {{"old records", {folder_ / "old"}, 1}};
  EXPECT_THAT(message_of([&] { StemMixer(sets, {}); }),
              AllOf(HasSubstr("'old records'"), HasSubstr("'train'"), HasSubstr("test, validation"), HasSubstr("add")));
  EXPECT_THAT(message_of([&] { StemMixer(std::vector<StemDataSet>{}, {}); }), HasSubstr("no data sets"));
  EXPECT_THAT(message_of([&] { StemMixer({{{"nothing", {}, 1}}}, {}); }), HasSubstr("'nothing'"));
  StemMixOptions options;
  options.unannotated = UnannotatedRule::kExclude;
  EXPECT_THAT(message_of([&] { StemMixer({{mix_store("songs", {100, 129})}}, options); }), HasSubstr("'songs'"));
}

TEST_F(StemMixerTest, NamesTheFileThatIsBroken) {
  const auto set = store("set", {{"a", {0}}});
  std::filesystem::resize_file(folder_ / "set/a/00-0.wav", 1000);
  EXPECT_THAT(message_of([&] { StemMixer({{set}}, {}); }), HasSubstr("00-0.wav"));
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

TEST(StemFile, CutsNotesAsTheReferenceCutsEvents) {
  Random random(5);
  std::vector<Note> notes;
  for (int n = 0; n < 300; ++n) {
    Note note;
    note.program = 40;
    note.pitch = n % 128;
    note.onset_sec = random.uniform(0, 60);
    note.offset_sec = note.onset_sec + std::exp(random.uniform(-4, 3));
    notes.push_back(note);
  }
  std::sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.onset_sec < b.onset_sec; });
  testing::TemporaryFolder folder;
  write_stem_wav(folder / "a.wav", std::vector<float>(100));
  Store::Track track{{"a", "", "", "train", 60, {{40, "a.wav", 1}}, {40}, ""}, {}};
  track.stems.push_back({{40, "a.wav", 1}, StemWav(folder / "a.wav"), notes});
  const StemFile file(track);
  const SongEvents song(notes);
  for (int n = 0; n < 400; ++n) {
    const std::int64_t start = random.integer(0, 64 * 16000);
    const double from = static_cast<double>(start) / 16000;
    const auto expected = slice_events(song, from, from + kSegmentSec);
    auto actual = events_of(file.notes(start, SegmentSource::kSegmentSamples), kSegmentSec);
    ASSERT_EQ(actual.events.size(), expected.events.size()) << start;
    for (std::size_t e = 0; e < actual.events.size(); ++e) {
      EXPECT_NEAR(actual.events[e].time_sec + from, expected.events[e].time_sec, 1e-9);
      EXPECT_EQ(actual.events[e].pitch, expected.events[e].pitch);
      EXPECT_EQ(actual.events[e].velocity, expected.events[e].velocity);
    }
    EXPECT_EQ(actual.ties, expected.ties) << start;
    EXPECT_EQ(file.has_notes(start, SegmentSource::kSegmentSamples),
              !expected.events.empty() || !expected.ties.empty());
  }
}

}  // namespace
}  // namespace yourmt3
