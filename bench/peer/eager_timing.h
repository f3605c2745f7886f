#pragma once

#include <span>
#include <vector>

#include "eager_network.h"
#include "engine/engine.h"

namespace yourmt3 {

/// How long the eager network takes for a batch of segments.
struct EagerTiming {
  double encode_sec = 0;             ///< Front end (ours), pre-encoder, encoder, pre-decoder.
  std::vector<double> step_end_sec;  ///< Since the beginning of decoding, after each step; the first has index 0.

  /// Seconds of decoding until the longest row, of `longest` tokens, has ended.
  double decode_sec(int longest) const { return step_end_sec[static_cast<std::size_t>(longest) - 1]; }
};

/// Threads that libtorch computes with; each stage of the peer may have its own.
struct EagerThreads {
  int encode = 1, decode = 1;
};

/// One batch through the peer, with as many steps as asked for. `front_end` computes the spectrogram.
EagerTiming time_eager_batch(const EagerNetwork& network, const Engine& front_end, std::span<const float> samples,
                             int n_segments, int n_steps, EagerThreads threads);

/// (n_segments, T, F) as the peer reads it.
at::Tensor eager_spectrogram(const Engine& front_end, std::span<const float> samples, int n_segments);

/// Largest differences of the peer from `engine` in float32, each relative to the root mean square of the peer's
/// values; the share of one or two routings that fall to another expert is small in a mean.
struct Disagreement {
  double memory = 0;  ///< Of the decoder's memory, root mean square.
  double logits = 0;  ///< Of the logits of random tokens, root mean square.
};
Disagreement compare(const EagerNetwork& network, const Engine& engine, std::span<const float> samples, int n_segments);

}  // namespace yourmt3
