#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/log.h"
#include "core/progress.h"
#include "engine/engine.h"
#include "transcribe/pipeline.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {

struct Transcriber::Impl {
  /// Throws as Transcriber::with(). Hidden, since members of what is exported are exported too.
  __attribute__((visibility("hidden"))) Impl(std::shared_ptr<const Engine> network, const Options& chosen);

  Options options;
  std::shared_ptr<const Engine> network;
  DecodingChoice decoding;

  const Engine& engine() const { return *network; }
};

/// `progress` outlives the callback.
ProgressCallback as_callback(const Transcriber::Progress& progress);

/// The mean of the channels of interleaved samples, whole frames, appended to `mono`. Throws Error(kInvalidArgument)
/// for samples that are not finite; `first_frame` is the number of the first frame, for the message.
void mix_down(std::span<const float> samples, int n_channels, std::size_t first_frame, std::vector<float>& mono);

/// Throws Error(kInvalidArgument) for channels or rates that cannot be, and samples that are no whole frames.
void check_sound(std::size_t n_samples, int n_channels, int sample_rate);

}  // namespace yourmt3
