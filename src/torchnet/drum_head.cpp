#include "torchnet/drum_head.h"

#include <ATen/ops/constant_pad_nd.h>

#include <string>

#include "torchnet/fused.h"

namespace yourmt3 {

at::Tensor refined_drums(const ParameterNode& node, const at::Tensor& scaled, const at::Tensor& encoded,
                         const at::Tensor& notes) {
  const auto cast = [&](const at::Tensor& tensor) { return tensor.to(encoded.scalar_type()); };
  const ParameterNode& hidden = node["hidden"];
  at::Tensor states = fused_drum_states(linear(node["bands"], cast(scaled)), linear(node["frame"], encoded),
                                        cast(hidden.weight()), cast(hidden.tensor("bias")));
  for (std::size_t i = 0; node.has_child("context") && node["context"].has_child(std::to_string(i)); ++i) {
    const ParameterNode &layer = node["context"][i], &mix = layer["mix"];
    states = states + fused_drum_context(linear(layer["reduce"], states), cast(mix.weight()), cast(mix.tensor("bias")));
  }
  const at::Tensor change = widened(linear(node["output"], states));
  return notes + at::constant_pad_nd(change, {notes.size(2) - change.size(2), 0}, 0);
}

}  // namespace yourmt3
