#include "evaluate/evaluate_set.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

#include "core/fail.h"
#include "core/parallel.h"
#include "data/synthesizer.h"
#include "data/track_mix.h"

namespace yourmt3 {
namespace {

/// Adds up how far the tracks that are under way have come.
class ProgressSum {
 public:
  ProgressSum(const EvaluateOptions& options, double total) : options_(options), total_(total) {}

  /// False when the work should stop.
  bool advance(double& track_done, double done) {
    const std::lock_guard lock(mutex_);
    sum_ += done - track_done;
    track_done = done;
    return !options_.progress || options_.progress({sum_, total_});
  }

  void tell(const TrackResult& track) {
    const std::lock_guard lock(mutex_);
    if (options_.on_track) options_.on_track(track);
  }

 private:
  const EvaluateOptions& options_;
  double total_;
  std::mutex mutex_;
  double sum_ = 0;
};

}  // namespace

TrackResult score_track(const OpenedSet& set, const EvaluationTrack& item, TimedTranscription transcription) {
  TrackResult result;
  result.item = item;
  result.reference = set.reference(item);
  result.estimate = set.estimate(item, transcription.heard.notes);
  result.metrics = compute_track_metrics(result.reference, result.estimate, set.metrics());
  result.transcription = std::move(transcription);
  return result;
}

TrackResult evaluate_track(const OpenedSet& set, const EvaluationTrack& item, const Transcriber& transcriber,
                           const TranscriptionCache* cache, const Transcriber::Progress& progress) {
  try {
    const std::vector<float> samples = track_mix(*item.track, item.n_samples);
    const std::string name = cache != nullptr ? cache->name_of(samples) : "";
    std::optional<TimedTranscription> transcription;
    if (cache != nullptr) transcription = cache->find(name);
    if (!transcription) {
      const auto start = std::chrono::steady_clock::now();
      transcription.emplace();
      transcription->heard = transcriber.transcribe_samples(samples, 1, kRenderRate, progress);
      transcription->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (cache != nullptr) cache->keep(name, *transcription);
    }
    TrackResult result = score_track(set, item, std::move(*transcription));
    result.kept_as = name;
    return result;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    fail(error.code(), "{}, track '{}': {}", set.set().store.string(), item.track->info.id, error.what());
  }
}

SetResult evaluate_set(const OpenedSet& set, const Transcriber& transcriber, const EvaluateOptions& options) {
  set.require_tracks();
  SetResult result{set, std::vector<TrackResult>(set.tracks().size()), {}};
  ProgressSum progress(options, set.seconds());
  parallel_for(set.tracks().size(), options.parallel_tracks, [&](std::size_t i) {
    const EvaluationTrack& item = set.tracks()[i];
    double done = 0;
    result.tracks[i] = evaluate_track(set, item, transcriber, options.cache,
                                      [&](double done_sec, double) { return progress.advance(done, done_sec); });
    progress.tell(result.tracks[i]);
    if (!progress.advance(done, item.seconds())) fail(ErrorCode::kCancelled, "cancelled");
  });
  MetricAverage average;
  for (const TrackResult& track : result.tracks) average.add(track.metrics);
  result.means = average.result();
  return result;
}

}  // namespace yourmt3
