#include "transcribe/group_evidence.h"

#include <gtest/gtest.h>

#include "core/fail.h"

namespace yourmt3 {
namespace {

/// Two segments of 103 frames, pitches from 21; groups of the mc13 tasks: 0 is piano, 3 guitar (program 24), 4 bass
/// (32).
class GroupEvidenceTest : public ::testing::Test {
 protected:
  static constexpr int kPiano = 0, kGuitar = 3, kBass = 4;
  static constexpr std::size_t kGroups = 12, kPitches = 88;

  GroupEvidenceTest() {
    config_.task = "onset_v1";
    config_.front_end.hop_length = 320;
    config_.front_end.pitch_min = 21;
    config_.pre_encoder.n_pitches = kPitches;
    config_.auxiliary = {.notes = true, .n_groups = 13, .group_notes = 8};
    config_.inference.group_weight = 0.5f;
    encoded_.n_segments = 2;
    encoded_.group_notes.assign(2 * 103 * kPitches * kGroups, -10.f);
  }

  void say(std::size_t frame, std::size_t pitch, int group, float logit) {
    encoded_.group_notes[(frame * kPitches + pitch - 21) * kGroups + static_cast<std::size_t>(group)] = logit;
  }
  /// In the frame of an onset and the next, which are what is looked at.
  void play(std::size_t frame, std::size_t pitch, int group, float logit) {
    say(frame, pitch, group, logit);
    say(frame + 1, pitch, group, logit);
  }
  std::vector<float> added(std::size_t frame, int program, std::initializer_list<std::size_t> pitches) const {
    std::bitset<128> possible;
    for (const std::size_t pitch : pitches) possible.set(pitch);
    std::vector<float> logits(static_cast<std::size_t>(task_.vocabulary.size()), 0.f);
    GroupEvidence(config_, task_, encoded_).add(frame, program, possible, logits);
    return logits;
  }
  float at(const std::vector<float>& logits, EventType type, int value) const {
    return logits[static_cast<std::size_t>(task_.vocabulary.id(type, value))];
  }

  ModelConfig config_;
  const Task& task_ = task("onset_v1");
  EncodedSegments encoded_;
};

TEST_F(GroupEvidenceTest, ProgramsAreAsLikelyAsTheirGroupForTheBestOfThePitches) {
  play(113, 60, kGuitar, 2.f);
  play(113, 60, kBass, -4.f);
  play(113, 40, kBass, 1.f);
  const auto one = added(113, -1, {60});
  EXPECT_FLOAT_EQ(at(one, EventType::kProgram, 24), 0.f);
  EXPECT_FLOAT_EQ(at(one, EventType::kProgram, 32), 0.5f * -6.f);
  EXPECT_FLOAT_EQ(at(one, EventType::kProgram, 0), 0.5f * -12.f);
  const auto both = added(113, -1, {40, 60});
  EXPECT_FLOAT_EQ(at(both, EventType::kProgram, 24), 0.f);
  EXPECT_FLOAT_EQ(at(both, EventType::kProgram, 32), 0.f);
  EXPECT_FLOAT_EQ(at(both, EventType::kProgram, 0), 0.5f * -11.f) << "for pitch 40";
}

TEST_F(GroupEvidenceTest, PitchesAreAsLikelyAsTheProgramIsForEach) {
  play(50, 60, kGuitar, 2.f);
  play(50, 40, kBass, 1.f);
  const auto logits = added(50, 32, {40, 60});
  EXPECT_FLOAT_EQ(at(logits, EventType::kPitch, 40), 0.f);
  EXPECT_FLOAT_EQ(at(logits, EventType::kPitch, 60), 0.5f * -12.f);
  EXPECT_FLOAT_EQ(at(logits, EventType::kPitch, 50), 0.f) << "not asked for";
}

TEST_F(GroupEvidenceTest, TheNextFrameCountsAsMuch) {
  for (const std::size_t frame : {50u, 51u}) {
    encoded_.group_notes.assign(encoded_.group_notes.size(), -10.f);
    say(frame, 60, kGuitar, 2.f);
    EXPECT_FLOAT_EQ(at(added(50, -1, {60}), EventType::kProgram, 0), 0.5f * -6.f) << frame;
  }
  EXPECT_FLOAT_EQ(at(added(49, -1, {60}), EventType::kProgram, 0), 0.f);
  EXPECT_FLOAT_EQ(at(added(52, -1, {60}), EventType::kProgram, 0), 0.f);
  say(205, 60, kGuitar, 2.f);
  EXPECT_FLOAT_EQ(at(added(205, -1, {60}), EventType::kProgram, 0), 0.5f * -12.f) << "the last has no next";
}

TEST_F(GroupEvidenceTest, OffsetsMoveGroupsOfAllPitches) {
  play(50, 60, kGuitar, 2.f);
  GroupEvidence evidence(config_, task_, encoded_);
  std::vector<float> said;
  evidence.append(50, 60, said);
  std::vector<float> expected(kGroups, -10.f);
  expected[kGuitar] = 2;
  EXPECT_EQ(said, expected);
  std::vector<float> offsets(kGroups, 0.f);
  offsets[kGuitar] = -4;
  evidence.set_offsets(offsets);
  std::vector<float> logits(static_cast<std::size_t>(task_.vocabulary.size()), 0.f);
  std::bitset<128> possible;
  possible.set(60);
  evidence.add(50, -1, possible, logits);
  EXPECT_FLOAT_EQ(at(logits, EventType::kProgram, 24), 0.f);
  EXPECT_FLOAT_EQ(at(logits, EventType::kProgram, 0), 0.5f * -8.f);
}

TEST_F(GroupEvidenceTest, NothingIsSaidWithoutPitches) {
  say(50, 60, kGuitar, 2.f);
  EXPECT_EQ(added(50, 24, {}), std::vector<float>(static_cast<std::size_t>(task_.vocabulary.size()), 0.f));
  EXPECT_EQ(added(205, 24, {10, 110}), std::vector<float>(static_cast<std::size_t>(task_.vocabulary.size()), 0.f))
      << "outside of the head";
}

TEST_F(GroupEvidenceTest, TheHeadIsNeeded) {
  encoded_.group_notes.clear();
  EXPECT_THROW(GroupEvidence(config_, task_, encoded_), Error);
}

}  // namespace
}  // namespace yourmt3
