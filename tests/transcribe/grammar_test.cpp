#include "transcribe/grammar.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <random>

#include "score/note_ops.h"
#include "score/tokenizer.h"
#include "support/grammar_walk.h"
#include "support/property.h"
#include "transcribe/instruments.h"

namespace yourmt3 {
namespace {

using testing::allowed_after;

std::vector<std::int32_t> ids(const Task& task, const std::vector<Event>& events) {
  std::vector<std::int32_t> tokens;
  for (const Event& event : events) tokens.push_back(task.vocabulary.id(event.type, event.value));
  return tokens;
}

bool may_follow(const Grammar& grammar, const std::vector<Event>& before, Event next, int channel = 0) {
  const auto allowed = allowed_after(grammar, ids(grammar.task(), before), channel);
  return allowed[static_cast<std::size_t>(grammar.task().vocabulary.id(next.type, next.value))] != 0;
}

constexpr Event kTieEvent{EventType::kTie, 0};
constexpr Event kEnd{EventType::kEos, 0};
constexpr Event program(int value) {
  return {EventType::kProgram, value};
}
constexpr Event velocity(int value) {
  return {EventType::kVelocity, value};
}
constexpr Event pitch(int value) {
  return {EventType::kPitch, value};
}
constexpr Event shift(int value) {
  return {EventType::kShift, value};
}
constexpr Event drum(int value) {
  return {EventType::kDrum, value};
}

TEST(Grammar, BeginsWithTiesInOrder) {
  const Grammar grammar(task("mt3_full_plus"), false);
  EXPECT_TRUE(may_follow(grammar, {}, kTieEvent));
  EXPECT_TRUE(may_follow(grammar, {}, program(0)));
  EXPECT_FALSE(may_follow(grammar, {}, pitch(60))) << "no program yet";
  EXPECT_FALSE(may_follow(grammar, {}, kEnd));
  EXPECT_FALSE(may_follow(grammar, {}, shift(1)));
  EXPECT_FALSE(may_follow(grammar, {program(0)}, kTieEvent)) << "a program needs a pitch";
  EXPECT_TRUE(may_follow(grammar, {program(0), pitch(60)}, pitch(61)));
  EXPECT_FALSE(may_follow(grammar, {program(0), pitch(60)}, pitch(60)));
  EXPECT_TRUE(may_follow(grammar, {program(40), pitch(60)}, program(41)));
  EXPECT_FALSE(may_follow(grammar, {program(40), pitch(60)}, program(24)));
  EXPECT_TRUE(may_follow(grammar, {program(40), pitch(60), program(41)}, pitch(20)));
}

TEST(Grammar, NamesOnlyProgramsThatStandForTheirClass) {
  const Grammar grammar(task("mt3_full_plus"), false);
  EXPECT_TRUE(may_follow(grammar, {kTieEvent}, program(73)));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent}, program(72)));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent}, program(97)));
}

TEST(Grammar, TimeGrows) {
  const Grammar grammar(task("mt3_full_plus"), false);
  const std::vector<Event> note_at_50 = {kTieEvent, shift(50), program(0), velocity(1), pitch(60)};
  EXPECT_TRUE(may_follow(grammar, note_at_50, shift(51)));
  EXPECT_FALSE(may_follow(grammar, note_at_50, shift(50)));
  EXPECT_FALSE(may_follow(grammar, note_at_50, shift(0)));
  EXPECT_TRUE(may_follow(grammar, note_at_50, kEnd));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent, shift(50)}, shift(51))) << "a shift needs an event";
  EXPECT_FALSE(may_follow(grammar, {kTieEvent, shift(50)}, kEnd));
}

TEST(Grammar, OneTickGoesByProgramThenEndsThenBeginningsThenPitch) {
  const Grammar grammar(task("mt3_full_plus"), false);
  const std::vector<Event> tick = {program(40), pitch(50), pitch(60), kTieEvent, velocity(0), pitch(60)};
  EXPECT_FALSE(may_follow(grammar, tick, pitch(50))) << "pitches ascend";
  EXPECT_FALSE(may_follow(grammar, tick, pitch(70))) << "this note does not sound";
  EXPECT_TRUE(may_follow(grammar, tick, velocity(1)));
  std::vector<Event> begun = tick;
  begun.insert(begun.end(), {velocity(1), pitch(30)});
  EXPECT_FALSE(may_follow(grammar, begun, velocity(0))) << "ends come first";
  EXPECT_TRUE(may_follow(grammar, begun, pitch(31)));
  EXPECT_FALSE(may_follow(grammar, begun, program(0))) << "programs ascend";
  EXPECT_TRUE(may_follow(grammar, begun, program(41)));
  EXPECT_TRUE(may_follow(grammar, begun, drum(36)));
}

TEST(Grammar, ProgramsAndVelocitiesNeedANote) {
  const Grammar grammar(task("mt3_full_plus"), false);
  for (const Event next : {kEnd, shift(10), drum(36), program(41), kTieEvent}) {
    EXPECT_FALSE(may_follow(grammar, {kTieEvent, program(40)}, next));
    EXPECT_FALSE(may_follow(grammar, {kTieEvent, program(40), velocity(1)}, next));
  }
  EXPECT_TRUE(may_follow(grammar, {kTieEvent, velocity(1)}, drum(36)));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent, velocity(1)}, pitch(60))) << "no program yet";
}

TEST(Grammar, DrumsEndTheTick) {
  const Grammar grammar(task("mt3_full_plus"), false);
  const std::vector<Event> tick = {kTieEvent, program(0), velocity(1), pitch(60), drum(36)};
  EXPECT_TRUE(may_follow(grammar, tick, drum(38)));
  EXPECT_FALSE(may_follow(grammar, tick, drum(36)));
  EXPECT_FALSE(may_follow(grammar, tick, pitch(62)));
  EXPECT_FALSE(may_follow(grammar, tick, program(40)));
}

TEST(Grammar, ChannelsKeepToTheirInstruments) {
  const Task& channels = task("mc13_full_plus_256");
  const Grammar grammar(channels, false);
  EXPECT_TRUE(may_follow(grammar, {kTieEvent}, program(0), 0));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent}, program(40), 0));
  EXPECT_TRUE(may_follow(grammar, {kTieEvent}, program(40), 5));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent, velocity(1)}, drum(36), 5));
  EXPECT_TRUE(may_follow(grammar, {kTieEvent, velocity(1)}, drum(36), 12));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent}, program(0), 12));
  EXPECT_FALSE(may_follow(grammar, {kTieEvent}, velocity(1), 5)) << "nothing could follow it";
}

TEST(Grammar, OnsetsOnlyHaveNoEndsAndNoTies) {
  const Task& onsets = task("onset_v1");
  const Grammar grammar(onsets, true);
  const std::int32_t first = onsets.prefixes.at("onsets").front();
  const auto at_start = allowed_after(grammar, {}, 0);
  EXPECT_EQ(std::count(at_start.begin(), at_start.end(), 1), 1);
  EXPECT_EQ(at_start[static_cast<std::size_t>(first)], 1);
  const auto after_first = allowed_after(grammar, {first}, 0);
  EXPECT_EQ(std::count(after_first.begin(), after_first.end(), 1), 1);
  EXPECT_EQ(after_first[static_cast<std::size_t>(onsets.vocabulary.id(EventType::kTie))], 1);
  std::vector<std::int32_t> note = ids(onsets, {kTieEvent, program(0), velocity(1), pitch(60), shift(5)});
  note.insert(note.begin(), first);
  EXPECT_EQ(allowed_after(grammar, note, 0)[static_cast<std::size_t>(onsets.vocabulary.id(EventType::kVelocity, 0))],
            0);
}

TEST(Grammar, ChannelsWithoutAnInstrumentAreNotDecoded) {
  const std::vector<std::string> some = {"organ", "drums"}, drums = {"drums"}, violin = {"violin"};
  const auto channels = [](const Grammar& grammar) {
    return std::vector<int>(grammar.channels().begin(), grammar.channels().end());
  };
  EXPECT_EQ(channels(Grammar(task("mc13"), false, InstrumentMask(some, {}))), (std::vector<int>{2, 12}));
  EXPECT_EQ(channels(Grammar(task("mc13_full_plus"), false, InstrumentMask(violin, {}))), std::vector<int>{5});
  EXPECT_EQ(channels(Grammar(task("mc13"), false, InstrumentMask({}, drums))).size(), 12u);
  EXPECT_EQ(channels(Grammar(task("mt3_full_plus"), false, InstrumentMask(drums, {}))), std::vector<int>{0});
  EXPECT_EQ(channels(Grammar(task("mc13"), false)).size(), 13u);
}

/// Notes as the encoder meets them in training: programs stand for their class, no overlaps.
std::vector<Note> random_notes(const Task& task, std::mt19937& random) {
  const auto classes = task.vocabulary.programs().classes();
  std::vector<Note> notes;
  for (int i = 0; i < 40; ++i) {
    const double onset_sec = static_cast<double>(random() % 600) / 100;
    if (random() % 4 == 0) {
      const int key = task.vocabulary.drums().representative(static_cast<int>(35 + random() % 20));
      notes.push_back({true, kDrumProgram, onset_sec, onset_sec + 0.01, key, 1});
    } else {
      const int number = classes[random() % classes.size()].representative();
      const double length_sec = static_cast<double>(1 + random() % 300) / 100;
      notes.push_back({false, number, onset_sec, onset_sec + length_sec, static_cast<int>(40 + random() % 40), 1});
    }
  }
  return mix_notes(std::vector<std::vector<Note>>{notes});
}

RC_GTEST_PROP(GrammarProperty, AcceptsWhatTheEncoderWrites, ()) {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  const auto names = task_names();
  const Task& chosen = task(names[random() % names.size()]);
  const bool onset_only = chosen.prefixes.contains("onsets") && random() % 2 == 0;
  const SongEvents song(random_notes(chosen, random));
  const Grammar grammar(chosen, onset_only);
  const std::int64_t index = static_cast<std::int64_t>(random() % 3);
  const SegmentEvents segment = slice_segment(song, index);
  const auto split = split_channels(segment, chosen);
  for (int channel = 0; channel < chosen.n_channels; ++channel) {
    const auto tokens = encode_segment(split[static_cast<std::size_t>(channel)], chosen,
                                       onset_only ? TokenMode::kOnsets : TokenMode::kNotes);
    GrammarState state = grammar.start();
    std::vector<std::uint8_t> allowed(static_cast<std::size_t>(chosen.vocabulary.size()));
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      grammar.allowed_tokens(state, channel, allowed);
      if (allowed[static_cast<std::size_t>(tokens[i])] == 0) {
        const Event event = chosen.vocabulary.event(tokens[i]);
        RC_FAIL(chosen.name + " channel " + std::to_string(channel) + ": token " + std::to_string(i) + " (" +
                to_string(event.type) + " " + std::to_string(event.value) + ") is forbidden");
      }
      grammar.advance(state, tokens[i]);
    }
  }
}

/// Every instrument, or some families.
InstrumentMask some_instruments(std::mt19937& random) {
  std::vector<std::string> only, without;
  for (const Instrument& instrument : instruments()) {
    if (instrument.name != instrument.family) continue;
    if (random() % 4 == 0) only.push_back(instrument.name);
    if (random() % 4 == 0) without.push_back(instrument.name);
  }
  switch (random() % 3) {
    case 0:
      return InstrumentMask(only, {});
    case 1:
      return InstrumentMask({}, without);
    default:
      return {};
  }
}

RC_GTEST_PROP(GrammarProperty, NeverEndsInADeadEndAndDecodesWithoutError, ()) {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  const auto names = task_names();
  const Task& chosen = task(names[random() % names.size()]);
  const bool onset_only = random() % 2 == 0;
  const InstrumentMask mask = some_instruments(random);
  const Grammar grammar(chosen, onset_only, mask);
  RC_PRE(!grammar.channels().empty());
  const int channel = grammar.channels()[random() % grammar.channels().size()];
  const auto tokens = testing::random_walk(grammar, channel, random);
  RC_ASSERT(!tokens.empty() && tokens.back() == kEosId);
  DecodeErrors errors;
  const DecodedSegment decoded = decode_segment(tokens, 0.0, chosen, errors);
  RC_ASSERT(errors.total() == 0);
  for (const NoteEvent& event : decoded.events) RC_ASSERT(mask.allows(event.is_drum ? kDrumProgram : event.program));
  for (const Tie& tie : decoded.ties) RC_ASSERT(mask.allows(tie.program));
  for (const std::int32_t token : grammar.masked_tokens()) {
    RC_ASSERT(std::find(tokens.begin(), tokens.end(), token) == tokens.end());
  }
  if (onset_only) {
    RC_ASSERT(decoded.ties.empty());
    for (const NoteEvent& event : decoded.events) RC_ASSERT(event.velocity == 1);
  }
}

}  // namespace
}  // namespace yourmt3
