#include "torchnet/group_notes.h"

#include <ATen/ops/constant_pad_nd.h>

#include "torchnet/fused.h"

namespace yourmt3 {

at::Tensor pitch_states(const ParameterNode& node, const at::Tensor& features, const at::Tensor& encoded) {
  const auto cast = [&](const at::Tensor& tensor) { return tensor.to(features.scalar_type()); };
  const at::Tensor hints = linear(node["hints"], encoded).unflatten(-1, {-1, AuxiliaryConfig::kGroupNoteHints});
  const ParameterNode& hidden = node["hidden"];
  at::Tensor states = fused_pitch_states({features, hints, linear(node["frame"], encoded)}, cast(hidden.weight()),
                                         cast(hidden.tensor("bias")));
  if (!node.has_child("context")) return states;
  const ParameterNode& context = node["context"];
  for (std::size_t i = 0; context.has_child(std::to_string(i)); ++i) {
    const ParameterNode& mix = context[i]["mix"];
    states = states +
             fused_pitch_context(linear(context[i]["reduce"], states), cast(mix.weight()), cast(mix.tensor("bias")));
  }
  return states;
}

at::Tensor group_note_logits(const ParameterNode& node, const at::Tensor& states, const at::Tensor& onsets) {
  return widened(linear(node["output"], states)) + onsets.detach().unsqueeze(-1);
}

at::Tensor refined_notes(const ParameterNode& node, const at::Tensor& states, const at::Tensor& notes) {
  const at::Tensor change = widened(linear(node["refine"], states)).transpose(2, 3).flatten(2);
  return notes + at::constant_pad_nd(change, {0, notes.size(2) - change.size(2)}, 0);
}

}  // namespace yourmt3
