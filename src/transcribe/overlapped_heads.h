#pragma once

#include <span>
#include <vector>

#include "engine/engine.h"
#include "model/model_config.h"
#include "transcribe/onset_candidates.h"

namespace yourmt3 {

/// With InferenceConfig::overlap every moment is heard twice: in a segment, and in one that begins half a segment
/// before or after. The logits of both are mixed, each counting more the farther its own borders are: near them a
/// network has heard only one side. Segments of one recording, in order.
class OverlappedHeads {
 public:
  explicit OverlappedHeads(const ModelConfig& config);

  struct Segment {
    EncodedSegments encoded;  ///< Of one segment; memory is that of the segment as it was heard by itself.
    HeadMargins margins;
  };

  /// Adds the next piece of the recording, ModelConfig::segment_advance() samples, or, empty, its end; a multiple of
  /// segments to be encoded is appended to `samples`.
  void push(std::span<const float> piece, std::vector<float>& samples);
  /// What they were encoded to, one by one and in order: appends the segments that are now known from both sides.
  void add(EncodedSegments encoded, std::vector<Segment>& known);

  /// Pieces were pushed, and their end was not.
  bool is_open() const { return n_pieces_ > 0 && !ended_; }

 private:
  /// Mixes logits of `width` a frame: of half the segment, from `first` on, with those of the segment `beside` it.
  void mix(std::vector<float>& logits, const std::vector<float>& beside, std::size_t first) const;
  std::vector<float> frames_of(const std::vector<float>& logits, std::size_t first, std::size_t count) const;

  std::size_t samples_, advance_, n_frames_, half_;  // half_: frames.
  std::vector<float> last_piece_;
  std::size_t n_pieces_ = 0, n_added_ = 0;
  bool ended_ = false;
  EncodedSegments between_;    // Half a segment before the one that is waited for.
  std::vector<float> before_;  // Its margin.
};

}  // namespace yourmt3
