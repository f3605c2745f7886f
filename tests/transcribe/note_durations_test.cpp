#include "transcribe/note_durations.h"

#include <gtest/gtest.h>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

/// 10 frames of 20 ms in a segment of 0.2 s, pitches 60 to 63, 2 drums.
ModelConfig small_config() {
  ModelConfig config;
  config.front_end.sample_rate = 1000;
  config.front_end.segment_samples = 199;
  config.front_end.hop_length = 20;
  config.front_end.pitch_min = 60;
  config.pre_encoder.n_pitches = 4;
  config.auxiliary.notes = true;
  config.auxiliary.n_drums = 2;
  return config;
}

/// Logits of `n_segments` segments in which pitch 61 sounds in the frames of `sounding`.
std::vector<float> logits(const ModelConfig& config, int n_segments, const std::vector<int>& sounding) {
  const AuxiliaryLayout layout(config);
  const int n_frames = config.front_end.n_frames();
  std::vector<float> values(static_cast<std::size_t>(n_segments * n_frames * layout.width), -5.f);
  for (const int frame : sounding) {
    values[static_cast<std::size_t>(frame * layout.width + layout.n_pitches + 1)] = 5.f;
  }
  return values;
}

TEST(NoteDurations, ANoteEndsAtTheFirstOfTwoSilentFrames) {
  const ModelConfig config = small_config();
  ASSERT_EQ(config.front_end.n_frames(), 10);
  SoundingFrames sounding(config);
  sounding.append(logits(config, 1, {0, 1, 2, 3, 5, 6}));
  EXPECT_DOUBLE_EQ(sounding.end_of_note(0.0, 61), 0.14) << "frame 4 alone is no end";
}

TEST(NoteDurations, GoOnFromOneSegmentToTheNext) {
  const ModelConfig config = small_config();
  SoundingFrames sounding(config);
  sounding.append(logits(config, 2, {7, 8, 9, 10, 11, 12}));
  EXPECT_DOUBLE_EQ(sounding.end_of_note(0.14, 61), 0.199 + 0.06);
}

TEST(NoteDurations, AreAtLeastTheShortest) {
  const ModelConfig config = small_config();
  SoundingFrames sounding(config);
  sounding.append(logits(config, 1, {}));
  EXPECT_GE(sounding.end_of_note(0.03, 61), 0.03 + SoundingFrames::kShortestSec);
  EXPECT_LE(sounding.end_of_note(0.03, 61), 0.03 + SoundingFrames::kShortestSec + 0.02);
}

TEST(NoteDurations, EndWithTheRecordingOrAfterTheLongest) {
  const ModelConfig config = small_config();
  std::vector<int> all(1000);
  for (int i = 0; i < 1000; ++i) all[static_cast<std::size_t>(i)] = i;
  SoundingFrames sounding(config);
  sounding.append(logits(config, 100, all));
  EXPECT_DOUBLE_EQ(sounding.end_of_note(0.5, 61), 0.5 + SoundingFrames::kLongestSec);
  EXPECT_DOUBLE_EQ(sounding.end_of_note(19.0, 61), 19.9);
}

TEST(NoteDurations, EndAtTheNextOnsetOfTheSameInstrumentAndPitch) {
  const ModelConfig config = small_config();
  SoundingFrames sounding(config);
  sounding.append(logits(config, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  std::vector<Note> notes = {{false, 0, 0.00, 0.01, 61, 1},
                             {false, 40, 0.02, 0.03, 61, 1},
                             {false, 0, 0.08, 0.09, 61, 1},
                             {true, kDrumProgram, 0.08, 0.09, 61, 1}};
  set_offsets(notes, sounding);
  EXPECT_DOUBLE_EQ(notes[0].offset_sec, 0.08);
  EXPECT_DOUBLE_EQ(notes[1].offset_sec, 0.199) << "another instrument goes on";
  EXPECT_DOUBLE_EQ(notes[2].offset_sec, 0.199);
  EXPECT_DOUBLE_EQ(notes[3].offset_sec, 0.09) << "drums keep their length";
}

TEST(NoteDurations, PitchesThatTheHeadsDoNotCoverAreShort) {
  const ModelConfig config = small_config();
  SoundingFrames sounding(config);
  sounding.append(logits(config, 1, {}));
  std::vector<Note> notes = {{false, 0, 0.1, 0.11, 30, 1}};
  set_offsets(notes, sounding);
  EXPECT_DOUBLE_EQ(notes[0].offset_sec, 0.1 + SoundingFrames::kShortestSec);
}

TEST(NoteDurations, NeedTheNoteHeads) {
  ModelConfig config = small_config();
  config.auxiliary.notes = false;
  EXPECT_THROW(SoundingFrames{config}, Error);
}

}  // namespace
}  // namespace yourmt3
