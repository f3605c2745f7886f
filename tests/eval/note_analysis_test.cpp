// What is wrong with an estimate, each part on notes that one can count by hand.
#include "eval/note_analysis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "eval/class_sets.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

Note note(int program, double onset_sec, int pitch, double length_sec = 1) {
  return {false, program, onset_sec, onset_sec + length_sec, pitch, 1};
}
Note drum(double onset_sec, int key) {
  return {true, kDrumProgram, onset_sec, onset_sec + 0.01, key, 1};
}
const ProgramVocabulary& gm_plus() {
  return class_set("GM_INSTR_CLASS_PLUS");
}

TEST(InstrumentDetection, CountsProgramsOrClassesAndTheDrumKitApart) {
  const std::vector<Note> reference{note(0, 1, 60), note(33, 1, 40), drum(1, 36)};
  const std::vector<Note> estimate{note(1, 1, 60), note(0, 2, 60), note(35, 1, 40), note(24, 1, 50)};
  const InstrumentDetection programs = detect_instruments(reference, estimate);
  EXPECT_EQ(programs, (InstrumentDetection{3, 4, 1}));
  EXPECT_DOUBLE_EQ(programs.leakage_ratio(), 4.0 / 3);
  EXPECT_DOUBLE_EQ(programs.f1(), 2.0 / 7);
  const InstrumentDetection classes = detect_instruments(reference, estimate, &gm_plus());
  EXPECT_EQ(classes, (InstrumentDetection{3, 3, 2}));
  EXPECT_EQ(classes.leakage_ratio(), 1);
  EXPECT_DOUBLE_EQ(classes.precision(), 2.0 / 3);
}

TEST(InstrumentDetection, EmptySidesScoreZeroAndNothingIsNoScore) {
  const std::vector<Note> notes{note(0, 1, 60)};
  EXPECT_EQ(detect_instruments(notes, {}).f1(), 0);
  EXPECT_EQ(detect_instruments(notes, {}).leakage_ratio(), 0);
  EXPECT_TRUE(std::isnan(detect_instruments({}, notes).leakage_ratio()));
  EXPECT_TRUE(std::isnan(detect_instruments({}, {}).f1()));
}

TEST(InstrumentDetection, MeansAreOverTheFilesThatHaveANumber) {
  // F1 of 2/3, 0 and none; ratios of 2, none and none.
  const std::vector<InstrumentDetection> files{{1, 2, 1}, {0, 3, 0}, {0, 0, 0}};
  EXPECT_DOUBLE_EQ(mean_detection(files).f1, 1.0 / 3);
  EXPECT_EQ(mean_detection(files).leakage_ratio, 2);
  EXPECT_TRUE(std::isnan(mean_detection({}).f1));
}

TEST(NotePairing, UnisonsStayWithTheirInstrument) {
  // In the order of the lists the violin would be given to the piano.
  const std::vector<Note> reference{note(0, 1, 60), note(40, 1, 60)};
  const std::vector<Note> estimate{note(40, 1, 60), note(0, 1, 60)};
  const std::vector<NotePair> pairs = pair_notes(reference, estimate, gm_plus());
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].estimate, 1);
  EXPECT_EQ(pairs[1].estimate, 0);
  EXPECT_TRUE(pairs[0].same_instrument && pairs[1].same_instrument);
}

TEST(NotePairing, WhatIsLeftIsPairedWhateverTheInstrument) {
  const std::vector<Note> reference{note(0, 1, 60), note(0, 2, 60), drum(1, 60)};
  const std::vector<Note> estimate{note(40, 1.02, 60), note(40, 2.2, 60), drum(1, 60)};
  const std::vector<NotePair> pairs = pair_notes(reference, estimate, gm_plus());
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_FALSE(pairs[0].same_instrument);
}

TEST(TimingErrors, AreSignedAndRelativeToTheReference) {
  const std::vector<Note> reference{note(0, 1, 60, 2), note(0, 5, 60, 1)};
  const std::vector<Note> estimate{note(0, 1.01, 60, 1.49), note(0, 4.98, 60, 1.52)};
  const TimingErrors errors = timing_errors(reference, estimate, pair_notes(reference, estimate, gm_plus()));
  ASSERT_EQ(errors.onset_ms.size(), 2U);
  EXPECT_NEAR(errors.onset_ms[0], 10, 1e-9);
  EXPECT_NEAR(errors.onset_ms[1], -20, 1e-9);
  EXPECT_NEAR(errors.offset_ms[0], -500, 1e-9);
  EXPECT_NEAR(errors.offset_ms[1], 500, 1e-9);
  EXPECT_NEAR(errors.offset_ratio[0], -0.25, 1e-12);
  EXPECT_NEAR(errors.offset_ratio[1], 0.5, 1e-12);
}

PitchErrors errors_of(const std::vector<Note>& reference, const std::vector<Note>& estimate) {
  return pitch_errors(reference, estimate, pair_notes(reference, estimate, gm_plus()));
}

TEST(PitchErrors, EachWrongNoteHasOneKind) {
  const std::vector<Note> reference{note(0, 1, 60, 2)};
  const std::pair<int, WrongNote> cases[] = {
      {61, WrongNote::kSemitone},    {59, WrongNote::kSemitone},   {72, WrongNote::kOctaveAbove},
      {48, WrongNote::kOctaveBelow}, {79, WrongNote::kTwelfth},    {41, WrongNote::kTwelfth},
      {84, WrongNote::kTwoOctaves},  {36, WrongNote::kTwoOctaves}, {67, WrongNote::kFifth},
      {53, WrongNote::kFifth},       {64, WrongNote::kOtherPitch}};
  for (const auto& [pitch, kind] : cases) {
    const PitchErrors instead = errors_of(reference, {note(0, 1, pitch)});
    EXPECT_EQ(instead.n_wrong[static_cast<std::size_t>(kind)], 1) << pitch;
    EXPECT_EQ(instead.n_instead[static_cast<std::size_t>(kind)], 1) << pitch;
    EXPECT_EQ(instead.n_false_positives(), 1) << pitch;
    EXPECT_EQ(instead.n_missed, 1) << pitch;
    const PitchErrors besides = errors_of(reference, {note(0, 1, 60), note(0, 1, pitch)});
    EXPECT_EQ(besides.share(kind), 1) << pitch;
    EXPECT_EQ(besides.n_instead[static_cast<std::size_t>(kind)], 0) << pitch;
    EXPECT_EQ(besides.n_missed, 0) << pitch;
  }
}

TEST(PitchErrors, NotesWithoutAnOnsetNearbyContinueSomethingOrNothing) {
  const std::vector<Note> reference{note(0, 1, 60, 2)};
  const PitchErrors errors = errors_of(reference, {note(0, 1, 60), note(0, 1.02, 60), note(0, 2, 60), note(0, 2, 72)});
  EXPECT_EQ(errors.n_wrong[static_cast<std::size_t>(WrongNote::kRepeated)], 1);
  EXPECT_EQ(errors.n_wrong[static_cast<std::size_t>(WrongNote::kSounding)], 1);
  EXPECT_EQ(errors.n_wrong[static_cast<std::size_t>(WrongNote::kNothing)], 1);
  EXPECT_DOUBLE_EQ(errors.share(WrongNote::kNothing), 1.0 / 3);
  EXPECT_TRUE(std::isnan(errors_of(reference, reference).share(WrongNote::kNothing)));
}

TEST(PitchErrors, TheFirstKindThatFitsIsTaken) {
  // An octave above the first, a semitone above the second.
  const std::vector<Note> reference{note(0, 1, 60), note(0, 1, 71)};
  const PitchErrors errors = errors_of(reference, {note(0, 1, 72)});
  EXPECT_EQ(errors.n_wrong[static_cast<std::size_t>(WrongNote::kSemitone)], 1);
  EXPECT_EQ(errors.n_wrong[static_cast<std::size_t>(WrongNote::kOctaveAbove)], 0);
}

TEST(PitchErrors, MissedDoublingsHaveTheirOctaveFound) {
  const std::vector<Note> reference{note(0, 1, 48), note(0, 1, 60), note(0, 1, 65), note(0, 3, 48), note(0, 3, 72)};
  const PitchErrors errors = errors_of(reference, {note(0, 1, 48), note(0, 9, 48)});
  EXPECT_EQ(errors.n_missed, 4);
  EXPECT_EQ(errors.n_missed_doublings, 1);
}

TEST(InstrumentConfusion, RowsAreTheReferenceAndColumnsTheEstimate) {
  const std::vector<Note> reference{note(0, 1, 60), note(0, 2, 62), note(33, 1, 40), note(120, 1, 70), drum(1, 36)};
  const std::vector<Note> estimate{note(0, 1, 60), note(24, 2, 62), note(25, 5, 40), note(121, 1, 70), drum(1, 36)};
  const auto pairs = pair_notes(reference, estimate, gm_plus());
  const InstrumentConfusion confusion = confuse_instruments(reference, estimate, pairs, gm_plus());
  const std::size_t piano = 0, guitar = 3, bass = 4, other = confusion.names.size() - 1;
  ASSERT_EQ(confusion.names[guitar], "Guitar");
  ASSERT_EQ(confusion.names[bass], "Bass");
  EXPECT_EQ(confusion.n_notes[piano][piano], 1);
  EXPECT_EQ(confusion.n_notes[piano][guitar], 1);
  EXPECT_EQ(confusion.n_notes[guitar][piano], 0);
  EXPECT_EQ(confusion.n_notes[other][other], 1);
  EXPECT_EQ(confusion.n_missed[bass], 1);
  EXPECT_EQ(confusion.n_invented[guitar], 1);
  EXPECT_EQ(confusion.n_paired(), 3);
  EXPECT_DOUBLE_EQ(confusion.wrong_share(), 1.0 / 3);
}

TEST(InstrumentConfusion, OtherClassesCannotBeAdded) {
  const std::vector<Note> notes{note(0, 1, 60)};
  const auto of = [&](const char* classes) {
    return confuse_instruments(notes, notes, pair_notes(notes, notes, class_set(classes)), class_set(classes));
  };
  InstrumentConfusion sum;
  sum += of("GM_INSTR_CLASS_PLUS");
  sum += of("GM_INSTR_CLASS_PLUS");
  EXPECT_EQ(sum.n_right(), 2);
  EXPECT_THROW(sum += of("MUSICNET_INSTR_CLASS"), Error);
}

// Pitch 60 upwards, a second apart.
std::vector<Note> with_velocities(const std::vector<int>& velocities) {
  std::vector<Note> notes;
  for (std::size_t i = 0; i < velocities.size(); ++i) {
    notes.push_back(note(0, 1 + static_cast<double>(i), 60, 0.5));
    notes.back().velocity = velocities[i];
  }
  return notes;
}

TEST(VelocityScores, ScaleAndOffsetOfTheEstimateDoNotMatter) {
  const auto scores = score_velocities(with_velocities({20, 60, 100}), with_velocities({50, 60, 70}));
  ASSERT_TRUE(scores);
  EXPECT_EQ(scores->onset_offset.f1(), 1);
}

TEST(VelocityScores, NotesFarFromTheLineAreWrong) {
  // References at 0, 0.25, 0.5, 0.75 and 1. About the mean, 22, the estimates have squares of 680 and products of 5:
  // the line gives 0.41, 0.49, 0.56, 0.63 and 0.41, and only the third is less than 0.1 off.
  const auto scores = score_velocities(with_velocities({20, 40, 60, 80, 100}), with_velocities({10, 20, 30, 40, 10}));
  ASSERT_TRUE(scores);
  EXPECT_EQ(scores->no_offset, (MatchScore{5, 5, 1}));
}

TEST(VelocityScores, AreNoneWhereVelocitiesTellNothing) {
  const std::vector<Note> varied = with_velocities({20, 60});
  EXPECT_FALSE(score_velocities(varied, with_velocities({1, 1})));
  EXPECT_FALSE(score_velocities(with_velocities({0, 64}), varied));
  EXPECT_FALSE(score_velocities(varied, {}));
  EXPECT_TRUE(velocities_vary(varied));
}

TEST(VelocityScores, EqualVelocitiesAreLaidOnTheMean) {
  const std::vector<Note> r = with_velocities({0, 50, 100});
  const std::vector<int> level{70, 70, 70};
  const std::vector<int> spread{0, 50, 100};
  EXPECT_EQ(match_notes_with_velocity(to_sounding(r), spread, to_sounding(r), level),
            (std::vector<std::pair<int, int>>{{1, 1}}));
}

TEST(ScoreBlocks, NotesCountWhereTheyBegin) {
  const std::vector<Note> reference{note(0, 1, 60), note(0, 9.99, 62), note(33, 25, 40), drum(12, 36)};
  const std::vector<Note> estimate{note(0, 1, 60), note(0, 10.01, 62), drum(12, 36)};
  const ScoreBlocks blocks = score_blocks(reference, estimate);
  EXPECT_EQ(blocks.onset, (std::vector<ScoreLine>{{2, 1, 2}, {0, 1, 0}, {1, 0, 0}}));
  EXPECT_EQ(blocks.multi_onset, (std::vector<ScoreLine>{{2, 1, 2}, {1, 2, 1}, {1, 0, 0}}));
  EXPECT_THROW(score_blocks(reference, estimate, {}, 0.1), Error);
  EXPECT_THROW(score_blocks(std::vector<Note>{note(0, 1e9, 60)}, {}), Error);
}

TEST(NoteAnalysis, FilesArePooled) {
  const std::vector<Note> a{note(0, 1, 60), note(33, 1, 40)};
  const std::vector<Note> b{note(0, 1, 60), note(24, 1, 40), drum(1, 36)};
  NoteAnalysis sum = analyse_notes(a, a);
  sum += analyse_notes(a, b);
  EXPECT_EQ(sum.programs, (InstrumentDetection{4, 5, 3}));
  EXPECT_EQ(sum.confusion.n_paired(), 4);
  EXPECT_EQ(sum.confusion.n_right(), 3);
  EXPECT_EQ(sum.timing.onset_ms.size(), 4U);
  EXPECT_FALSE(sum.velocity);
}

TEST(NoteAnalysis, PooledRecordingsAreResampledAsAWhole) {
  // Three stretches of one recording and none of another: stretches of one are no evidence on recordings.
  const std::vector<Note> a{note(0, 1, 60), note(0, 12, 62), note(0, 25, 64)};
  const NoteAnalysis one = analyse_notes(a, a);
  EXPECT_EQ(one.n_recordings, 1);
  EXPECT_EQ(one.blocks.onset.size(), 3U);
  const auto intervals_of = [](const NoteAnalysis& analysis) {
    return nlohmann::json::parse(to_json(analysis)).at("intervals");
  };
  EXPECT_EQ(intervals_of(one).at("units"), 3);
  EXPECT_EQ(intervals_of(one).at("onset_f1"), (nlohmann::json{1.0, 1.0}));
  NoteAnalysis sum;
  sum += one;
  EXPECT_EQ(sum.blocks.onset.size(), 3U);
  sum += analyse_notes(a, {});
  sum += analyse_notes(a, std::vector<Note>{note(0, 12, 62)});
  sum += NoteAnalysis{};
  EXPECT_EQ(sum.blocks.onset, (std::vector<ScoreLine>{{3, 3, 3}, {3, 0, 0}, {3, 1, 1}}));
  EXPECT_EQ(sum.blocks.multi.size(), 3U);
  EXPECT_EQ(intervals_of(sum).at("recordings"), 3);
  EXPECT_EQ(intervals_of(sum).at("units"), 3);
  // Sums of sums are the same.
  NoteAnalysis twice = one;
  twice += sum;
  EXPECT_EQ(twice.blocks.onset, (std::vector<ScoreLine>{{3, 3, 3}, {3, 3, 3}, {3, 0, 0}, {3, 1, 1}}));
  sum += one;
  EXPECT_EQ(sum.blocks.onset.back(), (ScoreLine{3, 3, 3}));
}

TEST(NoteAnalysis, JsonHasEveryPart) {
  // Of two stretches, so that there are intervals.
  std::vector<Note> notes = with_velocities({20, 60});
  notes.back().onset_sec += 10;
  notes.back().offset_sec += 10;
  const auto json = nlohmann::json::parse(to_json(analyse_notes(notes, notes)));
  EXPECT_EQ(json.at("programs").at("leakage_ratio"), 1);
  EXPECT_EQ(json.at("classes").at("f1"), 1);
  EXPECT_EQ(json.at("velocity").at("onset").at("f1"), 1);
  EXPECT_EQ(json.at("timing").at("onset_ms").at("median"), 0);
  EXPECT_EQ(json.at("wrong_notes").at("false_positives"), 0);
  EXPECT_TRUE(json.at("wrong_notes").at("kinds").at("octave_above").at("share").is_null());
  EXPECT_EQ(json.at("confusion").at("notes").at(0).at(0), 2);
  EXPECT_EQ(json.at("intervals").at("onset_f1"), (nlohmann::json{1.0, 1.0}));
  EXPECT_TRUE(json.at("intervals").at("drum_onset_f1").at(0).is_null());
  EXPECT_TRUE(nlohmann::json::parse(to_json(analyse_notes({}, {}))).at("velocity").is_null());
}

}  // namespace
}  // namespace yourmt3
