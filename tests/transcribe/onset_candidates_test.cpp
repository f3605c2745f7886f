#include "transcribe/onset_candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "score/task.h"

namespace yourmt3 {
namespace {

constexpr float kSilent = -12.f;

ModelConfig config_with_candidates() {
  ModelConfig config;
  config.task = "onset_v1";
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.hop_length = 320;
  config.auxiliary.notes = true;
  config.auxiliary.n_groups = 0;
  config.inference.certain_onset = 0.6f;
  config.inference.possible_onset = 0.2f;
  config.inference.certain_drum = 0.6f;
  config.inference.possible_drum = 0.2f;
  return config;
}

/// Logits of one segment, silent but for what a test sets.
struct Frames {
  explicit Frames(const ModelConfig& config)
      : layout(config), logits(static_cast<std::size_t>(config.front_end.n_frames() * layout.width), kSilent) {}

  /// An onset, and the pitch sounds from there on, with the probability that leaves the evidence as it is.
  void pitch(int frame, int pitch, float logit) {
    set(frame, pitch - layout.pitch_min, logit);
    sound(frame, frame + 5, pitch, 0.5322f);
  }
  void sound(int first, int end, int pitch, float logit) {
    for (int frame = first; frame < end; ++frame) set(frame, layout.n_pitches + pitch - layout.pitch_min, logit);
  }
  void drum(int frame, int key, float logit) { set(frame, 2 * layout.n_pitches + key - layout.drum_min, logit); }
  void set(int frame, int column, float logit) {
    logits[static_cast<std::size_t>(frame * layout.width + column)] = logit;
  }

  AuxiliaryLayout layout;
  std::vector<float> logits;
};

const Grammar& everything() {
  static const Grammar grammar(task("onset_v1"), true);
  return grammar;
}

TEST(OnsetCandidates, AreNoneInSilence) {
  const ModelConfig config = config_with_candidates();
  EXPECT_TRUE(OnsetCandidates(config, everything(), Frames(config).logits).chords().empty());
}

TEST(OnsetCandidates, TellCertainFromPossibleByTheSumOfThreeFrames) {
  const ModelConfig config = config_with_candidates();
  Frames frames(config);
  frames.pitch(9, 60, -1.f);  // 0.27 + 0.38 + 0.27
  frames.pitch(10, 60, -0.5f);
  frames.pitch(11, 60, -1.f);
  frames.pitch(10, 64, -0.5f);  // 0.38 alone
  frames.pitch(10, 67, -2.f);   // 0.12
  const OnsetCandidates candidates(config, everything(), frames.logits);
  ASSERT_EQ(candidates.chords().size(), 1u);
  const auto& chord = candidates.chords()[0];
  EXPECT_EQ(chord.tick, 20);  // Frames of 20 ms, ticks of 10 ms.
  EXPECT_TRUE(chord.certain_pitches.test(60));
  EXPECT_TRUE(chord.possible_pitches.test(64));
  EXPECT_FALSE(chord.certain_pitches.test(64));
  EXPECT_FALSE(chord.possible_pitches.test(67));
  EXPECT_NEAR(candidates.evidence(20, false, 64), 0.378f, 0.001f);
  EXPECT_NEAR(candidates.evidence(20, false, 60), 0.915f, 0.002f);
  EXPECT_EQ(candidates.evidence(20, true, 60), 0.f);
  EXPECT_EQ(candidates.evidence(21, false, 60), 0.f);
}

TEST(OnsetCandidates, AreOfTheKindsThatMayBeWritten) {
  const ModelConfig config = config_with_candidates();
  Frames frames(config);
  frames.pitch(10, 60, 3.f);
  frames.drum(30, 36, 3.f);
  const std::vector<std::string> drums = {"drums"};
  const Grammar only_drums(task(config.task), true, InstrumentMask(drums, {}));
  const OnsetCandidates some(config, only_drums, frames.logits);
  ASSERT_EQ(some.chords().size(), 1u);
  EXPECT_TRUE(some.chords()[0].certain_drums.test(36));
  const Grammar no_drums(task(config.task), true, InstrumentMask({}, drums));
  const OnsetCandidates others(config, no_drums, frames.logits);
  ASSERT_EQ(others.chords().size(), 1u);
  EXPECT_TRUE(others.chords()[0].certain_pitches.test(60));
}

TEST(OnsetCandidates, MarginsShowWhatLiesBesideTheSegment) {
  ModelConfig config = config_with_candidates();
  config.inference.certain_onset = config.inference.possible_onset = 0.5f;
  config.inference.overlap = true;
  Frames frames(config);
  frames.pitch(0, 60, 1.f);
  frames.drum(0, 36, 0.f);
  frames.drum(101, 38, -0.5f);  // 0.38, and as much in the next frame, which is the next segment's own.
  frames.drum(102, 38, -0.5f);
  frames.drum(102, 40, 3.f);
  const OnsetCandidates alone(config, everything(), frames.logits);
  ASSERT_EQ(alone.chords().size(), 2u);
  EXPECT_TRUE(alone.chords()[0].certain_pitches.test(60));
  EXPECT_EQ(alone.chords()[1].tick, 202);
  EXPECT_TRUE(alone.chords()[1].certain_drums.test(38));
  EXPECT_FALSE(alone.chords()[1].possible_drums.test(40));
  // With what lies before, the pitch has sounded already and the drum was struck a frame ago.
  Frames before(config);
  before.sound(103 - 4, 103, 60, 4.f);
  before.drum(102, 36, 2.f);
  HeadMargins margins;
  const auto width = static_cast<std::ptrdiff_t>(OnsetCandidates::kMargin) * before.layout.width;
  margins.before.assign(before.logits.end() - width, before.logits.end());
  margins.after.assign(before.logits.begin(), before.logits.begin() + width);
  const OnsetCandidates seen(config, everything(), frames.logits, margins);
  ASSERT_EQ(seen.chords().size(), 1u);
  EXPECT_EQ(seen.chords()[0].tick, 202);
}

TEST(OnsetCandidates, GatherNeighbouringFramesIntoAChord) {
  const ModelConfig config = config_with_candidates();
  Frames frames(config);
  frames.pitch(10, 60, 3.f);
  frames.drum(11, 36, 3.f);
  frames.pitch(12, 64, 3.f);
  const OnsetCandidates candidates(config, everything(), frames.logits);
  ASSERT_EQ(candidates.chords().size(), 2u);
  EXPECT_TRUE(candidates.chords()[0].certain_drums.test(36));
  EXPECT_EQ(candidates.chords()[0].tick, 21);
  EXPECT_EQ(candidates.chords()[1].tick, 24);
}

TEST(OnsetCandidates, DoubtAPitchThatSoundedBeforeOrDoesNotSoundAfter) {
  const ModelConfig config = config_with_candidates();
  Frames frames(config);
  frames.pitch(50, 60, 1.f);  // 0.73
  frames.pitch(50, 62, 1.f);
  frames.sound(40, 60, 62, 12.f);  // 2 * 0.73 * (1 - 0.7)
  frames.pitch(50, 64, 1.f);
  frames.sound(50, 60, 64, kSilent);
  const OnsetCandidates candidates(config, everything(), frames.logits);
  ASSERT_EQ(candidates.chords().size(), 1u);
  const auto& chord = candidates.chords()[0];
  EXPECT_TRUE(chord.certain_pitches.test(60));
  EXPECT_FALSE(chord.certain_pitches.test(62));
  EXPECT_TRUE(chord.possible_pitches.test(62));
  EXPECT_FALSE(chord.possible_pitches.test(64));
}

/// Draws allowed tokens at random until EOS, as a decoder would that knows nothing.
std::vector<std::int32_t> random_walk(const Grammar& grammar, OnsetCandidates& candidates, std::mt19937& random) {
  std::vector<std::int32_t> tokens;
  std::vector<std::uint8_t> allowed(static_cast<std::size_t>(grammar.task().vocabulary.size()));
  GrammarState state = grammar.start();
  while (tokens.size() < 5000) {
    if (state.section == GrammarState::Section::kNotes) {
      candidates.allowed_tokens(grammar, state, allowed);
    } else {
      grammar.allowed_tokens(state, 0, allowed);
    }
    std::vector<std::int32_t> choices;
    for (std::size_t id = 0; id < allowed.size(); ++id) {
      if (allowed[id] != 0) choices.push_back(static_cast<std::int32_t>(id));
    }
    if (choices.empty()) {
      ADD_FAILURE() << "nothing is allowed after " << tokens.size() << " tokens";
      return tokens;
    }
    const std::int32_t token = choices[std::uniform_int_distribution<std::size_t>(0, choices.size() - 1)(random)];
    tokens.push_back(token);
    if (token == kEosId) return tokens;
    grammar.advance(state, token);
    const Event event = grammar.task().vocabulary.event(token);
    if (event.type == EventType::kPitch) candidates.take_pitch(state.tick, event.value);
    if (event.type == EventType::kDrum) candidates.take_drum(state.tick, event.value);
  }
  ADD_FAILURE() << "no end in sight";
  return tokens;
}

TEST(OnsetCandidates, MakeAnyDecoderWriteAllThatIsCertainAndNothingImpossible) {
  const ModelConfig config = config_with_candidates();
  const std::vector<std::string> some = {"guitar", "bass"}, drums = {"drums"};
  const std::vector<InstrumentMask> masks = {InstrumentMask(), InstrumentMask(some, {}), InstrumentMask(drums, {}),
                                             InstrumentMask({}, drums)};
  std::mt19937 random(7);
  for (std::size_t trial = 0; trial < 200; ++trial) {
    const Grammar grammar(task(config.task), true, masks[trial % masks.size()]);
    Frames frames(config);
    std::normal_distribution<float> logit(-5.f, 4.f);
    for (float& value : frames.logits) value = logit(random);
    const OnsetCandidates all(config, grammar, frames.logits);
    OnsetCandidates left = all;
    const auto tokens = random_walk(grammar, left, random);
    for (const auto& chord : left.chords()) EXPECT_FALSE(chord.has_certain());

    int tick = 0;
    for (const std::int32_t token : tokens) {
      const Event event = grammar.task().vocabulary.event(token);
      if (event.type == EventType::kShift) tick = event.value;
      if (event.type != EventType::kPitch && event.type != EventType::kDrum) continue;
      const auto chord =
          std::find_if(all.chords().begin(), all.chords().end(), [&](const auto& c) { return c.tick == tick; });
      ASSERT_NE(chord, all.chords().end());
      const auto& possible = event.type == EventType::kPitch ? chord->possible_pitches : chord->possible_drums;
      EXPECT_TRUE(possible.test(static_cast<std::size_t>(event.value)));
    }
  }
}

}  // namespace
}  // namespace yourmt3
