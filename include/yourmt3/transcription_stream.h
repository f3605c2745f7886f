#pragma once

#include <memory>
#include <span>

#include "yourmt3/export.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {

/// A recording that comes piece by piece, as from a microphone: samples are pushed, notes are told on the way, and the
/// end brings the whole result, which is that of Transcriber::transcribe_samples() for all pieces together.
///
/// push(), finish() and the destructor are for one thread at a time; cancel() may come from any.
class YOURMT3_API TranscriptionStream {
 public:
  struct Options {
    int n_channels = 1;
    int sample_rate = 16000;                 ///< Hz.
    Transcriber::OnNotes on_notes = {};      ///< Called on a thread of the stream's own, as the next.
    Transcriber::Progress on_progress = {};  ///< The length in all is told as 0: not known.
  };

  /// The transcriber outlives the stream. Throws Error(kInvalidArgument).
  TranscriptionStream(const Transcriber& transcriber, const Options& options);
  /// Abandons what was not finished.
  ~TranscriptionStream();
  TranscriptionStream(TranscriptionStream&&) noexcept;
  TranscriptionStream& operator=(TranscriptionStream&&) noexcept;

  /// Takes interleaved samples, whole frames. Waits while more than a minute of sound is waiting to be transcribed.
  /// Throws Error(kInvalidArgument) for samples that are not finite, of which nothing is taken, and what ended the
  /// transcription: Error(kCancelled) and others.
  void push(std::span<const float> samples);

  /// No more samples; waits for the result. Only once. Throws what ended the transcription.
  Transcription finish();

  /// Ends the transcription soon: push() and finish() throw Error(kCancelled).
  void cancel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yourmt3
