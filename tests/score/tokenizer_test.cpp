#include "score/tokenizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "score/merge.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

// A piano chord held over the start of segment 1, and a snare in it.
SegmentEvents second_segment() {
  const std::vector<Note> notes{{false, 0, 1.0, 3.0, 60, 1},
                                {false, 3, 2.5, 3.0, 64, 1},
                                {true, kDrumProgram, 2.5, 2.51, 40, 1},
                                {false, 33, 4.0, 5.0, 40, 1}};
  return slice_segment(SongEvents(notes), 1);
}

std::vector<std::int32_t> ids_of(const Task& task, const std::vector<Event>& events) {
  std::vector<std::int32_t> ids;
  for (const Event& event : events) ids.push_back(task.vocabulary.id(event.type, event.value));
  return ids;
}

TEST(OnsetTask, HasTwoTaskTokensAndTheTwelveInstrumentClasses) {
  const Task& onset = task("onset_v1");
  EXPECT_EQ(onset.vocabulary.size(), 598);
  EXPECT_EQ(onset.vocabulary.id(EventType::kTask, 0), 3);
  EXPECT_EQ(onset.vocabulary.id(EventType::kTask, 1), 4);
  EXPECT_EQ(onset.vocabulary.id(EventType::kShift, 0), 5);
  EXPECT_EQ(onset.vocabulary.programs().classes().size(), 12U);
  EXPECT_EQ(onset.max_tokens(), 512);
  EXPECT_EQ(onset.n_channels, 1);
}

TEST(OnsetTask, NotesModeWritesItsTokenTiesBeginningsAndEnds) {
  const Task& onset = task("onset_v1");
  EXPECT_EQ(encode_segment(second_segment(), onset),
            ids_of(onset, {{EventType::kTask, 1},     {EventType::kProgram, 0},  {EventType::kPitch, 60},
                           {EventType::kTie, 0},      {EventType::kShift, 45},   {EventType::kProgram, 0},
                           {EventType::kVelocity, 1}, {EventType::kPitch, 64},   {EventType::kDrum, 38},
                           {EventType::kShift, 95},   {EventType::kProgram, 0},  {EventType::kVelocity, 0},
                           {EventType::kPitch, 60},   {EventType::kProgram, 0},  {EventType::kPitch, 64},
                           {EventType::kShift, 195},  {EventType::kProgram, 32}, {EventType::kVelocity, 1},
                           {EventType::kPitch, 40},   {EventType::kEos, 0}}));
}

TEST(OnsetTask, OnsetsModeWritesNeitherTiesNorEnds) {
  const Task& onset = task("onset_v1");
  EXPECT_EQ(encode_segment(second_segment(), onset, TokenMode::kOnsets), ids_of(onset, {{EventType::kTask, 0},
                                                                                        {EventType::kTie, 0},
                                                                                        {EventType::kShift, 45},
                                                                                        {EventType::kProgram, 0},
                                                                                        {EventType::kVelocity, 1},
                                                                                        {EventType::kPitch, 64},
                                                                                        {EventType::kDrum, 38},
                                                                                        {EventType::kShift, 195},
                                                                                        {EventType::kProgram, 32},
                                                                                        {EventType::kPitch, 40},
                                                                                        {EventType::kEos, 0}}));
}

TEST(OnsetTask, TaskTokensAreDeletedBeforeDecoding) {
  const Task& onset = task("onset_v1");
  DecodeErrors errors;
  const DecodedSegment decoded =
      decode_segment(encode_segment(second_segment(), onset, TokenMode::kOnsets), segment_start_sec(1), onset, errors);
  EXPECT_EQ(errors, DecodeErrors());
  EXPECT_EQ(decoded.events, (std::vector<NoteEvent>{
                                {false, 0, 2.5, 1, 64}, {true, kDrumProgram, 2.5, 1, 38}, {false, 32, 4.0, 1, 40}}));
  EXPECT_TRUE(decoded.ties.empty());
}

TEST(OnsetTask, LongRowsAreCutToTheLongestSequence) {
  SegmentEvents segment;
  for (int pitch = 0; pitch < 128; ++pitch) {
    for (int tick = 0; tick < 8; ++tick) segment.events.push_back({false, 0, 0.1 * tick, 1, pitch});
  }
  const std::vector<std::int32_t> row = encode_segment(segment, task("onset_v1"), TokenMode::kOnsets);
  EXPECT_EQ(row.size(), 512U);
  EXPECT_NE(row.back(), kEosId);
}

TEST(Tokenizer, OnlyOnsetTasksWriteOnsets) {
  EXPECT_THROW(encode_segment(second_segment(), task("mt3_full_plus"), TokenMode::kOnsets), Error);
}

TEST(Tokenizer, EventBeforeItsSegmentIsAnError) {
  SegmentEvents segment = second_segment();
  segment.events.insert(segment.events.begin(), {false, 0, 1.0, 1, 60});
  EXPECT_THROW(encode_segment(segment, task("mt3_full_plus")), Error);
}

TEST(Tokenizer, EventTooFarIntoTheSegmentIsAnError) {
  SegmentEvents segment;
  segment.events.push_back({false, 0, 2.06, 1, 60});
  EXPECT_THROW(encode_segment(segment, task("mt3_full_plus")), Error);
}

TEST(Tokenizer, UnannotatedProgramHasNoToken) {
  SegmentEvents segment;
  segment.events.push_back({false, kUnannotatedProgram, 1, 1, 60});
  EXPECT_THROW(encode_segment(segment, task("mt3_full_plus")), Error);
  EXPECT_EQ(encode_channels(segment, task("mc13")).size(), 13U);
}

TEST(Tokenizer, IdOutsideTheVocabularyIsAnError) {
  DecodeErrors errors;
  EXPECT_THROW(decode_segment(std::vector<std::int32_t>{339, 596}, 0, task("mt3_full_plus"), errors), Error);
  EXPECT_THROW(decode_segment(std::vector<std::int32_t>{-1}, 0, task("mt3_full_plus"), errors), Error);
}

TEST(Merge, WrongNumberOfRowsIsAnError) {
  const std::vector<std::vector<std::vector<std::int32_t>>> segments{{{339, 1}}};
  EXPECT_THROW(tokens_to_notes(segments, task("mc13")), Error);
}

TEST(Merge, OnsetsLastUntilTheNextOfTheirPitch) {
  const std::vector<NoteEvent> events{
      {false, 0, 1, 1, 60}, {false, 0, 1.2, 1, 60}, {false, 0, 1.3, 0, 60}, {true, kDrumProgram, 1, 1, 36}};
  EXPECT_EQ(onsets_to_notes(events, 0.5),
            (std::vector<Note>{
                {false, 0, 1, 1.2, 60, 1}, {true, kDrumProgram, 1, 1.01, 36, 1}, {false, 0, 1.2, 1.7, 60, 1}}));
}

TEST(Task, UnknownNameIsAnsweredWithTheKnownOnes) {
  EXPECT_EQ(task_names().size(), 13U);
  try {
    task("mt4");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("mc13_full_plus_256"), std::string::npos);
  }
}

TEST(Segments, WindowThatEndsBeforeItBeginsIsAnError) {
  EXPECT_THROW(slice_events(SongEvents(), 2, 1), Error);
}

TEST(SongEvents, NoteWithoutLengthIsAnError) {
  EXPECT_THROW(SongEvents(std::vector<Note>{{false, 0, 1, 1, 60, 1}}), Error);
  EXPECT_THROW(SongEvents(std::vector<Note>{{false, 0, 1, 2, 60, 100}}), Error);
}

TEST(Confidence, IsTheGeometricMeanOfTheTokensThatMakeANote) {
  const Task& full = task("mt3_full_plus");
  const std::vector<Event> events = {{EventType::kTie, 0},      {EventType::kProgram, 0}, {EventType::kVelocity, 1},
                                     {EventType::kPitch, 60},   {EventType::kShift, 50},  {EventType::kPitch, 64},
                                     {EventType::kDrum, 36},    {EventType::kShift, 60},  {EventType::kVelocity, 0},
                                     {EventType::kPitch, 60},   {EventType::kPitch, 64},  {EventType::kShift, 70},
                                     {EventType::kVelocity, 1}, {EventType::kPitch, 60}};
  const std::vector<float> probabilities = {1.f,   0.5f, 0.25f, 0.125f, 0.75f, 0.5f, 0.875f,
                                            0.25f, 0.5f, 0.5f,  0.5f,   1.f,   1.f,  1.f};
  DecodeErrors errors;
  const DecodedSegment decoded = decode_segment(ids_of(full, events), 0, full, errors, probabilities);
  ASSERT_EQ(decoded.events.size(), 6u);
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  // Program, velocity, pitch; a segment begins without a shift.
  EXPECT_EQ(decoded.events[0].confidence, rounded(std::cbrt(0.5 * 0.25 * 0.125)));
  EXPECT_EQ(decoded.events[1].confidence, rounded(std::pow(0.5 * 0.25 * 0.75 * 0.5, 0.25)));
  EXPECT_EQ(decoded.events[2].confidence, rounded(std::cbrt(0.25 * 0.75 * 0.875))) << "drums have no program";
  EXPECT_FALSE(decoded.events[3].confidence) << "an end";
  EXPECT_EQ(decoded.events[5].confidence, rounded(std::pow(0.5, 0.25))) << "the program is that of the beginning";

  const std::vector<Note> notes = events_to_notes(decoded.events, {}, errors);
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_EQ(notes[0].confidence, decoded.events[0].confidence);
  EXPECT_EQ(notes[1].confidence, decoded.events[1].confidence);
  EXPECT_EQ(notes[2].confidence, decoded.events[2].confidence);
  EXPECT_EQ(notes[3].confidence, decoded.events[5].confidence) << "of a note that never ends, too";
  EXPECT_EQ(onsets_to_notes(decoded.events, 0.05)[3].confidence, notes[3].confidence);
}

TEST(Confidence, TokensThatAreDeletedDoNotCount) {
  const Task& onset = task("onset_v1");
  const std::vector<std::int32_t> ids =
      ids_of(onset, {{EventType::kTask, 0}, {EventType::kTie, 0}, {EventType::kVelocity, 1}, {EventType::kDrum, 36}});
  const std::vector<float> probabilities = {0.1f, 0.2f, 0.5f, 0.5f};
  DecodeErrors errors;
  EXPECT_EQ(decode_segment(ids, 0, onset, errors, probabilities).events.at(0).confidence, 0.5);
  EXPECT_FALSE(decode_segment(ids, 0, onset, errors).events.at(0).confidence) << "nobody tells";
}

}  // namespace
}  // namespace yourmt3
