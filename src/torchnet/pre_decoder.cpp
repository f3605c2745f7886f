#include "torchnet/pre_decoder.h"

#include <ATen/ops/einsum.h>

namespace yourmt3 {
namespace {

constexpr double kEps = 1e-5;

at::Tensor mlp(const ParameterNode& layers, Activation activation, const at::Tensor& x, const Pass& pass) {
  at::Tensor h = x;
  for (const int i : {1, 4}) {
    h = linear(layers[static_cast<std::size_t>(i)], h);
    h = activate(activation, layer_norm(layers[static_cast<std::size_t>(i + 1)], widened(h), kEps, pass.compute));
  }
  return linear(layers[7], h);
}

}  // namespace

at::Tensor pre_decoder(const ParameterNode& root, const ModelConfig& config, const at::Tensor& encoded,
                       const Pass& pass) {
  const at::Tensor x = encoded.to(pass.compute);
  switch (config.pre_decoder.type) {
    case PreDecoderConfig::Type::kNone:
      break;
    case PreDecoderConfig::Type::kLinear:
      return linear(root["pre_decoder"][0]["projection_layer"], x.flatten(2)).unsqueeze(1);
    case PreDecoderConfig::Type::kMultiChannelLinear: {
      // Channel c takes the latents of its own, side by side.
      const at::Tensor channels = x.unflatten(2, {config.decoder.n_channels, -1}).flatten(3).transpose(1, 2);
      return config.pre_decoder_is_identity() ? channels : linear(root["pre_decoder"][0]["linear"], channels);
    }
    case PreDecoderConfig::Type::kGroupLinear: {
      const at::Tensor weight = root["pre_decoder"][0].tensor("weight").to(pass.compute);
      return at::einsum("btki,koi->btko", {x, weight}).flatten(2).unsqueeze(1);
    }
    case PreDecoderConfig::Type::kMlp:
      return mlp(root["pre_decoder"][0]["layers"], config.pre_decoder.activation, x.flatten(2), pass).unsqueeze(1);
  }
  return x.unsqueeze(1);
}

}  // namespace yourmt3
