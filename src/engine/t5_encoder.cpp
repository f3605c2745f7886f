#include "engine/t5_encoder.h"

#include <fmt/format.h>

#include "core/fail.h"
#include "engine/make_each.h"
#include "engine/position.h"

namespace yourmt3 {

T5Encoder::T5Encoder(const Arithmetic& arithmetic, ThreadTeam& team, const EncoderConfig& config, int n_frames,
                     const WeightReader& weights)
    : shape_{config.d_model,      config.n_layers,  config.n_heads,
             config.d_kv,         config.d_ff,      config.relative_position_bias,
             config.feed_forward, config.n_experts, config.top_k},
      n_frames_(n_frames),
      positions_(read_positions(weights, shape_, config.n_positions)),
      final_norm_(weights.below("final_layer_norm."), config.d_model, Norm::kRmsNorm, kT5NormEps) {
  if (!config.relative_position_bias && n_frames > config.n_positions) {
    fail(ErrorCode::kInvalidArgument, "encoder.n_positions is {}, fewer than the {} frames of a segment",
         config.n_positions, n_frames);
  }
  if (config.relative_position_bias) {
    bias_ = relative_position_bias(read_relative_bias(weights, shape_), config.n_heads, n_frames, true);
  }
  blocks_ = make_each(team, config.n_layers, [&](int i) {
    const WeightReader block = weights.below(fmt::format("block.{}.layer.", i));
    return Block{T5SelfAttention(arithmetic, block.below("0."), shape_),
                 T5FeedForward(arithmetic, block.below("1."), shape_)};
  });
}

void T5Encoder::run(const Compute& compute, const float* x, float* out, const Observer& observer,
                    const RouterObserver& routers, int segment) const {
  const int rows = n_frames_, inner = shape_.inner();
  const std::size_t size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(shape_.d_model);
  FloatBuffer stream(x, x + size), normed(size);
  FloatBuffer qkv(static_cast<std::size_t>(rows * 3 * inner)), mixed(static_cast<std::size_t>(rows * inner));
  FloatBuffer scratch;
  FeedForward::Workspace workspace;
  workspace.observer = routers;
  workspace.segment = segment;
  if (!positions_.empty()) compute.kernels.add_scaled(1.f, positions_.data(), stream.data(), size);

  HeadShape heads;
  heads.heads = shape_.n_heads;
  heads.d_qk = heads.d_v = shape_.d_kv;
  heads.bias = bias_.empty() ? nullptr : bias_.data();
  const SequenceRows sequence{rows, 0, 1};
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    block.attention.norm.apply(compute, stream.data(), rows, normed.data());
    block.attention.qkv.apply(compute, normed.data(), rows, qkv.data());
    attend(compute, heads, 1, sequence, sequence, {qkv.data(), 3 * inner}, {qkv.data() + inner, 3 * inner},
           {qkv.data() + 2 * inner, 3 * inner}, mixed.data(), scratch);
    block.attention.out.apply(compute, mixed.data(), rows, stream.data(), {.residual = stream.data()});
    if (routers) workspace.layer = fmt::format("encoder.encoder.block.{}.layer.1", i);
    block.feed_forward.add(compute, stream.data(), rows, normed.data(), workspace);
    if (observer) observer(fmt::format("block{}", i), stream);
  }
  final_norm_.apply(compute, stream.data(), rows, out);
}

}  // namespace yourmt3
