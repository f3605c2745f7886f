#include "engine/pre_decoder.h"

#include <algorithm>
#include <utility>

#include "engine/feed_forward.h"

namespace yourmt3 {

using Type = PreDecoderConfig::Type;

PreDecoder::PreDecoder(const Arithmetic& arithmetic, const ModelConfig& config, const WeightReader& weights)
    : config_(config.pre_decoder),
      n_frames_(config.front_end.n_frames()),
      n_latents_(config.encoder.type == EncoderConfig::Type::kPerceiverTf ? config.encoder.n_latents : 1),
      width_(config.encoder.d_model),
      n_channels_(config.decoder.n_channels),
      d_model_(config.decoder.d_model) {
  const int flat = n_latents_ * width_;
  switch (config_.type) {
    case Type::kNone:
      break;
    case Type::kLinear:
      linears_.push_back(one_for_all(arithmetic, weights.get("projection_layer.weight", {d_model_, flat}), flat));
      break;
    case Type::kMultiChannelLinear:
      if (flat / n_channels_ != d_model_) {
        const int inputs = flat / n_channels_;
        linears_.push_back(one_for_all(arithmetic, weights.get("linear.weight", {d_model_, inputs}), inputs));
      }
      break;
    case Type::kGroupLinear: {
      const int outputs = d_model_ / n_latents_;
      const std::vector<float> all = weights.get("weight", {n_latents_, outputs, width_});
      const std::size_t each = static_cast<std::size_t>(outputs) * static_cast<std::size_t>(width_);
      for (int k = 0; k < n_latents_; ++k) {
        linears_.emplace_back(arithmetic, std::span(all).subspan(static_cast<std::size_t>(k) * each, each), outputs,
                              width_);
      }
      break;
    }
    case Type::kMlp: {
      const int hidden = flat / 2;
      const auto add = [&](const char* name, int outputs, int inputs) {
        const WeightReader layer = weights.below(name);
        linears_.emplace_back(arithmetic, layer.get("weight", {outputs, inputs}), outputs, inputs,
                              layer.get("bias", {outputs}));
      };
      add("layers.1.", hidden, flat);
      add("layers.4.", hidden, hidden);
      add("layers.7.", d_model_, hidden);
      norms_.emplace_back(weights.below("layers.2."), hidden, Norm::kLayerNorm, 1e-5f);
      norms_.emplace_back(weights.below("layers.5."), hidden, Norm::kLayerNorm, 1e-5f);
      break;
    }
  }
}

Linear PreDecoder::one_for_all(const Arithmetic& arithmetic, std::vector<float> weight, int inputs) {
  Linear linear(arithmetic, weight, d_model_, inputs);
  if (inputs <= d_model_) projection_ = std::move(weight);
  return linear;
}

void PreDecoder::run(const Compute& compute, const float* x, float* out) const {
  const int flat = n_latents_ * width_;
  if (linears_.empty()) {
    std::copy(x, x + static_cast<std::ptrdiff_t>(n_frames_) * flat, out);
    return;
  }
  switch (config_.type) {
    case Type::kNone:
      return;
    case Type::kLinear:
      return linears_[0].apply(compute, x, n_frames_, out);
    case Type::kMultiChannelLinear: {
      const int inputs = flat / n_channels_;
      for (int c = 0; c < n_channels_; ++c) {
        linears_[0].apply(compute, x + c * inputs, n_frames_, out + c * d_model_,
                          {.x_stride = flat, .y_stride = n_channels_ * d_model_});
      }
      return;
    }
    case Type::kGroupLinear:
      for (int k = 0; k < n_latents_; ++k) {
        const Linear& group = linears_[static_cast<std::size_t>(k)];
        group.apply(compute, x + k * width_, n_frames_, out + k * group.out(),
                    {.x_stride = flat, .y_stride = d_model_});
      }
      return;
    case Type::kMlp: {
      const std::size_t size = static_cast<std::size_t>(n_frames_) * static_cast<std::size_t>(flat / 2);
      std::vector<float> hidden(size), next(size);
      const ElementOp op = element_op(config_.activation);
      linears_[0].apply(compute, x, n_frames_, hidden.data());
      norms_[0].apply(compute, hidden.data(), n_frames_, hidden.data());
      compute.kernels.element_op(op, hidden.data(), size);
      linears_[1].apply(compute, hidden.data(), n_frames_, next.data());
      norms_[1].apply(compute, next.data(), n_frames_, next.data());
      compute.kernels.element_op(op, next.data(), size);
      return linears_[2].apply(compute, next.data(), n_frames_, out);
    }
  }
}

}  // namespace yourmt3
