#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/arrange.h"

namespace yourmt3::cli {

/// What of a song is changed before it is played; what is not given stays as each use of `synth` has it.
struct VariationChoice {
  std::optional<double> keep_program;
  std::optional<double> keep_drums;
  std::optional<int> transpose;
  std::optional<double> tempo_change;
  std::optional<double> velocity_change;
  std::optional<double> timing_ms;
  std::optional<double> detune_cents;

  ArrangeOptions over(ArrangeOptions defaults) const;
};

/// `yourmt3 synth` without --dataset.
struct SynthSongOptions {
  std::vector<std::string> songs;
  std::string output;  ///< Of one song.
  std::string midi;
  std::string stem_folder;
  std::string format = "wav";  ///< Of stems.
  std::vector<std::string> sound_fonts;
  std::optional<std::uint64_t> compose_seed;
  std::string style;
  double start_sec = 0;
  double length_sec = 0;
  int takes = 1;
  bool force = false;
  VariationChoice variation;
  std::uint64_t seed = 1;
  int threads = 1;
};

/// Plays each song into a file beside it, or into a folder of stems. A song that fails does not stop the others. Gives
/// the exit status.
int synth_songs(const SynthSongOptions& options);

}  // namespace yourmt3::cli
