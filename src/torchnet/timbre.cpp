#include "torchnet/timbre.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <limits>
#include <vector>

namespace yourmt3 {
namespace {

/// Bins from a pitch to what is seen of it.
std::vector<std::int64_t> bins_seen(int bins_per_semitone) {
  std::vector<std::int64_t> bins;
  for (int harmonic = 1; harmonic <= AuxiliaryConfig::kTimbreHarmonics; ++harmonic) {
    const auto offset = static_cast<int>(std::lround(12.0 * bins_per_semitone * std::log2(harmonic)));
    for (int beside = -AuxiliaryConfig::kTimbreBinRadius; beside <= AuxiliaryConfig::kTimbreBinRadius; ++beside) {
      bins.push_back(offset + beside);
    }
  }
  return bins;
}

/// Rows b T P + t P + p, ascending, of all places where a note may begin.
at::Tensor places_of(const at::Tensor& onsets) {
  const double nothing = -std::numeric_limits<float>::infinity();
  const at::Tensor padded = at::constant_pad_nd(onsets, {0, 0, 1, 1}, nothing);
  const std::int64_t frames = onsets.size(1);
  const at::Tensor nearby = at::maximum(at::maximum(padded.narrow(1, 0, frames), padded.narrow(1, 2, frames)), onsets);
  return (nearby > AuxiliaryConfig::kTimbreLeastOnset).flatten().nonzero().squeeze(1);
}

}  // namespace

at::Tensor with_timbre(const ParameterNode& node, const ModelConfig& config, const TimbreInputs& inputs,
                       const at::Tensor& group_notes) {
  const std::int64_t n_frames = group_notes.size(1), n_pitches = group_notes.size(2);
  const at::Tensor places = places_of(inputs.onsets.detach());
  if (places.numel() == 0) return group_notes;
  const at::Tensor pitch = places.remainder(n_pitches), row = places.div(n_pitches, "floor");
  const at::Tensor segment = row.div(n_frames, "floor"), frame = row.remainder(n_frames);

  // Silence on all sides, so that nothing that is seen lies outside.
  constexpr auto& kFrames = AuxiliaryConfig::kTimbreFrames;
  const std::vector<std::int64_t> bins = bins_seen(config.front_end.bins_per_semitone);
  const std::int64_t before = -kFrames.front(), after = kFrames.back(), below = -bins.front();
  const std::int64_t above = bins.back() + n_pitches * config.front_end.bins_per_semitone;
  const at::Tensor padded =
      at::constant_pad_nd(inputs.scaled.detach(), {below, above, before, after}, inputs.silence).contiguous();
  const auto on_device = [&](const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::kLong).to(places.device());
  };
  const std::vector<std::int64_t> frames(kFrames.begin(), kFrames.end());
  const at::Tensor patch = (on_device(frames).unsqueeze(1) * padded.size(2) + on_device(bins)).flatten();
  const at::Tensor origin = ((segment * padded.size(1) + frame + before) * padded.size(2)) +
                            pitch * config.front_end.bins_per_semitone + below;
  const at::Tensor seen = padded.flatten().index_select(0, (origin.unsqueeze(1) + patch).flatten());
  const auto cast = [&](const at::Tensor& x) { return x.to(inputs.encoded.scalar_type()); };

  const at::Tensor states = inputs.states.flatten(0, 2).index_select(0, places);
  const at::Tensor encoded = inputs.encoded.flatten(0, 1).index_select(0, row);
  at::Tensor hidden = linear(node["spectrum"], cast(seen).view({places.size(0), patch.size(0)})) +
                      linear(node["states"], cast(states)) + linear(node["frame"], encoded) +
                      cast(node["pitch"].tensor("weight").index_select(0, pitch));
  hidden = at::gelu(hidden);
  hidden = hidden + at::gelu(linear(node["hidden"], hidden));
  const at::Tensor change = widened(linear(node["output"], hidden));
  return group_notes.flatten(0, 2).index_add(0, places, change).view_as(group_notes);
}

}  // namespace yourmt3
