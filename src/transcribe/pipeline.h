#pragma once

#include <functional>
#include <span>

#include "core/progress.h"
#include "engine/engine.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {

/// Mono audio at the network's sample rate, from the start to the end.
struct SampleSource {
  /// Fills `out` from its start and returns how many samples it wrote; fewer than asked only at the end.
  std::function<std::size_t(std::span<float> out)> read;
  double total_sec = 0;  ///< Expected length; 0 when not known.
};

/// From samples to notes: segments are cut, encoded in batches, and decoded beside the encoding of the next batch. Only
/// tokens and, where ends of notes are found by the auxiliary heads, one bit for each frame and pitch are kept, so that
/// memory hardly grows with the length of the recording.
///
/// `progress` is told seconds of audio. Throws what the source throws, and Error(kCancelled).
Transcription transcribe(const Engine& engine, const SampleSource& source, int batch_segments,
                         const ProgressCallback& progress = {});

}  // namespace yourmt3
