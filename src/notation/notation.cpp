#include "yourmt3/notation.h"

#include <algorithm>

#include "core/atomic_file.h"
#include "core/lower_case.h"
#include "notation/music_analysis.h"
#include "notation/musicxml.h"

namespace yourmt3 {

Beats find_beats(std::span<const Note> notes) {
  const MusicAnalysis analysis = analyse_music(notes);
  const BeatGrid& grid = analysis.grid;
  Beats found;
  for (std::size_t i = 0; i < grid.beat_sec.size(); ++i) {
    // Before the recording there is nothing to count.
    if (grid.beat_sec[i] < 0) continue;
    found.beats.push_back({grid.beat_sec[i], std::binary_search(grid.downbeats.begin(), grid.downbeats.end(),
                                                                static_cast<int>(i))});
  }
  found.quarters_per_minute = grid.quarters_per_minute();
  found.numerator = grid.metre.numerator();
  found.denominator = grid.metre.denominator();
  found.tonic = analysis.key.tonic();
  found.is_minor = analysis.key.minor;
  found.fifths = analysis.key.fifths;
  return found;
}

void write_musicxml(const std::filesystem::path& path, std::span<const Note> notes, const std::string& title) {
  const std::string score = notes_to_musicxml(notes, title);
  const bool compressed = lower_case(path.extension().string()) == ".mxl";
  write_file_atomically(path, compressed ? compress_musicxml(score) : score);
}

void write_midi_with_beats(const std::filesystem::path& path, std::span<const Note> notes) {
  write_file_atomically(path, serialize_midi(notes_to_midi_with_beats(notes)));
}

}  // namespace yourmt3
