#include "torchnet/group_notes.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/gelu.h>

#include <vector>

namespace yourmt3 {

at::Tensor group_note_logits(const ParameterNode& node, const at::Tensor& features, const at::Tensor& encoded,
                             const at::Tensor& onsets) {
  const std::int64_t frames = features.size(1);
  const at::Tensor padded = at::constant_pad_nd(features, {0, 0, 0, 0, 0, AuxiliaryConfig::kGroupNoteDelays.back()}, 0);
  std::vector<at::Tensor> inputs;
  for (const int delay : AuxiliaryConfig::kGroupNoteDelays) inputs.push_back(padded.slice(1, delay, delay + frames));
  inputs.push_back(linear(node["hints"], encoded).unflatten(-1, {-1, AuxiliaryConfig::kGroupNoteHints}));
  const at::Tensor hidden =
      at::gelu(linear(node["hidden"], at::cat(inputs, -1)) + linear(node["frame"], encoded).unsqueeze(2));
  return widened(linear(node["output"], hidden)) + onsets.detach().unsqueeze(-1);
}

}  // namespace yourmt3
