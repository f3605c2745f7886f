#include "data/stem_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "score/segments.h"
#include "stem_stores.h"

namespace yourmt3 {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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

TEST_F(StemMixerTest, TakesEverySplitOfASetAsOftenAsItIsNamed) {
  StoreWriter writer(folder_ / "old");
  add(writer, {"a", {0}}, "train");
  add(writer, {"b", {0}}, "validation");
  add(writer, {"c", {0}}, "test");
  writer.commit();
  StemDataSet set{"old records", {folder_ / "old"}, 1, {"validation", "train", "validation"}};
  const StemFiles files(std::span(&set, 1), "test");
  std::vector<std::string> found;
  for (const auto& file : files.sets()[0]) found.push_back(file.track().info.id);
  EXPECT_THAT(found, ::testing::ElementsAre("b", "a", "b"));
  set.splits.push_back("nowhere");
  EXPECT_THAT(message_of([&] { StemFiles(std::span(&set, 1), "test"); }),
              AllOf(HasSubstr("'old records'"), HasSubstr("'nowhere'")));
}

TEST_F(StemMixerTest, NamesTheFileThatIsBroken) {
  const auto set = store("set", {{"a", {0}}});
  std::filesystem::resize_file(folder_ / "set/a/00-0.wav", 1000);
  EXPECT_THAT(message_of([&] { StemMixer({{set}}, {}); }), HasSubstr("00-0.wav"));
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
  Store::Track track;
  track.info.annotated = {40};
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
