#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/stem_files.h"
#include "evaluate/evaluation_set.h"
#include "train/peers.h"

namespace yourmt3 {

/// Held-out tracks that a model transcribes, to be scored as in the reference: by file, then averaged.
class Validation {
 public:
  /// The first `n_tracks` tracks of every set, in the order of its splits (`split`, where it names none) and stores, of
  /// each at most `max_sec` from its start. Of a track whose annotation is not complete the annotated instruments are
  /// scored, see EvaluationSet.
  Validation(std::span<const StemDataSet> sets, const std::string& split, int n_tracks, double max_sec);

  bool empty() const { return tracks_.empty(); }

  /// Transcribes with the model file, tracks shared out among the peers and each with `n_threads` threads. Means over
  /// the tracks where a score is defined: onset_f (pitched notes, 50 ms), offset_f, frame_f, onset_f_drum, multi_f.
  std::map<std::string, double> score(const std::filesystem::path& model, int n_threads, const Peers& peers) const;

 private:
  void add(const std::filesystem::path& store, const std::string& split, std::size_t limit, double max_sec);

  std::vector<std::pair<OpenedSet, EvaluationTrack>> tracks_;
};

}  // namespace yourmt3
