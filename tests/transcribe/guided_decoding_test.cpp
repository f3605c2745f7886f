#include "transcribe/guided_decoding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "score/task.h"

namespace yourmt3 {
namespace {

/// 103 frames of 20 ms, pitches from 21, fusion 0.5 * clamp(logit + 1, -4, 4).
ModelConfig fused_config() {
  ModelConfig config;
  config.task = "onset_v1";
  config.front_end.hop_length = 320;
  config.front_end.pitch_min = 21;
  config.pre_encoder.n_pitches = 88;
  config.auxiliary.notes = true;
  config.inference = {
      .grammar = false, .fusion_weight = 0.5f, .fusion_bias = 1.f, .fusion_clamp = 4.f, .onset_only = true};
  return config;
}

class GuidedDecodingTest : public ::testing::Test {
 protected:
  GuidedDecodingTest() {
    const AuxiliaryLayout layout(config_);
    encoded_.n_segments = 2;
    encoded_.auxiliary.assign(static_cast<std::size_t>(2 * config_.front_end.n_frames() * layout.width), -10.f);
  }

  float& onset(int segment, int frame, int pitch) {
    const AuxiliaryLayout layout(config_);
    const int row = segment * config_.front_end.n_frames() + frame;
    return encoded_.auxiliary[static_cast<std::size_t>(row * layout.width + pitch - layout.pitch_min)];
  }
  float& drum_onset(int segment, int frame, int key) {
    const AuxiliaryLayout layout(config_);
    const int row = segment * config_.front_end.n_frames() + frame;
    return encoded_
        .auxiliary[static_cast<std::size_t>(row * layout.width + 2 * layout.n_pitches + key - layout.drum_min)];
  }

  std::vector<float> processed(int row, const std::vector<Event>& before) {
    const Grammar grammar(task_, config_.inference.onset_only, mask_);
    GuidedDecoding guide(config_, grammar, encoded_);
    std::vector<std::int32_t> tokens = task_.prefixes.at("onsets");
    for (const Event& event : before) tokens.push_back(task_.vocabulary.id(event.type, event.value));
    std::vector<float> logits(static_cast<std::size_t>(task_.vocabulary.size()), 0.f);
    guide.process(row, tokens, logits);
    return logits;
  }
  float logit(const std::vector<float>& logits, EventType type, int value) const {
    return logits[static_cast<std::size_t>(task_.vocabulary.id(type, value))];
  }

  ModelConfig config_ = fused_config();
  InstrumentMask mask_;
  const Task& task_ = task("onset_v1");
  EncodedSegments encoded_;
};

TEST_F(GuidedDecodingTest, PitchesThatBeginNowBecomeLikelier) {
  onset(0, 10, 60) = 2.f;
  // 0.2 s is frame 10; frames 9 and 11 see it too, frame 12 does not.
  for (const auto& [tick, expected] : {std::pair{20, 1.5f}, {18, 1.5f}, {22, 1.5f}, {24, -2.f}}) {
    const auto logits = processed(
        0, {{EventType::kTie, 0}, {EventType::kShift, tick}, {EventType::kProgram, 0}, {EventType::kVelocity, 1}});
    EXPECT_FLOAT_EQ(logit(logits, EventType::kPitch, 60), expected) << tick;
    EXPECT_FLOAT_EQ(logit(logits, EventType::kPitch, 61), -2.f) << "clamped";
    EXPECT_FLOAT_EQ(logit(logits, EventType::kPitch, 10), 0.f) << "below the heads";
  }
}

TEST_F(GuidedDecodingTest, DrumsBecomeLikelierToo) {
  drum_onset(0, 10, 36) = 9.f;
  const auto logits = processed(0, {{EventType::kTie, 0}, {EventType::kShift, 20}, {EventType::kVelocity, 1}});
  EXPECT_FLOAT_EQ(logit(logits, EventType::kDrum, 36), 2.f);
  EXPECT_FLOAT_EQ(logit(logits, EventType::kDrum, 38), -2.f);
}

TEST_F(GuidedDecodingTest, ShiftsToBeginningsBecomeLikelier) {
  onset(1, 50, 40) = 1.f;
  const auto logits = processed(1, {{EventType::kTie, 0}});
  EXPECT_FLOAT_EQ(logit(logits, EventType::kShift, 100), 1.f);
  EXPECT_FLOAT_EQ(logit(logits, EventType::kShift, 90), -2.f);
  const auto other_segment = processed(0, {{EventType::kTie, 0}});
  EXPECT_FLOAT_EQ(logit(other_segment, EventType::kShift, 100), -2.f);
}

TEST_F(GuidedDecodingTest, TheTieSectionIsLeftAlone) {
  onset(0, 0, 60) = 2.f;
  for (const float value : processed(0, {})) EXPECT_FLOAT_EQ(value, 0.f);
}

TEST_F(GuidedDecodingTest, TheGrammarForbids) {
  config_.inference.grammar = true;
  const auto logits = processed(0, {{EventType::kTie, 0}});
  EXPECT_TRUE(std::isinf(logit(logits, EventType::kTie, 0)));
  EXPECT_TRUE(std::isinf(logit(logits, EventType::kVelocity, 0)));
  EXPECT_FALSE(std::isinf(logit(logits, EventType::kProgram, 0)));
  EXPECT_FALSE(std::isinf(logit(logits, EventType::kEos, 0)));
}

TEST_F(GuidedDecodingTest, TheMaskForbidsWithoutTheGrammarToo) {
  const std::vector<std::string> names = {"piano", "drums"};
  mask_ = InstrumentMask(names, {});
  auto logits = processed(0, {{EventType::kTie, 0}});
  EXPECT_FALSE(std::isinf(logit(logits, EventType::kProgram, 0)));
  EXPECT_TRUE(std::isinf(logit(logits, EventType::kProgram, 32)));
  EXPECT_FALSE(std::isinf(logit(logits, EventType::kDrum, 36)));
  EXPECT_FALSE(std::isinf(logit(logits, EventType::kTie, 0))) << "the mask knows no grammar";
  mask_ = InstrumentMask({}, names);
  logits = processed(0, {{EventType::kTie, 0}});
  EXPECT_TRUE(std::isinf(logit(logits, EventType::kProgram, 0)));
  EXPECT_FALSE(std::isinf(logit(logits, EventType::kProgram, 32)));
  EXPECT_TRUE(std::isinf(logit(logits, EventType::kDrum, 36)));
}

TEST_F(GuidedDecodingTest, CandidatesAreTrustedAsTheHeadsTrustThem) {
  config_.inference.grammar = true;
  config_.inference.certain_onset = config_.inference.certain_drum = 0.6f;
  config_.inference.possible_onset = config_.inference.possible_drum = 0.2f;
  drum_onset(0, 10, 36) = 0.f;  // One half.
  const Grammar grammar(task_, true);
  GuidedDecoding guide(config_, grammar, encoded_);
  std::vector<std::int32_t> tokens = task_.prefixes.at("onsets");
  for (const Event& event : {Event{EventType::kTie, 0}, {EventType::kShift, 20}, {EventType::kVelocity, 1}}) {
    tokens.push_back(task_.vocabulary.id(event.type, event.value));
  }
  std::vector<float> logits(static_cast<std::size_t>(task_.vocabulary.size()), 0.f);
  guide.process(0, tokens, logits);
  EXPECT_NEAR(guide.trust(0, task_.vocabulary.id(EventType::kDrum, 36)), 0.5f, 1e-3f);
  EXPECT_EQ(guide.trust(0, task_.vocabulary.id(EventType::kShift, 30)), 1.f);
}

}  // namespace
}  // namespace yourmt3
