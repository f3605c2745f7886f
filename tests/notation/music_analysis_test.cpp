#include "notation/music_analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "made_up_music.h"
#include "notation/beat_smoothing.h"
#include "notation/beat_tracker.h"
#include "notation/onset_events.h"
#include "score/midi_reader.h"
#include "score/note_file.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

/// Beats of `grid` from the first to the last onset, each compared with the nearest of a metronome.
void expect_beats(const BeatGrid& grid, double beat_sec, double start_sec, double end_sec) {
  for (const double time : grid.beat_sec) {
    if (time < start_sec - 0.1 || time > end_sec) continue;
    const double beats = (time - start_sec) / beat_sec;
    EXPECT_NEAR(beats, std::round(beats), 0.03) << "at " << time << " s";
  }
  EXPECT_NEAR(60 / grid.quarters_per_minute(), beat_sec, 0.01 * beat_sec);
}

TEST(MusicAnalysis, CountsASteadyPiece) {
  for (const double beat_sec : {0.5, 0.625, 0.8}) {
    const MusicAnalysis found = analyse_music(four_four(beat_sec, 8, 0.3));
    expect_beats(found.grid, beat_sec, 0.3, 0.3 + 32 * beat_sec);
    EXPECT_EQ(found.grid.metre, Metre{});
    for (const int index : found.grid.downbeats) {
      const double bars = (found.grid.beat_sec[static_cast<std::size_t>(index)] - 0.3) / (4 * beat_sec);
      EXPECT_NEAR(bars, std::round(bars), 0.01);
    }
    EXPECT_EQ(found.key, (KeySignature{1, false}));
    EXPECT_EQ(found.key.tonic(), "G");
  }
}

TEST(MusicAnalysis, FollowsATempoThatDrifts) {
  std::vector<Note> notes;
  std::vector<double> beats;
  double time_sec = 0.2;
  for (int beat = 0; beat < 64; ++beat) {
    beats.push_back(time_sec);
    notes.push_back(played(time_sec, 0.3, beat % 4 == 0 ? 36 : 60 + beat % 3));
    const double length_sec = 0.5 + 0.15 * std::sin(beat / 10.0);
    notes.push_back(played(time_sec + length_sec / 2, 0.1, 72));
    time_sec += length_sec;
  }
  const std::vector<double> found = track_beats(find_onset_events(notes), BeatDivision::kHalves);
  std::size_t near = 0;
  for (const double beat : beats) {
    for (const double time : found) near += std::abs(time - beat) < 0.07;
  }
  EXPECT_GE(near, 62u);
  EXPECT_NEAR(static_cast<double>(found.size()), 65, 2);
}

TEST(MusicAnalysis, KeepsCountingThroughRests) {
  std::vector<Note> notes = four_four(0.5, 4);
  for (const Note& note : four_four(0.5, 4, 8 + 4)) notes.push_back(note);    // Two bars of rest,
  for (const Note& note : four_four(0.5, 4, 20 + 30)) notes.push_back(note);  // then half a minute.
  expect_beats(analyse_music(notes).grid, 0.5, 0, 58);
}

TEST(MusicAnalysis, HearsThreeInABarAndCompoundBars) {
  std::vector<Note> waltz, jig;
  for (int bar = 0; bar < 12; ++bar) {
    const int bass = 36 + 5 * (bar % 3);
    waltz.push_back(played(bar * 1.2, 0.9, bass));
    for (int beat = 0; beat < 3; ++beat) {
      waltz.push_back(played(bar * 1.2 + beat * 0.4, 0.3, beat == 0 ? bass + 36 : bass + 28));
      if (beat > 0) waltz.push_back(played(bar * 1.2 + beat * 0.4, 0.3, bass + 31));
    }
    jig.push_back(played(bar * 1.08, 1.0, bass));
    for (int eighth = 0; eighth < 6; ++eighth) {
      jig.push_back(played(bar * 1.08 + eighth * 0.18, 0.16, bass + 24 + (eighth % 3 == 0 ? 12 : eighth)));
    }
  }
  const BeatGrid three = analyse_music(waltz).grid;
  EXPECT_EQ(three.metre, (Metre{3, false}));
  EXPECT_NEAR(three.quarters_per_minute(), 150, 1);
  const BeatGrid six = analyse_music(jig).grid;
  EXPECT_EQ(six.metre, (Metre{2, true}));
  EXPECT_EQ(six.metre.numerator(), 6);
  EXPECT_EQ(six.metre.denominator(), 8);
  EXPECT_NEAR(six.quarters_per_minute(), 60 / 0.54 * 1.5, 2);
}

TEST(MusicAnalysis, CountsTheDemoAsItWasWritten) {
  const MusicAnalysis found = analyse_music(read_note_file(YOURMT3_TEST_SOURCE_DIR "/examples/demo/demo.mid"));
  expect_beats(found.grid, 60.0 / 96, 0, 45);
  EXPECT_EQ(found.grid.metre, Metre{});
  EXPECT_NEAR(found.grid.beat_sec[static_cast<std::size_t>(found.grid.downbeats[1])] -
                  found.grid.beat_sec[static_cast<std::size_t>(found.grid.downbeats[0])],
              2.5, 0.05);
  EXPECT_NEAR(found.grid.beat_sec[static_cast<std::size_t>(found.grid.downbeats[0])], 0, 0.05);
  EXPECT_EQ(found.key.tonic(), "G");
  EXPECT_FALSE(found.key.minor);
}

TEST(MusicAnalysis, TellsMinorKeys) {
  std::vector<Note> notes;
  double time_sec = 0;
  for (const int pitch : {57, 59, 60, 62, 64, 65, 68, 69, 64, 60, 57, 57, 60, 64, 68, 69}) {
    notes.push_back(played(time_sec, pitch % 12 == 9 ? 0.9 : 0.45, pitch));
    time_sec += 0.5;
  }
  EXPECT_EQ(find_key(notes), (KeySignature{0, true}));
  EXPECT_EQ(find_key(notes).tonic(), "A");
  EXPECT_EQ(find_key({}), KeySignature{});
}

TEST(MusicAnalysis, OddInputIsCountedSomehow) {
  EXPECT_TRUE(analyse_music({}).grid.beat_sec.empty());
  const std::vector<Note> one = {played(7, 2, 60)};
  const BeatGrid grid = analyse_music(one).grid;
  ASSERT_GE(grid.beat_sec.size(), 2u);
  EXPECT_LE(grid.beat_sec.front(), 7);
  EXPECT_GT(grid.beat_sec.back(), 9);
  EXPECT_FALSE(grid.downbeats.empty());
  const std::vector<Note> together(3000, played(1, 0, 60));
  EXPECT_GE(analyse_music(together).grid.beat_sec.size(), 2u);
  const std::vector<Note> far_apart = {played(0, 0.1, 60), played(99990, 5, 62)};
  EXPECT_GT(analyse_music(far_apart).grid.beat_sec.back(), 99994);
}

TEST(MusicAnalysis, RefusesWhatCannotBeWritten) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const Note& note : {played(-1, 2, 60), played(kNan, 1, 60), played(1, kNan, 60), played(1e9, 1, 60),
                           played(1, 1e9, 60), played(1, 1, 128), played(1, 1, 60, 129)}) {
    EXPECT_THROW(analyse_music(std::vector<Note>{note}), Error);
  }
}

TEST(MusicAnalysis, TempoMapKeepsEveryTime) {
  std::vector<Note> notes = four_four(0.47, 6, 0.9);
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const double shift_sec = 0.004 * static_cast<double>(i % 5) - 0.008;
    notes[i].onset_sec += shift_sec;
    notes[i].offset_sec += shift_sec;
  }
  const MidiFile file = notes_to_midi_with_beats(notes);
  MidiNoteOptions options = general_midi_options();
  options.quantize = false;
  options.trim = false;
  std::vector<Note> read = read_notes(file, options).notes;
  ASSERT_THAT(read, SizeIs(notes.size()));
  const auto by_place = [](const Note& a, const Note& b) {
    return std::tie(a.program, a.pitch, a.onset_sec) < std::tie(b.program, b.pitch, b.onset_sec);
  };
  std::sort(read.begin(), read.end(), by_place);
  std::sort(notes.begin(), notes.end(), by_place);
  const double tick_sec = 0.5 / 480;  // Of the writer without beats.
  for (std::size_t i = 0; i < notes.size(); ++i) {
    EXPECT_NEAR(read[i].onset_sec, notes[i].onset_sec, tick_sec);
    EXPECT_NEAR(read[i].offset_sec, notes[i].offset_sec, tick_sec);
    EXPECT_EQ(read[i].pitch, notes[i].pitch);
  }
  // Bar lines of the file, four quarters apart, are those of the music.
  const std::vector<MidiMessage>& conductor = file.tracks.front().messages;
  std::uint64_t bar_tick = 0;
  int metres = 0;
  for (const MidiMessage& message : conductor) {
    if (!message.is_meta(kMidiMetaTimeSignature)) continue;
    ++metres;
    bar_tick = message.tick;
    EXPECT_EQ(message.data[1], 2);
  }
  EXPECT_EQ(metres, 2);  // Two beats before the first bar.
  std::uint64_t first_on = ~0ull;
  for (const MidiTrack& track : file.tracks) {
    for (const MidiMessage& message : track.messages) {
      if (message.is_channel() && message.kind() == kMidiNoteOn && message.data2 > 0) {
        first_on = std::min(first_on, message.tick);
      }
    }
  }
  EXPECT_NEAR(static_cast<double>(first_on), static_cast<double>(bar_tick), 0.05 * 1920);
}

TEST(MusicAnalysis, TempoMapOfNothingIsAFile) {
  EXPECT_FALSE(serialize_midi(notes_to_midi_with_beats({})).empty());
}

TEST(MusicAnalysis, JsonListsBeats) {
  const std::vector<Note> notes = four_four(0.5, 4);
  const auto json = nlohmann::json::parse(notes_to_json_with_beats(notes));
  EXPECT_EQ(json.at("notes").size(), notes.size());
  EXPECT_EQ(json.at("time_signature"), "4/4");
  EXPECT_NEAR(json.at("tempo").get<double>(), 120, 1);
  EXPECT_EQ(json.at("key").at("tonic"), "G");
  EXPECT_EQ(json.at("key").at("mode"), "major");
  EXPECT_EQ(json.at("key").at("fifths"), 1);
  EXPECT_GE(json.at("beats").size(), 16u);
  EXPECT_GE(json.at("downbeats").size(), 4u);
  EXPECT_TRUE(nlohmann::json::parse(notes_to_json_with_beats({})).at("beats").empty());
}

TEST(BeatSmoothing, MovesBeatsToTheAttacks) {
  const std::vector<Note> notes = four_four(0.507, 8);
  std::vector<double> rough;
  for (int beat = 0; beat < 32; ++beat) rough.push_back(std::round(beat * 0.507 / 0.02) * 0.02);
  const std::vector<double> smooth = smooth_beats(rough, find_onset_events(notes));
  ASSERT_THAT(smooth, SizeIs(32));
  for (int beat = 0; beat < 32; ++beat) EXPECT_NEAR(smooth[static_cast<std::size_t>(beat)], beat * 0.507, 0.002);
}

}  // namespace
}  // namespace yourmt3::testing
