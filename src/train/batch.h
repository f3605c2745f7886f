#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "train/example.h"

namespace yourmt3 {

/// Segments side by side. Sequences are padded with 0 to the longest one.
struct Batch {
  at::Tensor features;     ///< (B, T, F).
  at::Tensor labels;       ///< (B * C, N) int64; all 0 where a channel is not annotated.
  at::Tensor frames;       ///< (B * C, N) int64: frame of each label, -1 for none.
  at::Tensor notes;        ///< (B, T, 2 P + drums) of 0 and 1; undefined without the head.
  at::Tensor groups;       ///< (B, T, groups); undefined without the head.
  at::Tensor group_notes;  ///< (B, T, P * pitched groups); undefined without the head.
  at::Tensor complete;     ///< Indices of the segments whose notes are all known; undefined where all are.

  std::int64_t n_segments() const { return features.size(0); }
  std::int64_t n_complete() const { return complete.defined() ? complete.size(0) : n_segments(); }
  Batch to(at::Device device) const;
};

/// Stacks examples of one configuration. `n_frames` is T.
Batch stack(std::span<const Example* const> examples, int n_frames);

/// Which examples of a group make up each batch: sorted by length, cut into batches of `batch_size`, and the batches
/// shuffled by a generator seeded with `seed`.
std::vector<std::vector<std::size_t>> plan_batches(std::span<const Example> examples, std::size_t batch_size,
                                                   std::uint64_t seed);

/// Deals the members of a batch out to `n_shards`, as evenly in number and length as they go; no shard is empty as long
/// as there are members enough.
std::vector<std::vector<std::size_t>> deal(std::span<const std::size_t> members, int n_shards);

}  // namespace yourmt3
