// Writes demo.mid, a short piece for flute, saxophone, guitar, piano, strings, bass and drums, made for this program.
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "data/midi_songs.h"
#include "data/random.h"
#include "data/song.h"
#include "score/midi_writer.h"

namespace {

using yourmt3::Part;
using yourmt3::Random;
using yourmt3::Song;

constexpr double kBeatSec = 60.0 / 96;
constexpr double kBeatsPerBar = 4;

// A bar is a list of "pitches/beats"; pitches sound together when joined by '+', "-" is a rest. Bars count from 0.
using Bars = std::map<int, std::string>;

const Bars kFlute = {{2, "D5/1.5 B4/0.5 G4/1 A4/0.5 B4/0.5"},
                     {3, "A4/2 -/0.5 F#4/0.5 G4/0.5 A4/0.5"},
                     {4, "B4/1.5 G4/0.5 E5/1 D5/1"},
                     {5, "C5/2 -/0.5 C5/0.5 D5/0.5 E5/0.5"},
                     {6, "D5/1.5 B4/0.5 G5/1 F#5/0.5 E5/0.5"},
                     {7, "F#5/1 D5/1 A4/1 D5/1"},
                     {8, "E5/1 D5/0.5 C5/0.5 B4/1 C5/1"},
                     {9, "D5/3 -/1"},
                     {16, "E5/1 D5/0.5 C5/0.5 E5/1 G5/1"},
                     {17, "F#5/2 A4/1 D5/1"},
                     {18, "G5/3.5"}};
const Bars kSaxophone = {{10, "G4/1 B4/1 E5/1.5 D5/0.5"},
                         {11, "D5/1 F#4/1 B4/2"},
                         {12, "E4/1 G4/1 C5/1.5 B4/0.5"},
                         {13, "B4/1 D5/1 G4/2"},
                         {14, "A4/1 C5/1 E5/1 D5/0.5 C5/0.5"},
                         {15, "B4/0.5 C5/0.5 A4/1 F#4/1 A4/1"},
                         {16, "G4/2 C5/2"},
                         {17, "A4/2 F#4/2"},
                         {18, "B4/3.5"}};
const Bars kPiano = {{0, "G3/0.5 D4/0.5 B4/0.5 D4/0.5 G4/0.5 D4/0.5 B4/0.5 D4/0.5"},
                     {1, "C4/0.5 E4/0.5 G4/0.5 E4/0.5 C5/0.5 G4/0.5 E4/0.5 G4/0.5"},
                     {2, "G3+B3+D4/1.5 G3+B3+D4/1.5 B3+D4/1"},
                     {3, "F#3+A3+D4/1.5 F#3+A3+D4/1.5 A3+D4/1"},
                     {4, "G3+B3+E4/1.5 G3+B3+E4/1.5 B3+E4/1"},
                     {5, "G3+C4+E4/1.5 G3+C4+E4/1.5 C4+E4/1"},
                     {6, "G3+B3+D4/1.5 G3+B3+D4/1.5 B3+D4/1"},
                     {7, "F#3+A3+D4/1.5 F#3+A3+D4/1.5 A3+D4/1"},
                     {8, "G3+C4+E4/1.5 G3+C4+E4/1.5 C4+E4/1"},
                     {9, "F#3+A3+D4/1 A3+C4+D4/1 F#3+A3+D4/2"},
                     {16, "E3+G3+C4/2 E3+G3+C4/2"},
                     {17, "F#3+A3+D4/2 F#3+A3+C4+D4/2"},
                     {18, "G3+B3+D4+G4/3.5"}};
const Bars kGuitar = {{10, "E3/0.5 B3/0.5 E4/0.5 G4/0.5 B4/0.5 G4/0.5 E4/0.5 B3/0.5"},
                      {11, "F#3/0.5 B3/0.5 D4/0.5 F#4/0.5 B4/0.5 F#4/0.5 D4/0.5 B3/0.5"},
                      {12, "G3/0.5 C4/0.5 E4/0.5 G4/0.5 C5/0.5 G4/0.5 E4/0.5 C4/0.5"},
                      {13, "G3/0.5 B3/0.5 D4/0.5 G4/0.5 B4/0.5 G4/0.5 D4/0.5 B3/0.5"},
                      {14, "A3/0.5 C4/0.5 E4/0.5 A4/0.5 C5/0.5 A4/0.5 E4/0.5 C4/0.5"},
                      {15, "A3/0.5 D4/0.5 F#4/0.5 A4/0.5 D5/0.5 A4/0.5 F#4/0.5 D4/0.5"}};
const Bars kStrings = {{6, "B4+G5/4"},  {7, "A4+F#5/4"}, {8, "G4+E5/4"},      {9, "F#4+D5/4"},
                       {12, "G4+E5/4"}, {13, "G4+D5/4"}, {14, "A4+E5/4"},     {15, "A4+D5/4"},
                       {16, "G4+E5/4"}, {17, "A4+D5/4"}, {18, "G4+B4+D5/3.5"}};
const Bars kBass = {{2, "G2/1.5 G2/0.5 D2/1.5 F#2/0.5"},
                    {3, "F#2/1.5 F#2/0.5 D2/1.5 D2/0.5"},
                    {4, "E2/1.5 E2/0.5 B2/1.5 D2/0.5"},
                    {5, "C2/1.5 C2/0.5 G2/1.5 F#2/0.5"},
                    {6, "G2/1.5 G2/0.5 D2/1.5 G2/0.5"},
                    {7, "D2/1.5 D2/0.5 A2/1.5 B2/0.5"},
                    {8, "C3/1.5 C3/0.5 G2/1.5 E2/0.5"},
                    {9, "D2/1 D2/1 D3/1 F#2/1"},
                    {10, "E2/2 B2/1.5 E2/0.5"},
                    {11, "B2/2 F#2/1.5 B2/0.5"},
                    {12, "C2/2 G2/1.5 C2/0.5"},
                    {13, "G2/2 D2/1.5 G2/0.5"},
                    {14, "A2/2 E2/1.5 A2/0.5"},
                    {15, "D2/1 F#2/1 A2/1 D3/1"},
                    {16, "C2/2 C3/1.5 C2/0.5"},
                    {17, "D2/2 D3/1 F#2/1"},
                    {18, "G2/3.5"}};

int pitch_of(const std::string& name) {
  static const std::map<char, int> steps = {{'C', 0}, {'D', 2}, {'E', 4}, {'F', 5}, {'G', 7}, {'A', 9}, {'B', 11}};
  const bool sharp = name.at(1) == '#';
  return 12 * (name.back() - '0' + 1) + steps.at(name.at(0)) + (sharp ? 1 : 0);
}

/// Notes last `legato` of their written length; `loud` is the velocity on the beat.
Part play(int program, const Bars& bars, double legato, int loud, Random& random) {
  Part part{program, {}};
  for (const auto& [bar, text] : bars) {
    double beat = bar * kBeatsPerBar;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      const auto slash = word.find('/');
      const double beats = std::atof(word.c_str() + slash + 1);
      std::istringstream pitches(word.substr(0, slash));
      for (std::string name; word[0] != '-' && std::getline(pitches, name, '+');) {
        const double onset = std::max(0.0, beat * kBeatSec + 0.006 * random.normal());
        const int accent = beat == static_cast<int>(beat) ? 0 : -8;
        part.notes.push_back(
            {onset, onset + beats * kBeatSec * legato, pitch_of(name), loud + accent + random.integer(-5, 5)});
      }
      beat += beats;
    }
  }
  tidy_notes(part);
  return part;
}

Part play_drums(Random& random) {
  Part part{yourmt3::kDrumProgram, {}};
  const auto hit = [&](double beat, int key, int loud) {
    const double onset = std::max(0.0, beat * kBeatSec + 0.004 * random.normal());
    part.notes.push_back({onset, onset + 0.1, key, loud + random.integer(-6, 6)});
  };
  constexpr int kKick = 36, kSnare = 38, kClosedHat = 42, kOpenHat = 46, kCrash = 49, kRide = 51;
  for (int bar = 2; bar < 18; ++bar) {
    const double start = bar * kBeatsPerBar;
    const bool second_part = bar >= 10 && bar < 16;
    const bool fill = bar == 9 || bar == 15;
    if (bar == 2 || bar == 10 || bar == 16) hit(start, kCrash, 100);
    for (int eighth = 0; eighth < (fill ? 4 : 8); ++eighth) {
      const bool open = !second_part && eighth == 7 && bar % 4 == 1;
      hit(start + eighth * 0.5, second_part ? kRide : open ? kOpenHat : kClosedHat, eighth % 2 == 0 ? 82 : 64);
    }
    for (const double beat : {0.0, 2.0, 2.5}) {
      if (!fill || beat < 2) hit(start + beat, kKick, 98);
    }
    hit(start + 1, kSnare, 94);
    if (!fill) hit(start + 3, kSnare, 96);
    if (fill) {
      constexpr int kToms[] = {38, 38, 50, 50, 47, 47, 43, 43};
      for (int i = 0; i < 8; ++i) hit(start + 2 + i * 0.25, kToms[i], 86 + 3 * i);
    }
  }
  hit(18 * kBeatsPerBar, kCrash, 98);
  hit(18 * kBeatsPerBar, kKick, 100);
  tidy_notes(part);
  return part;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: compose_demo OUTPUT.mid\n";
    return 2;
  }
  Random random(2024);
  Song song;
  song.parts.push_back(play(0, kPiano, 0.9, 80, random));
  song.parts.push_back(play(25, kGuitar, 1.2, 84, random));
  song.parts.push_back(play(33, kBass, 0.85, 96, random));
  song.parts.push_back(play(48, kStrings, 0.97, 70, random));
  song.parts.push_back(play(65, kSaxophone, 0.93, 92, random));
  song.parts.push_back(play(73, kFlute, 0.93, 96, random));
  song.parts.push_back(play_drums(random));
  yourmt3::MidiWriteOptions options;
  options.instruments = nullptr;
  try {
    yourmt3::write_file_atomically(argv[1],
                                   yourmt3::serialize_midi(yourmt3::notes_to_midi(yourmt3::song_notes(song), options)));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
