#include "transcribe/overlapped_heads.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"

namespace yourmt3 {

OverlappedHeads::OverlappedHeads(const ModelConfig& config)
    : samples_(static_cast<std::size_t>(config.front_end.segment_samples)),
      advance_(static_cast<std::size_t>(config.segment_advance())),
      n_frames_(static_cast<std::size_t>(config.front_end.n_frames())),
      half_(advance_ / static_cast<std::size_t>(config.front_end.hop_length) / 2),
      last_piece_(advance_) {
  YOURMT3_ASSERT(half_ >= OnsetCandidates::kMargin);  // validate() asks for more frames.
}

void OverlappedHeads::push(std::span<const float> piece, std::vector<float>& samples) {
  std::vector<float> sound = std::exchange(last_piece_, std::vector<float>(piece.begin(), piece.end()));
  last_piece_.resize(advance_);
  sound.insert(sound.end(), last_piece_.begin(), last_piece_.end());
  const auto append = [&](std::size_t first) {
    const auto from = sound.begin() + static_cast<std::ptrdiff_t>(first);
    samples.insert(samples.end(), from, from + static_cast<std::ptrdiff_t>(samples_));
  };
  if (n_pieces_ > 0) append(0);
  append(advance_ / 2);
  ++n_pieces_;
  ended_ = piece.empty();
}

void OverlappedHeads::mix(std::vector<float>& logits, const std::vector<float>& beside, std::size_t first) const {
  const std::size_t width = logits.size() / n_frames_, n = 2 * half_;
  const auto weight = [n](std::size_t frame) { return static_cast<float>(std::min(frame, n - frame)); };
  for (std::size_t i = 0; i <= half_; ++i) {
    const std::size_t here = first + i, there = half_ - first + i;
    const float share = weight(here) / (weight(here) + weight(there));
    float* to = logits.data() + here * width;
    const float* from = beside.data() + there * width;
    for (std::size_t k = 0; k < width; ++k) to[k] = share * to[k] + (1 - share) * from[k];
  }
}

std::vector<float> OverlappedHeads::frames_of(const std::vector<float>& logits, std::size_t first,
                                              std::size_t count) const {
  const std::size_t width = logits.size() / n_frames_;
  const auto from = logits.begin() + static_cast<std::ptrdiff_t>(first * width);
  return {from, from + static_cast<std::ptrdiff_t>(count * width)};
}

void OverlappedHeads::add(EncodedSegments encoded, std::vector<Segment>& known) {
  // One half before the first segment, then each segment and the half behind it.
  const bool is_between = n_added_++ % 2 == 0;
  if (!is_between) {
    known.push_back({std::move(encoded), {std::move(before_), {}}});
    Segment& segment = known.back();
    mix(segment.encoded.auxiliary, between_.auxiliary, 0);
    mix(segment.encoded.group_notes, between_.group_notes, 0);
    return;
  }
  if (n_added_ > 1) {
    YOURMT3_ASSERT(!known.empty());
    Segment& segment = known.back();
    // The frame in the middle, which both halves have, is the segment's own in either.
    mix(segment.encoded.auxiliary, encoded.auxiliary, half_);
    mix(segment.encoded.group_notes, encoded.group_notes, half_);
    constexpr std::size_t kMargin = OnsetCandidates::kMargin;
    before_ = frames_of(segment.encoded.auxiliary, 2 * half_ - kMargin, kMargin);
    // What lies behind the segment is the middle of the one in between.
    segment.margins.after = frames_of(encoded.auxiliary, n_frames_ - half_, kMargin);
  }
  between_ = std::move(encoded);
}

}  // namespace yourmt3
