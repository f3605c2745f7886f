#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/progress.h"
#include "evaluate/evaluation_set.h"
#include "evaluate/transcription_cache.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {

/// How well one track was transcribed.
struct TrackResult {
  EvaluationTrack item;
  std::vector<Note> reference;  ///< What was scored, see OpenedSet.
  std::vector<Note> estimate;
  TrackMetrics metrics;
  TimedTranscription transcription;  ///< All that was heard; its time is that of the run in which it was.
  std::string kept_as;               ///< Name in the cache; empty without one.
};

/// How well a set was transcribed.
struct SetResult {
  OpenedSet set;
  std::vector<TrackResult> tracks;      ///< In the order of the index.
  std::map<std::string, double> means;  ///< MetricAverage over them, by the reference's names.
};

struct EvaluateOptions {
  const TranscriptionCache* cache = nullptr;  ///< Of the same model as the transcriber; null: nothing is kept.
  int parallel_tracks = 1;                    ///< Tracks at a time, each with the threads of the transcriber.
  // Called from any thread, but never two at a time.
  ProgressCallback progress;                         ///< Seconds of music.
  std::function<void(const TrackResult&)> on_track;  ///< Each track once it is scored.
};

/// Scores what was heard in a track, as compute_track_metrics().
TrackResult score_track(const OpenedSet& set, const EvaluationTrack& item, TimedTranscription transcription);

/// Transcribes a track, or takes it from the cache, and scores it. Throws as Transcriber; the message names the track.
TrackResult evaluate_track(const OpenedSet& set, const EvaluationTrack& item, const Transcriber& transcriber,
                           const TranscriptionCache* cache = nullptr, const Transcriber::Progress& progress = {});

/// All tracks. The result does not depend on threads. Throws as evaluate_track() and OpenedSet::require_tracks(), and
/// Error(kCancelled).
SetResult evaluate_set(const OpenedSet& set, const Transcriber& transcriber, const EvaluateOptions& options = {});

}  // namespace yourmt3
