#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yourmt3::testing {

/// A note of a score, tied ones joined.
struct ReadNote {
  int part = 0;   ///< From 0.
  int begin = 0;  ///< From the start of the score, in divisions.
  int end = 0;
  int pitch = 0;  ///< MIDI pitch, or key of the drum kit by its instrument.

  friend auto operator<=>(const ReadNote&, const ReadNote&) = default;
};

struct ReadScore {
  std::string title;
  std::vector<std::string> part_names;
  std::vector<int> programs;  ///< As MIDI, from 0; of drums the first one.
  int divisions = 0;          ///< Of a quarter.
  int fifths = 0;
  std::string mode;
  std::vector<int> bar_begins;      ///< In divisions.
  std::vector<std::string> metres;  ///< "4/4", of each measure.
  std::vector<ReadNote> notes;      ///< Sorted.
  double tempo = 0;                 ///< The first one.
};

/// Reads MusicXML as we write it and holds it to the rules of the format that a schema cannot tell and some that it
/// tells: order of the elements of a note, measures filled by every voice, ties, triplets and beams that begin and end,
/// values that are as long as their durations, references to parts and instruments. Throws std::runtime_error with the
/// place where one is broken.
ReadScore read_score(std::string_view musicxml);

}  // namespace yourmt3::testing
