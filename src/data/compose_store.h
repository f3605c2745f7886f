#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/log.h"
#include "core/progress.h"
#include "data/lines.h"

namespace yourmt3 {

/// A small prepared data set of composed music, played by the built-in tones (tones.h) where no sound font is named: it
/// then needs no file at all.
struct ComposeStoreOptions {
  std::filesystem::path output;              ///< Folder of the new data set.
  std::vector<std::filesystem::path> fonts;  ///< Sound fonts that play in place of the tones.
  int tracks = 8;
  int validation_tracks = 0;  ///< The last so many are of split "validation", the others of "train".
  double seconds = 12;        ///< Of each track.
  std::uint64_t seed = 1;
  int max_parts = 0;       ///< Most instruments of a track; 0 for as many as the composer likes.
  double min_gap_sec = 0;  ///< At least this between the onsets of a part; 0.25 makes simple, unaccompanied lines.
  double practice_share = 0.15;  ///< Tracks of compose_practice(), the others are compose().
  /// All tracks are compose_lines() instead, with the tones of a program always the same; max_parts, min_gap_sec and
  /// practice_share then do not matter.
  std::optional<LineOptions> lines;
  /// Tracks of split "train", of two instruments or more, in which one of them sounds without being written down.
  double unannotated_share = 0;
  int threads = 1;
};

/// Composes and renders the tracks "c000000", "c000001" and so on; the same for every number of threads. Eight tracks
/// take a fraction of a second. Throws Error(kInvalidArgument) for options out of range and when the folder holds a
/// data set already, Error(kIo), and Error(kCancelled); the folder is then no data set, for its index is missing.
void compose_store(const ComposeStoreOptions& options, const LogSink& log = {}, const ProgressCallback& progress = {});

}  // namespace yourmt3
