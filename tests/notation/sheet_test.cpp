#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <zlib.h>

#include "made_up_music.h"
#include "notation/drum_notation.h"
#include "notation/measure_writer.h"
#include "notation/music_analysis.h"
#include "notation/musicxml.h"
#include "notation/pitch_spelling.h"
#include "notation/quantizer.h"
#include "notation/sheet_builder.h"
#include "notation/staves.h"
#include "notation/voices.h"
#include "score_reader.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr Metre kFourFour{4, false};

/// "Ab4", "F#5".
std::string name_of(const Spelling& spelling) {
  const char* sign = spelling.alter > 0 ? "#" : spelling.alter < 0 ? "b" : "";
  return spelling.step + std::string(sign) + std::to_string(spelling.octave);
}

BeatGrid metronome(double beat_sec, int beats, Metre metre = {}) {
  BeatGrid grid;
  for (int beat = 0; beat <= beats; ++beat) grid.beat_sec.push_back(beat * beat_sec);
  for (int beat = 0; beat <= beats; beat += metre.beats_per_bar) grid.downbeats.push_back(beat);
  grid.metre = metre;
  return grid;
}

ReadScore score_of(const std::vector<Note>& notes, const BeatGrid& grid) {
  return read_score(sheet_to_musicxml(build_sheet(notes, grid, find_key(notes), "Title")));
}

/// Divisions of the pieces that a stretch of a 4/4 bar is written as.
std::vector<int> cut(int begin, int end, bool rest = false, std::vector<bool> thirds = std::vector<bool>(4)) {
  std::vector<int> lengths;
  for (const ValuedStretch& piece : cut_into_values({begin, end}, kFourFour, thirds, rest)) {
    EXPECT_EQ(piece.value.divisions(), piece.stretch.end - piece.stretch.begin);
    lengths.push_back(piece.value.divisions());
  }
  return lengths;
}

TEST(PitchSpelling, FollowsTheKey) {
  EXPECT_EQ(name_of(spell_pitch(60, {0, false})), "C4");
  EXPECT_EQ(name_of(spell_pitch(61, {0, false})), "C#4");
  EXPECT_EQ(name_of(spell_pitch(70, {0, false})), "Bb4");
  EXPECT_EQ(name_of(spell_pitch(68, {-3, false})), "Ab4");
  EXPECT_EQ(name_of(spell_pitch(68, {0, true})), "G#4");  // The leading note of A minor.
  EXPECT_EQ(name_of(spell_pitch(59, {-6, false})), "Cb4");
  EXPECT_EQ(name_of(spell_pitch(65, {6, false})), "E#4");
  for (int fifths = -6; fifths <= 6; ++fifths) {
    for (int pitch = 13; pitch < 128; ++pitch) {
      const Spelling spelling = spell_pitch(pitch, {fifths, false});
      constexpr int kSteps[] = {9, 11, 0, 2, 4, 5, 7};
      EXPECT_EQ(12 * (spelling.octave + 1) + kSteps[spelling.step - 'A'] + spelling.alter, pitch);
      EXPECT_GE(spelling.octave, 0);
      EXPECT_LE(std::abs(spelling.alter), 1);
    }
  }
}

TEST(PitchSpelling, SignaturesAlterTheirSteps) {
  EXPECT_EQ(signature_alter('F', {1, false}), 1);
  EXPECT_EQ(signature_alter('C', {1, false}), 0);
  EXPECT_EQ(signature_alter('B', {-1, false}), -1);
  EXPECT_EQ(signature_alter('E', {-1, false}), 0);
  EXPECT_EQ(signature_alter('F', {0, true}), 0);
}

TEST(NoteValues, KeepBeatsVisible) {
  EXPECT_THAT(cut(0, 96), ElementsAre(96));
  EXPECT_THAT(cut(0, 36), ElementsAre(36));
  EXPECT_THAT(cut(12, 36), ElementsAre(24));      // A syncopated quarter,
  EXPECT_THAT(cut(36, 60), ElementsAre(12, 12));  // but not over the middle of the bar.
  EXPECT_THAT(cut(12, 48), ElementsAre(12, 24));
  EXPECT_THAT(cut(6, 24), ElementsAre(18));
  EXPECT_THAT(cut(18, 30), ElementsAre(6, 6));
  EXPECT_THAT(cut(24, 96), ElementsAre(72));
  EXPECT_THAT(cut(0, 96, true), ElementsAre(48, 48));
  EXPECT_THAT(cut(24, 96, true), ElementsAre(24, 48));
  EXPECT_THAT(cut(3, 24, true), ElementsAre(3, 6, 12));
}

TEST(NoteValues, TripletsStayInTheirBeat) {
  const std::vector<bool> second = {false, true, false, false};
  EXPECT_THAT(cut(24, 40, false, second), ElementsAre(16));
  EXPECT_THAT(cut(0, 32, false, second), ElementsAre(24, 8));
  EXPECT_THAT(cut(40, 72, false, second), ElementsAre(8, 24));
  EXPECT_THAT(cut(24, 48, false, second), ElementsAre(24));
}

TEST(Quantizer, TakesTheGridThatFits) {
  const BeatGrid grid = metronome(0.5, 5);
  const std::vector<Note> notes = {played(0.01, 0.2, 60), played(0.257, 0.2, 62),                         // Eighths,
                                   played(0.5, 0.1, 64),  played(0.67, 0.1, 65),  played(0.83, 0.1, 67),  // a triplet,
                                   played(1.0, 0.1, 69),  played(1.13, 0.1, 71),  played(1.25, 0.1, 72),  // sixteenths,
                                   played(1.495, 0.4, 74)};                                               // a beat.
  const QuantizedPart part = quantize(notes, grid);
  std::vector<int> begins;
  for (const QuantizedNote& note : part.notes) begins.push_back(note.begin);
  EXPECT_THAT(begins, ElementsAre(0, 12, 24, 32, 40, 48, 54, 60, 72));
  EXPECT_THAT(part.step, ElementsAre(12, 8, 6, 24, 24));
}

TEST(Quantizer, LeavesNoNoteWithoutLengthAndNoneTwice) {
  const QuantizedPart part =
      quantize(std::vector<Note>{played(0.5, 0, 60), played(0.504, 0.3, 60), played(2, 0, 60)}, metronome(0.5, 4));
  ASSERT_THAT(part.notes, SizeIs(2));
  for (const QuantizedNote& note : part.notes) EXPECT_GT(note.end, note.begin);
  EXPECT_LE(part.notes.back().end, 4 * kQuarterDivisions);
}

TEST(Voices, OneWhereNotesOnlyOverlapALittle) {
  const std::vector<int> step(4, 12);
  const std::vector<QuantizedNote> notes = {{0, 30, 60}, {24, 48, 62}, {48, 60, 64}, {72, 96, 65}};
  const StaffVoices voices = separate_voices(notes, step, 24);
  ASSERT_THAT(voices, SizeIs(1));
  EXPECT_EQ(voices[0][0].end, 24);
  EXPECT_EQ(voices[0][2].end, 72) << "a gap of articulation";
}

TEST(Voices, TwoWhereOneGoesOn) {
  const std::vector<int> step(4, 24);
  const std::vector<QuantizedNote> notes = {{0, 96, 48}, {0, 24, 72}, {24, 48, 74}, {48, 72, 76}, {72, 96, 77}};
  const StaffVoices voices = separate_voices(notes, step, 24);
  ASSERT_THAT(voices, SizeIs(2));
  EXPECT_THAT(voices[0], SizeIs(4));
  ASSERT_THAT(voices[1], SizeIs(1));
  EXPECT_EQ(voices[1][0].end, 96);
}

TEST(Voices, HandsAreApart) {
  const std::vector<QuantizedNote> notes = {{0, 24, 43}, {0, 24, 50},  {0, 24, 67},
                                            {0, 24, 72}, {24, 48, 47}, {24, 48, 71}};
  EXPECT_THAT(left_hand(notes), ElementsAre(true, true, false, false, true, false));
}

TEST(Staves, SuitTheInstrument) {
  EXPECT_THAT(clefs_for(0, {}), ElementsAre(Clef::kTreble, Clef::kBass));
  EXPECT_THAT(clefs_for(25, {}), ElementsAre(Clef::kTrebleOctaveLower));
  EXPECT_THAT(clefs_for(33, {}), ElementsAre(Clef::kBassOctaveLower));
  EXPECT_THAT(clefs_for(kDrumProgram, {}), ElementsAre(Clef::kPercussion));
  EXPECT_THAT(clefs_for(42, std::vector<QuantizedNote>{{0, 24, 45}}), ElementsAre(Clef::kBass));
  EXPECT_THAT(clefs_for(73, std::vector<QuantizedNote>{{0, 24, 80}}), ElementsAre(Clef::kTreble));
}

TEST(Sheet, TiesNotesOverBarLines) {
  const ReadScore score = score_of({played(0, 1, 60), played(1.5, 1, 64), played(2.5, 1.5, 67)}, metronome(0.5, 8));
  EXPECT_THAT(score.bar_begins, ElementsAre(0, 96));
  ASSERT_THAT(score.notes, SizeIs(3));
  EXPECT_EQ(score.notes[1].begin, 72);
  EXPECT_EQ(score.notes[1].end, 120);
}

TEST(Sheet, BeginsWithAPickup) {
  const ReadScore score = score_of({played(1.5, 0.5, 60), played(2, 1, 64), played(3, 1, 67)}, metronome(0.5, 8));
  EXPECT_THAT(score.bar_begins, ElementsAre(0, 24));
  EXPECT_THAT(score.metres, ElementsAre("4/4", "4/4"));
}

TEST(Sheet, ChangesTheMetreWhereABarIsShort) {
  BeatGrid grid = metronome(0.5, 10);
  grid.downbeats = {0, 4, 6, 10};
  std::vector<Note> notes;
  for (int beat = 0; beat < 10; ++beat) notes.push_back(played(beat * 0.5, 0.5, 60));
  EXPECT_THAT(score_of(notes, grid).metres, ElementsAre("4/4", "2/4", "4/4"));
}

TEST(Sheet, MarksTempiThatStay) {
  BeatGrid grid;
  for (int beat = 0; beat <= 32; ++beat) grid.beat_sec.push_back(beat < 16 ? beat * 0.5 : 8 + (beat - 16) * 0.75);
  for (int beat = 0; beat <= 32; beat += 4) grid.downbeats.push_back(beat);
  std::vector<Note> notes;
  for (int beat = 0; beat < 32; ++beat) notes.push_back(played(grid.beat_sec[static_cast<std::size_t>(beat)], 0.4, 60));
  const SheetMusic sheet = build_sheet(notes, grid, {}, "");
  std::vector<std::pair<std::size_t, double>> marks;
  for (std::size_t i = 0; i < sheet.measures.size(); ++i) {
    if (sheet.measures[i].tempo_mark) marks.emplace_back(i, *sheet.measures[i].tempo_mark);
  }
  EXPECT_THAT(marks, ElementsAre(std::pair<std::size_t, double>(0, 120), std::pair<std::size_t, double>(4, 80)));
}

TEST(Sheet, AccidentalsLastUntilTheBarLine) {
  const std::vector<Note> notes = {played(0, 0.5, 66), played(0.5, 0.5, 66), played(1, 0.5, 65), played(2, 0.5, 66)};
  const SheetMusic sheet = build_sheet(notes, metronome(0.5, 8), {}, "");
  std::vector<std::optional<int>> shown;
  for (const auto& measure : sheet.parts[0].measures) {
    for (const VoiceEvent& event : measure[0].events) {
      for (const NoteHead& head : event.heads) shown.push_back(head.accidental);
    }
  }
  EXPECT_THAT(shown, ElementsAre(std::optional(1), std::nullopt, std::optional(0), std::optional(1)));
}

TEST(Sheet, DrumsStandOnTheirLines) {
  std::vector<Note> notes;
  for (int beat = 0; beat < 4; ++beat) {
    notes.push_back(struck(beat * 0.5, 42));
    notes.push_back(struck(beat * 0.5 + 0.25, 42));
    notes.push_back(struck(beat * 0.5, beat % 2 == 0 ? 36 : 38));
  }
  const std::string xml = sheet_to_musicxml(build_sheet(notes, metronome(0.5, 4), {}, ""));
  EXPECT_THAT(xml, HasSubstr("<sign>percussion</sign>"));
  EXPECT_THAT(xml, HasSubstr("<display-step>F</display-step><display-octave>4</display-octave>"));
  EXPECT_THAT(xml, HasSubstr("<midi-unpitched>37</midi-unpitched>"));
  EXPECT_THAT(xml, HasSubstr("<notehead>x</notehead>"));
  const ReadScore score = read_score(xml);
  EXPECT_THAT(score.notes, SizeIs(notes.size()));
  EXPECT_THAT(score.notes, ::testing::Contains(ReadNote{0, 0, 24, 36}));
}

TEST(Sheet, TellsTitlePartsKeyAndTempo) {
  const ReadScore score = read_score(notes_to_musicxml(four_four(0.5, 4), "Rock & <Roll> \"1\"\x01"));
  EXPECT_EQ(score.title, "Rock & <Roll> \"1\"?");
  EXPECT_THAT(score.part_names, ElementsAre("Bass", "Strings", "Pipe"));
  EXPECT_THAT(score.programs, ElementsAre(33, 48, 73));
  EXPECT_EQ(score.fifths, 1);
  EXPECT_EQ(score.mode, "major");
  EXPECT_EQ(score.tempo, 120);
  EXPECT_THAT(score.bar_begins, ElementsAre(0, 96, 192, 288));
}

TEST(Sheet, NothingIsAnEmptyBar) {
  const ReadScore score = read_score(notes_to_musicxml({}, ""));
  EXPECT_THAT(score.bar_begins, SizeIs(1));
  EXPECT_THAT(score.notes, SizeIs(0));
}

TEST(Sheet, TooManyMeasuresAreRefused) {
  std::vector<Note> notes;
  for (int program = 0; program < 100; ++program) notes.push_back(played(program, 99000, 60, program));
  EXPECT_THROW(notes_to_musicxml(notes, ""), Error);
}

TEST(Sheet, CompressedScoreHoldsTheSameBytes) {
  const std::string xml = notes_to_musicxml(four_four(0.5, 2), "");
  const std::string zip = compress_musicxml(xml);
  EXPECT_THAT(zip, ::testing::StartsWith("PK\x03\x04"));
  EXPECT_EQ(zip, compress_musicxml(xml));
  // The last file before the central directory: thirty bytes of header, its name, the deflated score.
  const std::size_t at = zip.rfind("PK\x03\x04");
  std::string out(xml.size(), '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
  std::string packed = zip.substr(at + 30 + std::string("score.musicxml").size());
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(out, xml);
}

}  // namespace
}  // namespace yourmt3::testing
