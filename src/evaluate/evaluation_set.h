#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/store.h"
#include "eval/track_metrics.h"

namespace yourmt3 {

/// A prepared data set, and how it is scored.
struct EvaluationSet {
  std::string name;
  std::filesystem::path store;
  std::string split = "test";                ///< A split or list of the store; empty: all tracks.
  std::string classes;                       ///< Of class_set(); empty: no scores by instrument and no multi_f.
  std::string drums;                         ///< Of drum_vocabulary(); empty: drums are compared by their keys.
  std::vector<std::string> pitch_class_for;  ///< As TrackMetricOptions.
  std::vector<std::string> melody_for;       ///< As TrackMetricOptions.
  /// As the reference: where only some instruments of a recording are annotated, whatever else is heard counts as
  /// wrong. Otherwise it is left out: what is scored are notes whose program, or another of its class, is annotated.
  bool score_unannotated = false;
  std::size_t limit_tracks = 0;  ///< The first so many tracks; 0: all.
  double max_seconds = 0;        ///< Of each track so much from its start; 0: all.
};

/// One track of a set.
struct EvaluationTrack {
  const Store::Track* track = nullptr;
  std::size_t n_samples = 0;  ///< At 16 kHz, from the start of the recording.
  bool cut = false;           ///< The recording is longer.
  bool complete = true;       ///< The notes of everything that sounds are written down.

  double seconds() const { return static_cast<double>(n_samples) / 16000; }
};

/// A set whose names are known and whose files are there. Immutable; copies share the store.
class OpenedSet {
 public:
  /// Throws Error naming what is missing or broken.
  explicit OpenedSet(EvaluationSet set);

  /// Throws Error(kInvalidArgument) naming the splits that there are when no track is in the one asked for.
  void require_tracks() const;

  const EvaluationSet& set() const { return set_; }
  const TrackMetricOptions& metrics() const { return metrics_; }
  const std::vector<EvaluationTrack>& tracks() const { return tracks_; }  ///< In the order of the index.
  double seconds() const;                                                 ///< Of all recordings.
  bool complete() const;                                                  ///< Every track is.

  /// The notes of a track that are scored. Where the recording is cut, those that begin in what is left of it, on both
  /// sides, and they end with it.
  std::vector<Note> reference(const EvaluationTrack& track) const;

  /// Of what was heard in it, that which is scored.
  std::vector<Note> estimate(const EvaluationTrack& track, const std::vector<Note>& heard) const;

 private:
  bool counts(const EvaluationTrack& track, const Note& note) const;
  std::vector<Note> counted(const EvaluationTrack& track, const std::vector<Note>& notes) const;

  EvaluationSet set_;
  TrackMetricOptions metrics_;
  std::shared_ptr<const Store> store_;
  std::vector<EvaluationTrack> tracks_;
};

}  // namespace yourmt3
