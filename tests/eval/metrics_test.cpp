#include <gtest/gtest.h>

#include <cmath>

#include "eval/class_sets.h"
#include "eval/frame_scores.h"
#include "eval/melody_scores.h"
#include "eval/mt3_metrics.h"
#include "eval/multipitch.h"
#include "eval/track_metrics.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

Note note(int program, double onset_sec, double offset_sec, int pitch) {
  return {false, program, onset_sec, offset_sec, pitch, 1};
}
Note drum(double onset_sec, int key) {
  return {true, kDrumProgram, onset_sec, onset_sec + 0.01, key, 1};
}

TrackMetricOptions gm_plus() {
  TrackMetricOptions options;
  options.classes = &class_set("GM_INSTR_CLASS_PLUS");
  return options;
}

TEST(ClassSets, UnknownNameIsAnError) {
  EXPECT_EQ(class_set_names().size(), 13U);
  EXPECT_EQ(class_set("GM_INSTR_EXT_CLASS").classes().size(), 13U);
  EXPECT_THROW(class_set("GM"), Error);
}

TEST(TrackMetrics, SilentEstimateHasNoMultiFButAnOnsetFOfZero) {
  const TrackMetrics metrics = compute_track_metrics(std::vector<Note>{note(0, 1, 2, 60)}, {}, gm_plus());
  EXPECT_EQ(metrics.non_drum.at("onset_f").value, 0);
  EXPECT_TRUE(std::isnan(metrics.instrument.at("multi_f").value));
}

TEST(TrackMetrics, InventedInstrumentLowersOnlyThePooledScores) {
  const std::vector<Note> reference{note(0, 1, 2, 60)};
  const std::vector<Note> estimate{note(0, 1, 2, 60), note(40, 1, 2, 70)};
  const TrackMetrics metrics = compute_track_metrics(reference, estimate, gm_plus());
  EXPECT_TRUE(std::isnan(metrics.instrument.at("onset_f_Strings").value));
  EXPECT_EQ(metrics.instrument.at("micro_onset_p_Strings").value, 0);
  EXPECT_NEAR(metrics.instrument.at("multi_f").value, 2.0 / 3, 1e-15);
}

TEST(TrackMetrics, WhatIsSwitchedOffIsAbsent) {
  TrackMetricOptions options = gm_plus();
  options.frame = options.micro = options.multi = false;
  const std::vector<Note> notes{note(0, 1, 2, 60), drum(1, 36)};
  const TrackMetrics metrics = compute_track_metrics(notes, notes, options);
  EXPECT_FALSE(metrics.non_drum.contains("frame_f"));
  EXPECT_FALSE(metrics.drum.contains("micro_onset_p_drum"));
  EXPECT_FALSE(metrics.instrument.contains("multi_f"));
  EXPECT_EQ(metrics.instrument.at("offset_f_Piano").value, 1);
}

TEST(MetricAverage, FilesWithoutScoreDoNotCount) {
  MetricAverage average;
  average.add({{}, {{"onset_f", {0.5, 1}}}, {}});
  average.add({{}, {{"onset_f", {std::nan(""), 1}}}, {}});
  EXPECT_EQ(average.result().at("onset_f"), 0.5);
  average.add({{{"micro_onset_p_drum", {1, 3}}, {"micro_onset_r_drum", {0.5, 6}}}, {}, {}});
  average.add({{{"micro_onset_p_drum", {0, 1}}, {"micro_onset_r_drum", {std::nan(""), 0}}}, {}, {}});
  EXPECT_NEAR(average.result().at("micro_onset_f_drum"), 0.6, 1e-7);
}

TEST(FrameScores, RollEndsWithTheLastNotesOfTheList) {
  std::vector<Note> notes{note(0, 0, 10, 60)};
  for (int i = 0; i < 20; ++i) notes.push_back(note(0, 0.1 * i, 0.1 * i + 0.1, 62));
  EXPECT_EQ(piano_roll(notes).size(), 32U);
  EXPECT_THROW(piano_roll(std::vector<Note>{note(0, 0, 1e9, 60)}), Error);
}

TEST(FrameScores, TwoOctavesOfAPitchClassNeedTwoPartners) {
  const PianoRoll reference = piano_roll(std::vector<Note>{note(0, 0, 1, 60), note(0, 0, 1, 72)});
  const PianoRoll estimate = piano_roll(std::vector<Note>{note(0, 0, 1, 48)});
  EXPECT_EQ(score_frames(reference, estimate).f1(), 0);
  EXPECT_EQ(score_chroma_frames(reference, estimate).precision(), 1);
  EXPECT_EQ(score_chroma_frames(reference, estimate).recall(), 0.5);
}

TEST(MelodyScores, MelodyFromTheVeryStartCannotBeScored) {
  const std::vector<Note> from_start{note(100, 0, 1, 60)};
  const std::vector<Note> later{note(100, 0.5, 1, 60)};
  EXPECT_TRUE(std::isnan(score_melody(from_start, later).raw_pitch));
  EXPECT_EQ(score_melody(later, later).overall, 1);
}

TEST(Multipitch, EstimateIsReadAtTheNearestTimeAndIsSilentOutside) {
  const PitchFrames reference{{0, 1, 2, 3}, {{440}, {440}, {440, 220}, {440}}};
  const PitchFrames estimate{{0.1, 1.1, 2.1}, {{440}, {441}, {220}}};
  const MultipitchScore score = score_multipitch(reference, estimate, false);
  // Time 0 lies before the estimate, 3 after it.
  EXPECT_EQ(score.precision, 1);
  EXPECT_DOUBLE_EQ(score.recall, 0.4);
  EXPECT_DOUBLE_EQ(score.miss_error, 0.6);
  EXPECT_EQ(score.false_alarm_error, 0);
  EXPECT_THROW(score_multipitch({{0}, {{0}}}, estimate, false), Error);
}

TEST(Mt3Metrics, ProgramsCountAsMuchAsAsked) {
  const std::vector<Note> reference{note(40, 1, 2, 60), drum(1, 36)};
  const std::vector<Note> estimate{note(42, 1, 2, 60), drum(1, 36)};
  const Mt3Scores scores = score_as_mt3(reference, estimate);
  EXPECT_EQ(scores.flat.f1(), 1);
  EXPECT_EQ(scores.midi_class.f1(), 1);
  EXPECT_EQ(scores.full.f1(), 0.5);
  EXPECT_EQ(scores.onset_offset.f1(), 1);
  EXPECT_EQ(scores.frame_f1, 1);
}

TEST(Mt3Metrics, StringsAndEnsemblesAreTwoClasses) {
  EXPECT_EQ(score_with_programs(std::vector<Note>{note(40, 1, 2, 60)}, std::vector<Note>{note(48, 1, 2, 60)},
                                ProgramDetail::kMidiClass)
                .f1(),
            0);
}

TEST(Mt3Metrics, QuietReferenceNotesAreNotInTheFrames) {
  std::vector<Note> reference{note(0, 0, 1, 60), note(0, 0, 1, 64)};
  const std::vector<Note> estimate{note(0, 0, 1, 60)};
  EXPECT_EQ(score_as_mt3(reference, estimate).frame_recall, 0.5);
  reference[0].velocity = 90;
  reference[1].velocity = 30;
  EXPECT_EQ(score_as_mt3(reference, estimate).frame_recall, 1);
}

TEST(Mt3Metrics, EmptySidesScoreZero) {
  const Mt3Scores scores = score_as_mt3({}, {});
  EXPECT_EQ(scores.onset.f1(), 0);
  EXPECT_EQ(scores.full.f1(), 0);
  EXPECT_EQ(scores.frame_f1, 0);
}

}  // namespace
}  // namespace yourmt3
