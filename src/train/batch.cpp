#include "train/batch.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace yourmt3 {
namespace {

/// Rows of bytes as a float tensor (B, T, width); undefined when there are none.
at::Tensor stack_targets(std::span<const Example* const> examples, std::vector<std::uint8_t> Example::*member,
                         std::int64_t n_frames) {
  const std::size_t count = (examples.front()->*member).size();
  if (count == 0) return {};
  at::Tensor stacked = at::empty(
      {static_cast<std::int64_t>(examples.size()), n_frames, static_cast<std::int64_t>(count) / n_frames}, at::kFloat);
  float* out = stacked.data_ptr<float>();
  for (const Example* example : examples) {
    out = std::transform((example->*member).begin(), (example->*member).end(), out,
                         [](std::uint8_t value) { return static_cast<float>(value); });
  }
  return stacked;
}

}  // namespace

Batch stack(std::span<const Example* const> examples, int n_frames) {
  const auto n = static_cast<std::int64_t>(examples.size());
  const auto n_channels = static_cast<std::int64_t>(examples.front()->tokens.size());
  std::size_t longest = 1;
  for (const Example* example : examples) longest = std::max(longest, example->longest());
  const auto length = static_cast<std::int64_t>(longest);

  Batch batch;
  batch.features =
      at::empty({n, n_frames, static_cast<std::int64_t>(examples.front()->features.size()) / n_frames}, at::kFloat);
  batch.labels = at::zeros({n * n_channels, length}, at::kLong);
  batch.frames = at::full({n * n_channels, length}, -1, at::kLong);
  float* features = batch.features.data_ptr<float>();
  auto* labels = batch.labels.data_ptr<std::int64_t>();
  auto* frames = batch.frames.data_ptr<std::int64_t>();
  for (const Example* example : examples) {
    features = std::copy(example->features.begin(), example->features.end(), features);
    for (std::size_t c = 0; c < example->tokens.size(); ++c, labels += length, frames += length) {
      if (!example->annotated[c]) continue;
      std::copy(example->tokens[c].begin(), example->tokens[c].end(), labels);
      std::copy(example->frames[c].begin(), example->frames[c].end(), frames);
    }
  }
  batch.notes = stack_targets(examples, &Example::notes, n_frames);
  batch.groups = stack_targets(examples, &Example::groups, n_frames);
  batch.group_notes = stack_targets(examples, &Example::group_notes, n_frames);
  std::vector<std::int64_t> complete;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (examples[i]->complete()) complete.push_back(static_cast<std::int64_t>(i));
  }
  if (complete.size() < examples.size()) batch.complete = at::tensor(complete, at::kLong);
  return batch;
}

Batch Batch::to(at::Device device) const {
  if (device == features.device()) return *this;
  const auto moved = [&](const at::Tensor& tensor) { return tensor.defined() ? tensor.to(device) : tensor; };
  return {moved(features), moved(labels),      moved(frames),  moved(notes),
          moved(groups),   moved(group_notes), moved(complete)};
}

std::vector<std::vector<std::size_t>> plan_batches(std::span<const Example> examples, std::size_t batch_size,
                                                   std::uint64_t seed) {
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return examples[a].longest() < examples[b].longest(); });
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t begin = 0; begin < order.size(); begin += batch_size) {
    const std::size_t end = std::min(begin + batch_size, order.size());
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                         order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  // Fisher and Yates by hand: std::shuffle may differ from one library to the next.
  std::mt19937_64 random(seed);
  for (std::size_t i = batches.size(); i > 1; --i) std::swap(batches[i - 1], batches[random() % i]);
  return batches;
}

std::vector<std::vector<std::size_t>> deal(std::span<const std::size_t> members, int n_shards) {
  std::vector<std::vector<std::size_t>> shards(static_cast<std::size_t>(n_shards));
  for (std::size_t i = 0; i < members.size(); ++i) shards[i % shards.size()].push_back(members[i]);
  return shards;
}

}  // namespace yourmt3
