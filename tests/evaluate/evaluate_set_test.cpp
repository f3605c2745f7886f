// Sets are transcribed, scored and averaged as the reference does.
#include "evaluate/evaluate_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/atomic_file.h"
#include "data/track_mix.h"
#include "eval/class_sets.h"
#include "evaluate/small_sets.h"
#include "score/drum_groups.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;

class EvaluateSetTest : public ::testing::Test {
 protected:
  EvaluateSetTest() {
    save_tiny_model(model());
    StoreWriter writer(folder_ / "band");
    add_track(writer, "a", {0, 33, kDrumProgram}, 5);
    add_track(writer, "b", {0, 48}, 3);
    add_track(writer, "c", {kDrumProgram}, 2.5);
    writer.commit();
    set_.name = "band";
    set_.store = folder_ / "band";
    set_.classes = "GM_INSTR_CLASS";
    set_.drums = "ksh";
  }

  std::filesystem::path model() const { return folder_ / "tiny.safetensors"; }
  Transcriber transcriber() const { return Transcriber(model(), {.n_threads = 1}); }
  std::size_t n_kept() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "kept")) count += entry.is_regular_file();
    return count;
  }

  TemporaryFolder folder_;
  EvaluationSet set_;
};

void expect_same(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, value] : a) {
    ASSERT_TRUE(b.contains(name)) << name;
    EXPECT_TRUE(value == b.at(name) || (std::isnan(value) && std::isnan(b.at(name)))) << name;
  }
}

TEST_F(EvaluateSetTest, AgreesWithTranscribingAndScoringByHand) {
  const OpenedSet set(set_);
  const SetResult result = evaluate_set(set, transcriber());
  ASSERT_EQ(result.tracks.size(), 3u);
  TrackMetricOptions options;
  options.classes = &class_set("GM_INSTR_CLASS");
  options.drums = &drum_vocabulary("ksh");
  MetricAverage average;
  const Store store(set_.store, "test");
  for (std::size_t i = 0; i < 3; ++i) {
    const Store::Track& track = store.tracks()[i];
    const Transcription heard = transcriber().transcribe_samples(track_mix(track), 1, kRate);
    EXPECT_FALSE(heard.notes.empty());
    EXPECT_EQ(result.tracks[i].estimate, heard.notes);
    average.add(compute_track_metrics(track_notes(track), heard.notes, options));
  }
  expect_same(result.means, average.result());
  EXPECT_TRUE(result.means.contains("micro_offset_f_Bass"));
  EXPECT_TRUE(result.means.contains("multi_f"));
}

TEST_F(EvaluateSetTest, ScoresGivenNotes) {
  const OpenedSet set(set_);
  const EvaluationTrack& item = set.tracks()[1];
  TimedTranscription heard;
  heard.heard.notes = set.reference(item);
  EXPECT_DOUBLE_EQ(score_track(set, item, heard).metrics.non_drum.at("onset_f").value, 1);
  const std::size_t n = heard.heard.notes.size();
  heard.heard.notes = partly_right(heard.heard.notes, n / 2);
  EXPECT_DOUBLE_EQ(score_track(set, item, heard).metrics.non_drum.at("onset_f").value,
                   static_cast<double>(n / 2) / static_cast<double>(n));
}

TEST_F(EvaluateSetTest, DoesNotDependOnThreads) {
  const OpenedSet set(set_);
  EvaluateOptions three;
  three.parallel_tracks = 3;
  const SetResult a = evaluate_set(set, transcriber()), b = evaluate_set(set, transcriber(), three);
  for (std::size_t i = 0; i < a.tracks.size(); ++i) EXPECT_EQ(a.tracks[i].estimate, b.tracks[i].estimate);
  expect_same(a.means, b.means);
}

TEST_F(EvaluateSetTest, GoesOnWhereItWasInterrupted) {
  const OpenedSet set(set_);
  const TranscriptionCache cache(folder_ / "kept", model(), Precision::kF32);
  EvaluateOptions options;
  options.cache = &cache;
  options.progress = [](const Progress& progress) { return progress.done <= 5; };  // The first track.
  try {
    evaluate_set(set, transcriber(), options);
    ADD_FAILURE() << "was not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
  EXPECT_EQ(n_kept(), 1u);
  // What is kept is not heard again: its time is that of the first run.
  const std::string kept = cache.name_of(track_mix(*set.tracks()[0].track));
  auto marked = cache.find(kept);
  ASSERT_TRUE(marked);
  marked->seconds = 1234;
  cache.keep(kept, *marked);
  double last = 0;
  options.progress = [&](const Progress& progress) {
    last = progress.done;
    EXPECT_DOUBLE_EQ(progress.total, 10.5);
    return true;
  };
  const SetResult resumed = evaluate_set(set, transcriber(), options);
  EXPECT_EQ(n_kept(), 3u);
  EXPECT_DOUBLE_EQ(last, 10.5);
  EXPECT_EQ(resumed.tracks[0].transcription.seconds, 1234);
  EXPECT_LT(resumed.tracks[1].transcription.seconds, 1234);
  expect_same(resumed.means, evaluate_set(set, transcriber()).means);
}

TEST_F(EvaluateSetTest, HearsAgainWhatChanged) {
  const TranscriptionCache cache(folder_ / "kept", model(), Precision::kF32);
  EvaluateOptions options;
  options.cache = &cache;
  const SetResult before = evaluate_set(OpenedSet(set_), transcriber(), options);
  EXPECT_EQ(n_kept(), 3u);
  // Other notes: scored anew without listening again.
  const auto index = std::filesystem::path(folder_ / "band") / "b" / "notes.json";
  write_file_atomically(index, R"({"stems": [[[0.5, 0.9, 60, 90]], []]})");
  const SetResult other_notes = evaluate_set(OpenedSet(set_), transcriber(), options);
  EXPECT_EQ(n_kept(), 3u);
  EXPECT_EQ(other_notes.tracks[1].reference.size(), 1u);
  EXPECT_EQ(other_notes.tracks[1].estimate, before.tracks[1].estimate);
  // Other sound: one more.
  write_stem_wav(std::filesystem::path(folder_ / "band") / "c" / "00-128.wav", sound(2.5, 99));
  const SetResult other_sound = evaluate_set(OpenedSet(set_), transcriber(), options);
  EXPECT_EQ(n_kept(), 4u);
  EXPECT_EQ(other_sound.tracks[0].kept_as, before.tracks[0].kept_as);
  EXPECT_NE(other_sound.tracks[2].kept_as, before.tracks[2].kept_as);
  // Another model: all of them.
  const Model second = formula_model(tiny_config(), 8);
  save_model(model(), second.config, second.weights.tensors);
  const TranscriptionCache second_cache(folder_ / "kept", model(), Precision::kF32);
  options.cache = &second_cache;
  evaluate_set(OpenedSet(set_), transcriber(), options);
  EXPECT_EQ(n_kept(), 7u);
}

TEST_F(EvaluateSetTest, NamesTheTrackThatCannotBeTranscribed) {
  const OpenedSet set(set_);
  const TranscriptionCache cache(folder_ / "band" / "index.jsonl", model(), Precision::kF32);  // No folder.
  EvaluateOptions options;
  options.cache = &cache;
  try {
    evaluate_set(set, transcriber(), options);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("track 'a'"));
  }
}

}  // namespace
}  // namespace yourmt3::testing
