#include "transcribe/settled_notes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "score/note_ops.h"
#include "support/property.h"
#include "support/tiny_model.h"
#include "transcribe/recording_tokens.h"

namespace yourmt3 {
namespace {

using testing::tiny_config;
using testing::tiny_onset_config;
using Rows = RecordingTokens::Rows;

/// A token of one of the kinds that make notes, rather than any: those leave few notes behind.
rc::Gen<std::int32_t> token_of(const Vocabulary& vocabulary) {
  const auto event = [&vocabulary](EventType type, int low, int high) {
    return rc::gen::map(rc::gen::inRange(low, high),
                        [&vocabulary, type](int value) { return vocabulary.id(type, value); });
  };
  return rc::gen::weightedOneOf<std::int32_t>({{4, event(EventType::kPitch, 60, 63)},
                                               {3, event(EventType::kShift, 0, 206)},
                                               {3, event(EventType::kVelocity, 0, 2)},
                                               {2, event(EventType::kProgram, 0, 2)},
                                               {1, event(EventType::kTie, 0, 1)},
                                               {1, event(EventType::kDrum, 36, 38)}});
}

rc::Gen<std::vector<Rows>> segments_of(const Task& task, int max_segments) {
  const auto row = rc::gen::container<std::vector<std::int32_t>>(token_of(task.vocabulary));
  return rc::gen::mapcat(rc::gen::inRange(1, max_segments), [row, &task](int n) {
    return rc::gen::container<std::vector<Rows>>(
        static_cast<std::size_t>(n), rc::gen::container<Rows>(static_cast<std::size_t>(task.n_channels), row));
  });
}

/// Another for each token.
RecordingTokens::Probabilities probabilities_of(const Rows& rows) {
  RecordingTokens::Probabilities all;
  for (const auto& row : rows) {
    auto& probabilities = all.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) probabilities.push_back(1.f / static_cast<float>(i + all.size()));
  }
  return all;
}

std::vector<Note> told(const ModelConfig& config, const std::vector<Rows>& segments,
                       const std::vector<std::vector<float>>& auxiliary, std::vector<Note>* whole) {
  const Task& trained = task(config.task);
  RecordingTokens tokens(config, trained);
  SettledNotes settled(config, trained);
  std::vector<Note> notes;
  const auto take = [&notes](const std::vector<Note>& some) { notes.insert(notes.end(), some.begin(), some.end()); };
  for (std::size_t i = 0; i < segments.size(); ++i) {
    tokens.append(auxiliary.empty() ? std::span<const float>() : std::span<const float>(auxiliary[i]));
    tokens.set(i, segments[i], probabilities_of(segments[i]));
    take(settled.push(segments[i], tokens.probabilities(i), tokens.sounding()));
  }
  take(settled.finish(tokens.sounding()));
  Transcription heard;
  tokens.finish(heard);
  *whole = heard.notes;
  sort_notes(notes);
  sort_notes(*whole);
  return notes;
}

RC_GTEST_PROP(SettledNotes, AreTheNotesOfTheWholeRecording, ()) {
  const ModelConfig config = tiny_config();
  const auto segments = *segments_of(task(config.task), 14);
  std::vector<Note> whole;
  const std::vector<Note> notes = told(config, segments, {}, &whole);
  RC_ASSERT(notes == whole);
}

RC_GTEST_PROP(SettledNotes, AreThoseOfManyChannels, ()) {
  ModelConfig config = tiny_config();
  config.task = "mc13_full_plus_256";
  const auto segments = *segments_of(task(config.task), 6);
  std::vector<Note> whole;
  const std::vector<Note> notes = told(config, segments, {}, &whole);
  RC_ASSERT(notes == whole);
}

RC_GTEST_PROP(SettledNotes, AreThoseWhoseEndsTheHeadsTell, ()) {
  const ModelConfig config = tiny_onset_config();
  const auto segments = *segments_of(task(config.task), 14);
  const AuxiliaryLayout layout(config);
  const auto n_values = static_cast<std::size_t>(layout.width * config.front_end.n_frames());
  // Sounding or not by segment, so that notes go over several.
  std::vector<std::vector<float>> auxiliary;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    auxiliary.emplace_back(n_values, *rc::gen::element(-9.f, 9.f, 9.f));
    for (int k = *rc::gen::inRange(0, 40); k > 0; --k) {
      auxiliary.back()[*rc::gen::inRange<std::size_t>(0, n_values)] *= -1.f;
    }
  }
  std::vector<Note> whole;
  const std::vector<Note> notes = told(config, segments, auxiliary, &whole);
  RC_ASSERT(notes == whole);
}

/// Tokens of a note from `begin` to `end` ticks; a negative begin means that it is tied, a negative end that it goes
/// on.
std::vector<std::int32_t> one_note(const Vocabulary& v, int begin, int end) {
  std::vector<std::int32_t> ids;
  const auto add = [&](EventType type, int value) { ids.push_back(v.id(type, value)); };
  if (begin < 0) {
    add(EventType::kProgram, 0);
    add(EventType::kPitch, 60);
  }
  add(EventType::kTie, 0);
  for (const auto& [tick, velocity] : {std::pair(begin, 1), std::pair(end, 0)}) {
    if (tick < 0) continue;
    add(EventType::kShift, tick);
    add(EventType::kProgram, 0);
    add(EventType::kVelocity, velocity);
    add(EventType::kPitch, 60);
  }
  return ids;
}

TEST(SettledNotes, ANoteIsToldWithTheSegmentInWhichItEnds) {
  const ModelConfig config = tiny_config();
  const Vocabulary& v = task(config.task).vocabulary;
  SettledNotes settled(config, task(config.task));
  EXPECT_TRUE(settled.push(Rows{one_note(v, 10, -1)}, {}, nullptr).empty()) << "it may go on";
  EXPECT_TRUE(settled.push(Rows{one_note(v, -1, -1)}, {}, nullptr).empty());
  const std::vector<Note> notes = settled.push(Rows{one_note(v, -1, 50)}, {}, nullptr);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NEAR(notes[0].onset_sec, 0.1, 1e-9);
  EXPECT_NEAR(notes[0].offset_sec, 2 * 32767 / 16000.0 + 0.5, 0.01);
  EXPECT_TRUE(settled.push(Rows{one_note(v, 10, -1)}, {}, nullptr).empty());
  EXPECT_EQ(settled.finish(nullptr).size(), 1u) << "what goes on at the end";
  EXPECT_TRUE(SettledNotes(config, task(config.task)).finish(nullptr).empty());
}

TEST(SettledNotes, ANoteThatNeverEndsIsToldAfterTenSeconds) {
  const ModelConfig config = tiny_config();
  const Vocabulary& v = task(config.task).vocabulary;
  SettledNotes settled(config, task(config.task));
  EXPECT_TRUE(settled.push(Rows{one_note(v, 0, -1)}, {}, nullptr).empty());
  std::vector<std::size_t> n_told;
  for (int i = 0; i < 6; ++i) n_told.push_back(settled.push(Rows{one_note(v, -1, -1)}, {}, nullptr).size());
  EXPECT_EQ(n_told, (std::vector<std::size_t>{0, 0, 0, 1, 0, 0}));
}

}  // namespace
}  // namespace yourmt3
