#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

struct PianoRollOptions {
  std::string title = {};              ///< UTF-8; other bytes are shown as question marks.
  double duration_sec = 0;             ///< Of the recording; less than the last note's end means that.
  std::string vocabulary = "gm_plus";  ///< Groups programs into instruments; see score/program_groups.h.
  int width = 1600;                    ///< Pixels, 400 to 8000.
};

/// Where everything in a piano roll goes, in pixels from the upper left corner.
///
/// Up to 40 s fill one line. Longer recordings are broken into lines of at most 30 s like written music; when that
/// would be more than 12 lines, into 12 longer ones.
struct PianoRollLayout {
  struct Rectangle {
    double x = 0, y = 0, width = 0, height = 0;
  };
  struct Color {
    double red = 0, green = 0, blue = 0;  ///< 0 to 1.
  };
  struct Instrument {
    std::string name;
    Color color;
    std::vector<int> programs;  ///< kDrumProgram alone for drums.
    int n_notes = 0;
    Rectangle key;  ///< Its colour in the legend; the name stands to the right of it.
  };
  struct Drum {
    std::string name;
    std::vector<int> keys;
  };

  double duration_sec = 0;  ///< Of all lines together.
  double line_sec = 0;      ///< One line from left to right.
  int n_lines = 1;

  int lowest_pitch = 48, highest_pitch = 72;
  double semitone_height = 8;
  double lane_height = 12;  ///< Of one drum.

  double left = 0, right = 0;                    ///< Of the notes; labels stand left of them.
  double first_line_top = 0, line_distance = 0;  ///< Top of the pitches in the first line; from line to line.
  int width = 0, height = 0;                     ///< Of the picture.

  std::vector<Instrument> instruments;  ///< Those that play, in the order of the vocabulary, drums last.
  std::vector<Drum> drums;              ///< Those that play, from top to bottom.

  double pitches_height() const { return (highest_pitch - lowest_pitch + 1) * semitone_height; }
  double drums_height() const { return static_cast<double>(drums.size()) * lane_height; }
  double line_top(int line) const { return first_line_top + line * line_distance; }
  double drums_top(int line) const;
  double pixels_per_sec() const { return (right - left) / line_sec; }

  /// Index into instruments, -1 when the note has no place in the picture: no onset, no such pitch.
  int instrument_of(const Note& note) const;

  /// Where the note is drawn, from its onset on: one piece for every line that it crosses. Never narrower than what
  /// can be seen.
  std::vector<Rectangle> rectangles(const Note& note) const;
};

/// Throws Error(kInvalidArgument) for a width out of range, Error(kNotFound) for an unknown vocabulary.
PianoRollLayout lay_out_piano_roll(std::span<const Note> notes, const PianoRollOptions& options);

/// Seconds from one labelled time to the next, so that labels are at least `min_pixels` apart.
double time_label_step(double pixels_per_sec, double min_pixels);

/// "1:05", "2:00:00"; with a decimal when `step_sec` asks for one: "0:00.5".
std::string time_label(double seconds, double step_sec);

}  // namespace yourmt3
