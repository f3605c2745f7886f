// Gradients of whole networks, every kind of block among them, against finite differences in float64; and the fast
// float32 kernels, the portable ones and float64 against each other.

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <functional>

#include "small_networks.h"
#include "support/torch_tensors.h"
#include "torchnet/fused.h"
#include "torchnet/initialise.h"

namespace yourmt3 {
namespace {

using testing::small_harmonic;
using testing::small_published;

struct Case {
  std::string name;
  ModelConfig config;
  bool decodes = false;  ///< Whether the decoder takes part.
};

std::vector<Case> cases() {
  std::vector<Case> result;
  const auto add = [&](const std::string& name, ModelConfig config, bool decodes,
                       const std::function<void(ModelConfig&)>& change) {
    change(config);
    result.push_back({name, config, decodes});
  };
  const auto perceiver = [&](const std::string& name, const std::function<void(ModelConfig&)>& change) {
    add(name, small_published("yptf-single-nops"), false, change);
  };
  using FeedForward = EncoderConfig::FeedForward;
  add("harmonic", small_harmonic(), true, [](ModelConfig& c) { c.auxiliary.group_notes = 6; });
  add("harmonic_refined", small_harmonic(), false, [](ModelConfig& c) {
    c.auxiliary.group_notes = 6;
    c.auxiliary.refine_notes = true;
  });
  add("harmonic_context", small_harmonic(), false, [](ModelConfig& c) {
    c.auxiliary.group_notes = 6;
    c.auxiliary.refine_notes = true;
    c.auxiliary.context_layers = 2;
  });
  add("harmonic_timbre", small_harmonic(), false, [](ModelConfig& c) {
    c.auxiliary.group_notes = 6;
    c.auxiliary.timbre_width = 5;
  });
  add("harmonic_drums", small_harmonic(), false, [](ModelConfig& c) {
    c.auxiliary.drum_width = 6;
    c.auxiliary.drum_layers = 2;
  });
  add("t5_sinusoids", small_published("ymt3plus"), true, [](ModelConfig&) {});
  add("t5_relative_bias", small_published("ymt3plus"), true,
      [](ModelConfig& c) { c.encoder.relative_position_bias = c.decoder.relative_position_bias = true; });
  add("t5_experts", small_published("ymt3plus"), true, [](ModelConfig& c) {
    c.encoder.feed_forward = c.decoder.feed_forward = FeedForward::kMoe;
    c.encoder.n_experts = c.decoder.n_experts = 3;
  });
  add("perceiver_several_channels", small_published("yptf-multi-ps"), true, [](ModelConfig&) {});
  add("perceiver_experts", small_published("yptf-moe-multi-nops"), false,
      [](ModelConfig& c) { c.encoder.n_experts = 3; });
  add("perceiver_rope_of_all_channels_and_keys", small_published("yptf-moe-multi-ps"), false, [](ModelConfig& c) {
    c.encoder.feed_forward = FeedForward::kMlp;
    c.encoder.qk_channels = 64;
    c.encoder.rope_partial = false;
    c.encoder.rope_apply_to_keys = true;
    c.encoder.rope_sca = RopeKind::kLang;
    c.encoder.rope_temporal = RopeKind::kPixel;
  });
  perceiver("perceiver_tkd_silu", [](ModelConfig& c) { c.encoder.activation = Activation::kSilu; });
  perceiver("perceiver_td_rms_norm_gated", [](ModelConfig& c) {
    c.encoder.position = LatentPosition::kTrainableTd;
    c.encoder.norm = Norm::kRmsNorm;
    c.encoder.feed_forward = FeedForward::kGatedMlp;
  });
  perceiver("perceiver_tk_gelu_new", [](ModelConfig& c) {
    c.encoder.position = LatentPosition::kTrainableTk;
    c.encoder.activation = Activation::kGeluNew;
  });
  perceiver("perceiver_kdt_tanh", [](ModelConfig& c) {
    c.encoder.position = LatentPosition::kTrainableKdt;
    c.encoder.activation = Activation::kTanh;
  });
  perceiver("perceiver_alibi", [](ModelConfig& c) { c.encoder.position = LatentPosition::kAlibi; });
  perceiver("perceiver_trained_alibi_mlp_pre_decoder", [](ModelConfig& c) {
    c.encoder.position = LatentPosition::kAlibiTrained;
    c.pre_decoder.type = PreDecoderConfig::Type::kMlp;
  });
  perceiver("perceiver_bins_as_keys_group_linear_pre_decoder", [](ModelConfig& c) {
    c.encoder.position = LatentPosition::kNone;
    c.encoder.n_latents = 4;
    c.encoder.attention_to_channel = false;
    c.encoder.kv_dim = c.pre_encoder.channels;
    c.pre_decoder.type = PreDecoderConfig::Type::kGroupLinear;
  });
  return result;
}

/// All outputs, each multiplied by random numbers of its own, so that no symmetry hides a gradient.
at::Tensor objective(const Network& network, const at::Tensor& spectrogram, bool decodes, const Pass& given) {
  PassRecord record;
  Pass pass = given;
  pass.record = &record;
  const EncoderOutput encoded = network.encode(spectrogram, pass);
  std::vector<at::Tensor> outputs = {encoded.memory, encoded.notes, encoded.groups,
                                     encoded.local,  at::Tensor(),  record.balance_loss()};
  if (encoded.group_notes.defined()) {
    // Differences would see the onset logits, which are added without a gradient.
    const std::int64_t n_pitches = encoded.group_notes.size(2);
    outputs.push_back(encoded.group_notes - encoded.notes.slice(2, 0, n_pitches).detach().unsqueeze(-1));
  }
  if (decodes) {
    const at::Tensor memory = encoded.memory.flatten(0, 1);
    const at::Tensor labels = testing::random_ids({memory.size(0), 6}, network.config().decoder.vocab_size, 2);
    const DecoderOutput decoded = network.decode(shift_right(labels), memory, pass, true);
    outputs.push_back(network.training_logits(decoded.hidden));
    for (const at::Tensor& attention : decoded.first_head_attention) outputs.push_back(attention);
  }
  at::Tensor sum;
  std::uint64_t seed = 50;
  for (const at::Tensor& output : outputs) {
    if (!output.defined()) continue;
    const at::Tensor factors = testing::random(output.sizes(), ++seed).to(output.scalar_type()) - 0.3;
    const at::Tensor part = (output * factors).sum() / std::sqrt(static_cast<double>(output.numel()));
    sum = sum.defined() ? sum + part : part;
  }
  return sum;
}

/// Gradients by name; without those that are not defined.
std::map<std::string, at::Tensor> gradients_of(const Network& network, const at::Tensor& loss) {
  std::vector<at::Tensor> parameters;
  const auto named = testing::trained_parameters(network);
  for (const auto& [name, parameter] : named) parameters.push_back(parameter);
  const auto gradients = torch::autograd::grad({loss}, parameters, {}, {}, false, true);
  std::map<std::string, at::Tensor> result;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (gradients[i].defined()) result[named[i].first] = gradients[i];
  }
  return result;
}

class Gradients : public ::testing::TestWithParam<Case> {
 protected:
  Gradients() : network_(GetParam().config), input_(testing::random_spectrogram(GetParam().config, 2, 1)) {
    initialise(network_, 7);
    // What begins at zero hides the gradients of all before it.
    const at::NoGradGuard no_grad;
    for (const auto& [name, parameter] : testing::trained_parameters(network_)) {
      if (name.find(".mix.") == std::string::npos && name.find(".refine.") == std::string::npos) continue;
      parameter.copy_(testing::random(parameter.sizes(), 9) - 0.5);
    }
  }

  Network network_;
  at::Tensor input_;
};

TEST_P(Gradients, AreThoseOfFiniteDifferences) {
  network_.to(at::kDouble);
  const at::Tensor input = input_.to(at::kDouble);
  const auto loss = [&] { return objective(network_, input, GetParam().decodes, {at::kDouble, true}); };
  const auto gradients = gradients_of(network_, loss());
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-5;
  int n_checked = 0;
  for (const auto& [name, parameter] : testing::trained_parameters(network_)) {
    const auto found = gradients.find(name);
    if (found == gradients.end()) continue;
    at::Tensor flat = parameter.view({-1});
    for (const std::int64_t i : {flat.numel() / 3, flat.numel() - 1}) {
      const double kept = flat[i].item<double>();
      flat[i] = kept + kStep;
      const double above = loss().item<double>();
      flat[i] = kept - kStep;
      const double below = loss().item<double>();
      flat[i] = kept;
      const double expected = (above - below) / (2 * kStep);
      // The third derivative times 1e-10, rounding of 1e-15 / 1e-5, and a ReLU or two that the step carries over zero.
      EXPECT_NEAR(found->second.reshape({-1})[i].item<double>(), expected, 1e-4 * std::abs(expected) + 1e-6)
          << name << " [" << i << "]";
      ++n_checked;
    }
  }
  EXPECT_GT(n_checked, 20);
}

TEST_P(Gradients, OfFastAndPortableKernelsAreThoseOfFloat64) {
  const auto fast = gradients_of(network_, objective(network_, input_, GetParam().decodes, {at::kFloat, true}));
  std::map<std::string, at::Tensor> portable;
  {
    const PlainOperations plain;
    portable = gradients_of(network_, objective(network_, input_, GetParam().decodes, {at::kFloat, true}));
  }
  network_.to(at::kDouble);
  const auto exact =
      gradients_of(network_, objective(network_, input_.to(at::kDouble), GetParam().decodes, {at::kDouble, true}));
  ASSERT_FALSE(exact.empty());
  for (const auto& [name, expected] : exact) {
    // Some thousand products in float32, one layer behind the other: 6e-8 times a few hundred.
    const double bound = 5e-5 * (1 + testing::largest(expected));
    testing::expect_near(fast.at(name), expected, bound, name + ", fast");
    testing::expect_near(portable.at(name), expected, bound, name + ", portable");
  }
}

INSTANTIATE_TEST_SUITE_P(All, Gradients, ::testing::ValuesIn(cases()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace yourmt3
