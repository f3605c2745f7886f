#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "data/harmony.h"
#include "data/song.h"

namespace yourmt3 {

/// Kinds of music the composer writes; they differ in tempo, harmony, instruments, textures and drums.
enum class Style {
  kPop,
  kRock,
  kSwing,
  kWaltz,
  kElectronic,
  kChamber,
  kSoloPiano,
  kSoloGuitar,
  kChoirOrgan,
};
inline constexpr int kStyles = 9;

/// "pop", "rock", "swing", "waltz", "electronic", "chamber", "solo-piano", "solo-guitar", "choir-organ".
std::string_view to_string(Style style);
std::optional<Style> style_from_name(std::string_view name);

struct ComposeOptions {
  std::uint64_t seed = 1;
  double seconds = 16;         ///< Length; the music is cut there, as by a listener.
  std::optional<Style> style;  ///< None: drawn.
  double surprise = 0.3;       ///< Chance that a role is given to an instrument unusual for the style.
};

/// Writes a piece: key, chords, sections, melody, bass, accompaniment and drums, played with human timing.
///
/// The same options always give the same notes. Programs are distinct except where one hand of a piano is another
/// part; every pitch lies in its instrument's range. Throws Error(kInvalidArgument) for a length that is not positive
/// or longer than an hour.
Song compose(const ComposeOptions& options);

/// A piece and how it is counted, which its notes alone do not tell.
struct Composition {
  Song song;
  std::vector<double> beat_sec;  ///< Every beat within the song; the first one begins a bar.
  int beats_per_bar = 4;         ///< 3 or 4; a beat is a quarter.
  Key key;
};

/// The same piece as compose() writes, with its beats and key.
Composition compose_counted(const ComposeOptions& options);

/// Material for learning to hear pitch: scales, random chords, leaps, repeated notes or random drum hits, with pitches
/// spread evenly over the whole range of each instrument. One to `max_parts` instruments, which do not listen to each
/// other. Deterministic as compose().
Song compose_practice(std::uint64_t seed, double seconds, int max_parts = 2);

}  // namespace yourmt3
