#pragma once

#include "data/random.h"
#include "data/song.h"

namespace yourmt3 {

/// How a written song is changed before it is rendered for training.
struct ArrangeOptions {
  double keep_program = 0.2;  ///< Chance that a pitched part keeps its instrument, if networks name it (program < 96).
  int max_transpose = 6;      ///< Semitones up or down; drums stay.
  double max_tempo_change = 0.2;
  int max_parts = 8;
  int fewest_notes = 4;  ///< Of a part in the excerpt; others are left out.
};

/// An excerpt of `seconds` with instruments redrawn evenly over the General MIDI families, each family once as long as
/// they last; a bass stays a bass and drums stay drums. Parts move by octaves into the range of their instrument. Notes
/// that began before the excerpt are left out, those that end after it keep their ends.
///
/// The result has no parts when nothing is left of the song at the place drawn.
Song arrange_excerpt(const Song& song, double seconds, const ArrangeOptions& options, Random& random);

/// The notes that begin in [start, start + seconds), moved to begin at 0.
Song cut_excerpt(const Song& song, double start_sec, double seconds);

}  // namespace yourmt3
