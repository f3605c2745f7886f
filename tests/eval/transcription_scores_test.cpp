#include "eval/transcription_scores.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "eval/class_sets.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

Note note(int program, double onset_sec, double offset_sec, int pitch) {
  return {false, program, onset_sec, offset_sec, pitch, 1};
}

TEST(TranscriptionScores, OverlapIsTheCommonTimeOverTheWhole) {
  const auto reference = to_sounding(std::vector<Note>{note(0, 1, 2, 60), note(0, 3, 4, 62)});
  const auto estimate = to_sounding(std::vector<Note>{note(0, 1, 1.9, 60), note(0, 3, 3.25, 62)});
  const TranscriptionScores scores = score_transcription(reference, estimate);
  EXPECT_EQ(scores.onset_offset.n_matched, 1);
  EXPECT_NEAR(scores.overlap, 0.9, 1e-12);
  EXPECT_EQ(scores.no_offset.n_matched, 2);
  EXPECT_NEAR(scores.overlap_no_offset, (0.9 + 0.25) / 2, 1e-12);
  EXPECT_EQ(scores.offset.n_matched, 1);
}

TEST(TranscriptionScores, NotesThatDoNotMeetOverlapNegatively) {
  const auto reference = to_sounding(std::vector<Note>{note(0, 1, 1.02, 60)});
  const auto estimate = to_sounding(std::vector<Note>{note(0, 1.04, 1.05, 60)});
  EXPECT_NEAR(score_transcription(reference, estimate).overlap, -0.02 / 0.05, 1e-12);
}

TEST(TranscriptionScores, EmptySidesScoreZero) {
  const TranscriptionScores scores = score_transcription({}, to_sounding(std::vector<Note>{note(0, 1, 2, 60)}));
  EXPECT_EQ(scores.onset_offset.f1(), 0);
  EXPECT_EQ(scores.overlap, 0);
  EXPECT_EQ(scores.offset.precision(), 0);
}

TEST(PitchFrames, NotesSoundFromTheirOnsetUntilBeforeTheirOffset) {
  const std::vector<Note> notes{note(0, 0.01, 0.03, 69), note(40, 0.02, 0.04, 69), note(0, 0.025, 0.031, 57)};
  const PitchFrames frames = pitch_frames(notes, 0.01, 0.05);
  ASSERT_EQ(frames.times_sec.size(), 5U);
  EXPECT_TRUE(frames.frequencies_hz[0].empty());
  EXPECT_EQ(frames.frequencies_hz[1], std::vector<double>{440});
  EXPECT_EQ(frames.frequencies_hz[2], std::vector<double>{440});
  EXPECT_EQ(frames.frequencies_hz[3], (std::vector<double>{220, 440}));
  EXPECT_TRUE(frames.frequencies_hz[4].empty());
  EXPECT_THROW(pitch_frames(notes, 0, 1), Error);
  EXPECT_THROW(pitch_frames(notes, 0.01, 1e9), Error);
}

TEST(PitchFrames, FramesAreThoseThatTheirTimesSay) {
  // k * 0.01 is not always the nearest number to k hundredths.
  for (int k = 0; k < 3000; ++k) {
    const double time_sec = k / 100.0;
    const PitchFrames frames = pitch_frames(std::vector<Note>{note(0, time_sec, time_sec + 0.02, 60)}, 0.01, 31);
    for (std::size_t t = 0; t < frames.times_sec.size(); ++t) {
      const bool sounds = frames.times_sec[t] >= time_sec && frames.times_sec[t] < time_sec + 0.02;
      ASSERT_EQ(!frames.frequencies_hz[t].empty(), sounds) << k << " " << t;
    }
    k += 36;
  }
}

TEST(TrackScores, InstrumentsAreSortedOutAndDrumsAreNoPitches) {
  const std::vector<Note> reference{
      note(33, 1, 2, 40), note(0, 1, 2, 60), note(120, 1, 2, 70), {true, kDrumProgram, 1, 1, 36, 1}};
  const std::vector<Note> estimate{note(0, 1, 2, 60), note(120, 1, 2, 58)};
  const auto tracks = score_tracks(reference, estimate, class_set("GM_INSTR_CLASS_PLUS"));
  ASSERT_EQ(tracks.size(), 5U);
  EXPECT_EQ(tracks[0].name, "all");
  EXPECT_EQ(tracks[0].notes.onset_offset, (MatchScore{3, 2, 1}));
  EXPECT_EQ(tracks[1].name, "Piano");
  EXPECT_EQ(tracks[1].multipitch.accuracy, 1);
  EXPECT_EQ(tracks[2].name, "Bass");
  EXPECT_EQ(tracks[2].multipitch.miss_error, 1);
  EXPECT_EQ(tracks[3].name, "Prg. 120");
  EXPECT_EQ(tracks[3].multipitch.recall, 0);
  EXPECT_EQ(tracks[3].chroma.recall, 1);
  EXPECT_EQ(tracks[4].name, "Drums");
  const auto json = nlohmann::json::parse(to_json(tracks));
  EXPECT_EQ(json.at("Piano").at("transcription").at("Average_Overlap_Ratio"), 1);
  EXPECT_EQ(json.at("Piano").at("multipitch").at("Chroma Total Error"), 0);
  EXPECT_EQ(json.at("Drums").at("estimate"), 0);
}

}  // namespace
}  // namespace yourmt3
