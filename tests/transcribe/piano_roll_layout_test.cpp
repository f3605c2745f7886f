#include "transcribe/piano_roll_layout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

Note pitched(int program, int pitch, double onset_sec, double offset_sec) {
  return {.program = program, .onset_sec = onset_sec, .offset_sec = offset_sec, .pitch = pitch};
}

Note drum(int key, double onset_sec) {
  return {
      .is_drum = true, .program = kDrumProgram, .onset_sec = onset_sec, .offset_sec = onset_sec + 0.01, .pitch = key};
}

PianoRollLayout lay_out(const std::vector<Note>& notes, double duration_sec = 0) {
  return lay_out_piano_roll(notes, {.duration_sec = duration_sec});
}

TEST(PianoRollLayout, ShortMusicFillsOneLine) {
  const PianoRollLayout layout = lay_out({pitched(0, 60, 1, 2)}, 20);
  EXPECT_EQ(layout.n_lines, 1);
  EXPECT_EQ(layout.duration_sec, 20);
  EXPECT_EQ(layout.line_sec, 20);
}

TEST(PianoRollLayout, LongMusicIsBrokenIntoLinesAndStaysBounded) {
  EXPECT_EQ(lay_out({}, 47).n_lines, 2);
  EXPECT_EQ(lay_out({}, 47).line_sec, 24) << "two lines of equal length";
  EXPECT_EQ(lay_out({}, 240).n_lines, 8);
  EXPECT_EQ(lay_out({}, 240).line_sec, 30);
  for (const double duration_sec : {361.0, 1000.0, 3 * 3600.0, 1e6}) {
    const PianoRollLayout layout = lay_out({}, duration_sec);
    EXPECT_LE(layout.n_lines, 12) << duration_sec;
    EXPECT_GE(layout.n_lines * layout.line_sec, duration_sec);
    EXPECT_LE(layout.height, 8000) << duration_sec;
  }
}

TEST(PianoRollLayout, TheRecordingIsAsLongAsItsLastNote) {
  EXPECT_EQ(lay_out({pitched(0, 60, 1, 25.5)}, 20).duration_sec, 25.5);
  EXPECT_EQ(lay_out({}).duration_sec, 1) << "at least something to draw";
}

TEST(PianoRollLayout, NotesLieAtTheirTimeAndPitch) {
  const Note note = pitched(0, 64, 5, 10);
  const PianoRollLayout layout = lay_out({pitched(0, 50, 0, 1), note, pitched(0, 80, 0, 1)}, 20);
  const auto pieces = layout.rectangles(note);
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_NEAR(pieces[0].x, layout.left + 0.25 * (layout.right - layout.left), 1e-9);
  EXPECT_NEAR(pieces[0].width, 0.25 * (layout.right - layout.left) - 1, 1e-9);
  EXPECT_NEAR(pieces[0].y, layout.line_top(0) + (layout.highest_pitch - 64) * layout.semitone_height, 1e-9);
  EXPECT_LT(layout.rectangles(pitched(0, 80, 5, 10))[0].y, pieces[0].y) << "higher notes are drawn higher";
}

TEST(PianoRollLayout, ANoteThatCrossesALineGoesOnInTheNext) {
  const Note note = pitched(0, 60, 59, 121);
  const PianoRollLayout layout = lay_out({note}, 240);
  ASSERT_EQ(layout.line_sec, 30);
  const auto pieces = layout.rectangles(note);
  ASSERT_EQ(pieces.size(), 4u);
  double seconds = 0;
  for (const auto& piece : pieces) {
    EXPECT_GE(piece.x, layout.left);
    EXPECT_LE(piece.x + piece.width, layout.right + 1e-9);
    seconds += (piece.width + 1) / layout.pixels_per_sec();
  }
  EXPECT_NEAR(seconds, 62, 1e-6);
  EXPECT_NEAR(pieces[1].y - pieces[0].y, layout.line_distance, 1e-9);
}

TEST(PianoRollLayout, EveryNoteCanBeSeenAndLiesInsideThePicture) {
  const std::vector<Note> notes{pitched(0, 0, 0, 0),
                                pitched(0, 127, 40, 40.001),
                                pitched(40, 60, 29.9999, 30),
                                pitched(40, 60, 40, 39),
                                pitched(40, 60, 3, NAN),
                                drum(36, 40),
                                drum(127, 0)};
  const PianoRollLayout layout = lay_out(notes);
  for (const Note& note : notes) {
    EXPECT_GE(layout.instrument_of(note), 0);
    const auto pieces = layout.rectangles(note);
    ASSERT_FALSE(pieces.empty());
    for (const auto& piece : pieces) {
      EXPECT_GE(piece.width, 1.0);
      EXPECT_GE(piece.height, 2.0);
      EXPECT_GE(piece.x, layout.left);
      EXPECT_LE(piece.x + piece.width, layout.right + 1e-9);
      EXPECT_GE(piece.y, layout.line_top(0));
      EXPECT_LE(piece.y + piece.height, layout.height);
    }
  }
}

TEST(PianoRollLayout, NotesWithoutAPlaceAreLeftOut) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Note& note : {pitched(0, 60, NAN, 1), pitched(0, 128, 0, 1), pitched(0, -1, 0, 1), pitched(0, 60, -1, 1),
                           pitched(0, 60, infinity, infinity), pitched(0, 60, 1e300, 1e301)}) {
    const PianoRollLayout layout = lay_out({note});
    EXPECT_TRUE(layout.instruments.empty());
    EXPECT_EQ(layout.instrument_of(note), -1);
    EXPECT_TRUE(layout.rectangles(note).empty());
    EXPECT_EQ(layout.duration_sec, 1);
  }
  EXPECT_LT(lay_out({pitched(0, 60, 0, infinity), pitched(0, 61, 0, 1e300)}).duration_sec, 1e8);
}

TEST(PianoRollLayout, InstrumentsAreNamedCountedAndHaveColoursOfTheirOwn) {
  std::vector<Note> notes{drum(36, 0), drum(42, 1), drum(35, 2)};
  for (const int program : {0, 1, 8, 16, 24, 32, 40, 56, 64, 72, 80, 88, 100}) {
    notes.push_back(pitched(program, 60, 0, 1));
  }
  const PianoRollLayout layout = lay_out(notes);
  ASSERT_EQ(layout.instruments.size(), 13u);
  EXPECT_EQ(layout.instruments.front().name, "Piano");
  EXPECT_EQ(layout.instruments.front().n_notes, 2);
  EXPECT_EQ(layout.instruments.back().name, "Drums");
  EXPECT_EQ(layout.instruments.back().n_notes, 3);
  std::set<std::tuple<double, double, double>> colors;
  std::set<std::pair<double, double>> keys;
  for (const auto& instrument : layout.instruments) {
    colors.insert({instrument.color.red, instrument.color.green, instrument.color.blue});
    keys.insert({instrument.key.x, instrument.key.y});
    EXPECT_LT(instrument.key.y + instrument.key.height, layout.first_line_top);
  }
  EXPECT_EQ(colors.size(), 13u);
  EXPECT_EQ(keys.size(), 13u);
}

TEST(PianoRollLayout, AnInstrumentHasTheSameColourInEveryPicture) {
  const PianoRollLayout alone = lay_out({pitched(33, 40, 0, 1)});
  const PianoRollLayout band = lay_out({pitched(0, 60, 0, 1), pitched(33, 40, 0, 1), drum(36, 0)});
  ASSERT_EQ(band.instruments[1].name, alone.instruments[0].name);
  EXPECT_EQ(band.instruments[1].color.green, alone.instruments[0].color.green);
  EXPECT_EQ(band.instruments[1].color.red, alone.instruments[0].color.red);
}

TEST(PianoRollLayout, AFinerVocabularyGivesShadesOfOneColour) {
  const std::vector<Note> notes{pitched(40, 60, 0, 1), pitched(42, 48, 0, 1), pitched(47, 36, 0, 1)};
  const PianoRollLayout layout = lay_out_piano_roll(notes, {.vocabulary = "mt3_full_plus"});
  ASSERT_EQ(layout.instruments.size(), 3u);
  EXPECT_EQ(layout.instruments[0].name, "Violin");
  EXPECT_EQ(layout.instruments[1].name, "Cello");
  EXPECT_NE(layout.instruments[0].color.red, layout.instruments[1].color.red);
  EXPECT_NE(layout.instruments[1].color.red, layout.instruments[2].color.red);
}

TEST(PianoRollLayout, DrumsHaveLanesFromKickUpwards) {
  const PianoRollLayout layout =
      lay_out({drum(49, 0), drum(36, 1), drum(38, 2), drum(40, 2), drum(54, 3), drum(70, 3)});
  ASSERT_EQ(layout.drums.size(), 4u);
  EXPECT_EQ(layout.drums[0].name, "Crash Cymbal");
  EXPECT_EQ(layout.drums[1].name, "Snare Drum");
  EXPECT_EQ(layout.drums[2].name, "Kick Drum");
  EXPECT_EQ(layout.drums[3].name, "Other") << "keys of no class share a lane";
  EXPECT_EQ(layout.rectangles(drum(38, 2))[0].y, layout.rectangles(drum(40, 2))[0].y);
  EXPECT_LT(layout.rectangles(drum(38, 2))[0].y, layout.rectangles(drum(36, 2))[0].y);
  EXPECT_GT(layout.rectangles(drum(49, 0))[0].y, layout.line_top(0) + layout.pitches_height());
}

TEST(PianoRollLayout, RefusesWhatItCannotDraw) {
  EXPECT_THROW(lay_out_piano_roll({}, {.width = 10}), Error);
  EXPECT_THROW(lay_out_piano_roll({}, {.width = 100000}), Error);
  EXPECT_THROW(lay_out_piano_roll({}, {.vocabulary = "kazoo"}), Error);
}

TEST(TimeLabels, AreFarEnoughApartAndReadable) {
  EXPECT_EQ(time_label_step(50, 84), 2);
  EXPECT_EQ(time_label_step(1600, 84), 0.1);
  EXPECT_EQ(time_label_step(0.15, 84), 600);
  EXPECT_EQ(time_label_step(0.001, 84), 24 * 3600);
  EXPECT_EQ(time_label(0, 1), "0:00");
  EXPECT_EQ(time_label(65, 5), "1:05");
  EXPECT_EQ(time_label(0.5, 0.5), "0:00.5");
  EXPECT_EQ(time_label(59.99999999, 10), "1:00");
  EXPECT_EQ(time_label(2 * 3600 + 61, 60), "2:01:01");
}

}  // namespace
}  // namespace yourmt3
