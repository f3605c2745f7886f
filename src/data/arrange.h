#pragma once

#include "data/random.h"
#include "data/song.h"

namespace yourmt3 {

/// How a written song is changed before it is rendered. The defaults are for training.
struct ArrangeOptions {
  double keep_program = 0.2;  ///< Chance that a pitched part keeps its instrument, if networks name it (program < 96).
  double keep_drums = 1;      ///< Chance that a drum part keeps its drums; others exchange them for their relatives.
  int max_transpose = 6;      ///< Semitones up or down; drums stay.
  double max_tempo_change = 0.2;  ///< Relative, up or down; below 1.
  double velocity_change =
      0.25;               ///< Parts become up to this share softer or 0.6 of it louder; notes vary by 20 times it.
  double timing_sec = 0;  ///< Standard deviation of what is added to each onset; lengths stay.
  int max_parts = 8;
  int fewest_notes = 4;  ///< Of a part in the excerpt; others are left out.
};

/// An excerpt of `seconds` with instruments redrawn evenly over the General MIDI families, each family once as long as
/// they last; a bass stays a bass and drums stay drums. Parts move by octaves into the range of their instrument. Notes
/// that began before the excerpt are left out, those that end after it keep their ends.
///
/// The result has no parts when nothing is left of the song at the place drawn.
Song arrange_excerpt(const Song& song, double seconds, const ArrangeOptions& options, Random& random);

/// Options that change nothing.
ArrangeOptions as_written();

/// The whole song with instruments redrawn (bass and drums as above), moved, slower or faster and played differently,
/// as the options say; `max_parts` and `fewest_notes` do not count. Parts that keep their instrument keep their octave,
/// and lose the notes that would leave the range of MIDI.
Song vary_song(const Song& song, const ArrangeOptions& options, Random& random);

/// The notes that begin in [start, start + seconds), moved to begin at 0.
Song cut_excerpt(const Song& song, double start_sec, double seconds);

}  // namespace yourmt3
