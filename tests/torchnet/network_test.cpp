#include "torchnet/network.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <set>

#include "support/torch_tensors.h"
#include "torchnet/initialise.h"
#include "torchnet/network_weights.h"
#include "train/losses.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

/// A small network with the harmonic front end and all auxiliary heads.
ModelConfig small_harmonic() {
  ModelConfig config;
  config.task = "onset_v1";
  config.front_end.codec = FrontEndConfig::Codec::kLogFrequency;
  config.front_end.hop_length = 320;
  config.front_end.segment_samples = 6399;  // 20 frames: finite differences take hundreds of passes.
  config.pre_encoder.type = PreEncoderConfig::Type::kHarmonic;
  config.pre_encoder.hidden = 5;
  config.pre_encoder.width = 3;
  config.encoder.type = EncoderConfig::Type::kT5;
  config.encoder.feed_forward = EncoderConfig::FeedForward::kGatedMlp;
  config.encoder.d_model = config.decoder.d_model = 16;
  config.encoder.n_layers = config.decoder.n_layers = 1;
  config.encoder.n_heads = config.decoder.n_heads = 2;
  config.encoder.d_kv = config.decoder.d_kv = 8;
  config.encoder.d_ff = config.decoder.d_ff = 12;
  config.encoder.n_positions = 128;
  config.encoder.dropout = config.decoder.dropout = 0;
  config.pre_decoder.type = PreDecoderConfig::Type::kNone;
  config.decoder.vocab_size = 598;
  config.decoder.max_length = 40;
  config.decoder.n_positions = 50;
  config.decoder.logit_scale = 1;
  config.auxiliary.notes = true;
  config.auxiliary.n_groups = 13;
  return config;
}

/// A published variant, small enough for finite differences.
ModelConfig small_published(const std::string& variant) {
  ModelConfig config = published_config(variant);
  config.front_end.segment_samples = 4095;
  config.front_end.n_fft = 64;
  config.front_end.hop_length = 512;
  config.front_end.n_mels = 16;
  config.decoder.d_model = 16;
  config.decoder.n_layers = 1;
  config.decoder.n_heads = 2;
  config.decoder.d_kv = 4;
  config.decoder.d_ff = 12;
  config.decoder.vocab_size = 40;
  config.decoder.dropout = config.encoder.dropout = 0;
  if (config.encoder.type == EncoderConfig::Type::kT5) {
    config.encoder.d_model = 16;
    config.encoder.n_layers = 1;
    config.encoder.n_heads = 2;
    config.encoder.d_kv = 4;
    config.encoder.d_ff = 12;
  } else {
    config.pre_encoder.channels = 4;
    config.pre_encoder.n_blocks = 2;
    config.encoder.d_model = config.encoder.kv_dim = 8;
    config.encoder.qk_channels = config.encoder.v_channels = 32;
    config.encoder.n_blocks = 1;
    config.encoder.n_local_layers = config.encoder.n_temporal_layers = 1;
  }
  return config;
}

at::Tensor random(at::IntArrayRef shape, std::uint64_t seed) {
  return at::rand(shape, at::detail::createCPUGenerator(seed), at::kFloat);
}

at::Tensor random_ids(at::IntArrayRef shape, std::int64_t high, std::uint64_t seed) {
  return at::randint(1, high, shape, at::detail::createCPUGenerator(seed), at::kLong);
}

at::Tensor loss_of(const Network& network, const at::Tensor& spectrogram, const at::Tensor& labels) {
  const Pass pass;
  const EncoderOutput encoded = network.encode(spectrogram, pass);
  const DecoderOutput decoded = network.decode(shift_right(labels), encoded.memory.flatten(0, 1), pass, true);
  at::Tensor loss = token_cross_entropy(network.training_logits(decoded.hidden), labels);
  for (const at::Tensor& head : {encoded.notes, encoded.groups, encoded.local}) {
    if (head.defined()) loss = loss + head.square().mean();
  }
  const at::Tensor frames = at::ones_like(labels);
  return loss + guided_attention_sum(decoded.first_head_attention, frames, 1) / static_cast<double>(labels.numel());
}

void check_gradients(const ModelConfig& config) {
  Network network(config);
  initialise(network, 7);
  const at::Tensor spectrogram = random({2, config.front_end.n_frames(), config.front_end.n_bins()}, 1);
  const at::Tensor labels = random_ids({2 * config.decoder.n_channels, 6}, config.decoder.vocab_size, 2);
  // In float64 and with plain operations, so that the differences mean something.
  network.to(at::kDouble);
  const at::Tensor input = spectrogram.to(at::kDouble);
  Pass pass;
  std::vector<at::Tensor> parameters;
  std::vector<std::string> names;
  for (const auto& entry : network.named_parameters()) {
    if (!entry.value().requires_grad()) continue;
    parameters.push_back(entry.value());
    names.push_back(entry.key());
  }
  const auto loss = [&] {
    pass.compute = at::kDouble;
    const EncoderOutput encoded = network.encode(input, pass);
    const DecoderOutput decoded = network.decode(shift_right(labels), encoded.memory.flatten(0, 1), pass);
    at::Tensor sum = decoded.hidden.square().mean() + decoded.hidden.sum() * 0.01;
    for (const at::Tensor& head : {encoded.notes, encoded.groups, encoded.local}) {
      if (head.defined()) sum = sum + head.to(at::kDouble).square().mean();
    }
    return sum;
  };
  const std::vector<at::Tensor> gradients = torch::autograd::grad({loss()}, parameters, {}, c10::nullopt, false, true);
  const at::NoGradGuard no_grad;
  // The heads end in float32, whose steps of 6e-8 a difference of 2e-4 turns into 3e-4.
  constexpr double kStep = 1e-4;
  int n_checked = 0;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    if (!gradients[p].defined()) continue;
    at::Tensor flat = parameters[p].view({-1});
    for (const std::int64_t i : {std::int64_t{0}, flat.numel() / 2, flat.numel() - 1}) {
      const double kept = flat[i].item<double>();
      flat[i] = kept + kStep;
      const double above = loss().item<double>();
      flat[i] = kept - kStep;
      const double below = loss().item<double>();
      flat[i] = kept;
      const double expected = (above - below) / (2 * kStep);
      EXPECT_NEAR(gradients[p].view({-1})[i].item<double>(), expected, 2e-3 * std::abs(expected) + 6e-4)
          << names[p] << " [" << i << "]";
      ++n_checked;
    }
  }
  EXPECT_GT(n_checked, 30);
}

TEST(Network, HasExactlyTheTensorsOfItsConfiguration) {
  for (const ModelConfig& config :
       {small_harmonic(), published_config("ymt3plus"), published_config("yptf-single-nops"),
        published_config("yptf-multi-ps"), published_config("yptf-moe-multi-nops")}) {
    const Network network(config);
    std::map<std::string, std::vector<std::int64_t>> found, expected;
    for (const auto& entry : network.named_parameters()) found[entry.key()] = entry.value().sizes().vec();
    for (const auto& entry : network.named_buffers()) found[entry.key()] = entry.value().sizes().vec();
    for (const TensorSpec& spec : expected_tensors(config)) {
      if (spec.alias_of.empty() && !spec.name.starts_with("spectrogram.")) expected[spec.name] = spec.shape;
    }
    EXPECT_EQ(found, expected) << config.variant;
  }
}

TEST(Network, CountsAsManyTrainedParametersAsThePublishedModels) {
  const std::map<std::string, std::int64_t> counts = {{"ymt3plus", 44672000},
                                                      {"yptf-single-nops", 29868416},
                                                      {"yptf-multi-ps", 28457600},
                                                      {"yptf-moe-multi-nops", 46548608}};
  for (const auto& [variant, expected] : counts) {
    std::int64_t count = 0;
    for (const at::Tensor& parameter : Network(published_config(variant)).parameters()) {
      if (parameter.requires_grad()) count += parameter.numel();
    }
    EXPECT_EQ(count, expected) << variant;
  }
}

TEST(Network, GradientsOfTheHarmonicNetworkAreThoseOfFiniteDifferences) {
  check_gradients(small_harmonic());
}

TEST(Network, GradientsOfThePublishedNetworksAreThoseOfFiniteDifferences) {
  for (const char* variant : {"ymt3plus", "yptf-single-nops"}) {
    SCOPED_TRACE(variant);
    check_gradients(small_published(variant));
  }
}

TEST(Network, EveryTrainedTensorOfEveryPublishedNetworkGetsAGradient) {
  for (const std::string& variant : published_variants()) {
    const ModelConfig config = small_published(variant);
    Network network(config);
    initialise(network, 7);
    std::vector<at::Tensor> parameters;
    std::vector<std::string> names;
    for (const auto& entry : network.named_parameters()) {
      if (!entry.value().requires_grad()) continue;
      parameters.push_back(entry.value());
      names.push_back(entry.key());
    }
    const at::Tensor spectrogram = random({2, config.front_end.n_frames(), config.front_end.n_bins()}, 1);
    const at::Tensor labels = random_ids({2 * config.decoder.n_channels, 6}, config.decoder.vocab_size, 2);
    const auto gradients =
        torch::autograd::grad({loss_of(network, spectrogram, labels)}, parameters, {}, c10::nullopt, false, true);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      // An expert that no position chose has none.
      if (names[i].find(".experts.") != std::string::npos) continue;
      ASSERT_TRUE(gradients[i].defined()) << variant << " " << names[i];
      EXPECT_TRUE(std::isfinite(gradients[i].sum().item<double>())) << variant << " " << names[i];
    }
  }
}

TEST(Network, BFloat16StaysNearFloat32) {
  const ModelConfig config = small_harmonic();
  Network network(config);
  initialise(network, 7);
  const at::NoGradGuard no_grad;
  const at::Tensor spectrogram = random({1, config.front_end.n_frames(), config.front_end.n_bins()}, 1);
  const at::Tensor exact = network.encode(spectrogram, {at::kFloat, false}).notes;
  const at::Tensor rounded = network.encode(spectrogram, {at::kBFloat16, false}).notes;
  // Eight bits of mantissa, a dozen roundings one after the other.
  testing::expect_near(rounded, exact, 12 * 4e-3 * testing::largest(exact), "notes");
}

TEST(HarmonicFrontEnd, ReadsTheBinsAtTheHarmonicsOfEachPitch) {
  const ModelConfig config = small_harmonic();
  Network network(config);
  initialise(network, 3);
  const at::NoGradGuard no_grad;
  const at::Tensor spectrogram = random({1, config.front_end.n_frames(), config.front_end.n_bins()}, 1);
  const at::Tensor features =
      HarmonicFrontEnd(config).pitch_features(network["pre_encoder"], spectrogram, {at::kDouble, false});
  const ParameterNode& node = network["pre_encoder"]["harmonic"];
  const auto gelu = [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); };
  for (const auto& [t, p] : {std::pair{0, 0}, {1, 40}, {10, 60}, {19, 87}}) {
    std::vector<double> x;
    for (const float h : config.pre_encoder.harmonics) {
      for (int b = -1; b <= 1; ++b) {
        for (int e = -2; e <= 2; ++e) {
          const int bin = 3 * p + static_cast<int>(std::lround(36 * std::log2(static_cast<double>(h)))) + b;
          const bool inside =
              bin >= 0 && bin < config.front_end.n_bins() && t + e >= 0 && t + e < config.front_end.n_frames();
          x.push_back(inside ? spectrogram[0][t + e][bin].item<double>() : 0);
        }
      }
    }
    std::vector<double> hidden;
    for (int i = 0; i < config.pre_encoder.hidden; ++i) {
      double sum = node["hidden"].tensor("bias")[i].item<double>();
      for (std::size_t k = 0; k < x.size(); ++k) {
        sum += x[k] * node["hidden"].tensor("weight")[i][static_cast<std::int64_t>(k)].item<double>();
      }
      hidden.push_back(gelu(sum));
    }
    for (int i = 0; i < config.pre_encoder.width; ++i) {
      double sum = node["output"].tensor("bias")[i].item<double>();
      for (std::size_t k = 0; k < hidden.size(); ++k) {
        sum += hidden[k] * node["output"].tensor("weight")[i][static_cast<std::int64_t>(k)].item<double>();
      }
      EXPECT_NEAR(features[0][t][p][i].item<double>(), gelu(sum), 1e-9) << t << " " << p << " " << i;
    }
  }
}

TEST(Initialise, EqualSeedsGiveEqualWeightsAndOthersDiffer) {
  Network a(small_harmonic()), b(small_harmonic()), c(small_harmonic());
  initialise(a, 1);
  initialise(b, 1);
  initialise(c, 2);
  const at::Tensor& weight = a["lm_head"]["lm_head"].tensor("weight");
  EXPECT_TRUE(weight.equal(b["lm_head"]["lm_head"].tensor("weight")));
  EXPECT_FALSE(weight.equal(c["lm_head"]["lm_head"].tensor("weight")));
}

TEST(Initialise, SpreadsAreThoseOfTheReference) {
  Network network(published_config("yptf-multi-ps"));
  initialise(network, 1);
  const auto deviation = [&](const at::Tensor& tensor) { return tensor.std().item<double>(); };
  const ParameterNode& layer = network["decoder"]["decoder"]["block"][0]["layer"];
  // Of some 200 000 draws the deviation is known to a fifth of a per cent; 1 % leaves five times that.
  EXPECT_NEAR(deviation(network["embed_tokens"].tensor("weight")), 1, 0.01);
  EXPECT_NEAR(deviation(network["lm_head"]["lm_head"].tensor("weight")) * std::sqrt(512.0 * 3), 1, 0.01);
  EXPECT_NEAR(deviation(layer[0]["SelfAttention"]["q"].tensor("weight")) * std::sqrt(512.0 * 64), 1, 0.01);
  EXPECT_NEAR(deviation(layer[0]["SelfAttention"]["k"].tensor("weight")) * std::sqrt(512.0), 1, 0.01);
  EXPECT_NEAR(deviation(layer[0]["SelfAttention"]["o"].tensor("weight")) * std::sqrt(384.0), 1, 0.01);
  EXPECT_NEAR(deviation(layer[2]["DenseReluDense"]["wo"].tensor("weight")) * std::sqrt(1024.0), 1, 0.01);
  EXPECT_NEAR(deviation(network["encoder"]["pos_emb"].tensor("_pos_emb")), 0.02, 0.0002);
  const at::Tensor& convolution = network["pre_encoder"][0]["blocks"][1]["conv1"].tensor("weight");
  EXPECT_NEAR(testing::largest(convolution), std::sqrt(6.0 / (256 * 9)), 1e-5);
  EXPECT_EQ(network["pre_encoder"][0]["blocks"][0]["bn1"].tensor("running_var").min().item<float>(), 1);
}

TEST(Initialise, TimeEmbeddingsAreTheCodesOfTheirFrames) {
  Network network(small_harmonic());
  initialise(network, 1);
  initialise_time_embeddings(network, 5, 100, 0.01);
  // A frame lasts 20 ms: step 2 s stands where frame s does.
  const at::Tensor& table = network["encoder"]["encoder"]["additive_pe"].tensor("weight");
  testing::expect_near(network["embed_tokens"].tensor("weight")[5 + 2 * 30], table[30], 1e-6, "frame 30");
}

TEST(Initialise, TimeEmbeddingsNeedEqualWidths) {
  ModelConfig config = small_published("yptf-single-nops");
  Network network(config);
  EXPECT_THROW(initialise_time_embeddings(network, 3, 10, 0.01), Error);
}

TEST(NetworkWeights, WhatIsWrittenReadsBackAndRoundsOnlyAsAsked) {
  Network network(small_harmonic()), other(small_harmonic());
  initialise(network, 1);
  const TensorBytes bytes = weights_of(network, DType::kF32, true);
  load_weights(other, {bytes.views(), {}, {}});
  for (const auto& entry : network.named_parameters()) {
    EXPECT_TRUE(entry.value().equal(other.named_parameters()[entry.key()])) << entry.key();
  }
}

TEST(NetworkWeights, AMissingTensorIsNamed) {
  Network network(small_harmonic());
  initialise(network, 1);
  const TensorBytes bytes = weights_of(network, DType::kF16);
  Weights weights{bytes.views(), {}, {}};
  weights.tensors.erase("lm_head.lm_head.weight");
  try {
    load_weights(network, weights);
    FAIL() << "loaded without the head";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("lm_head.lm_head.weight"), std::string::npos) << error.what();
  }
}

TEST(ShiftRight, PutsTheStartTokenInFrontAndMakesNegativeIdsPads) {
  const at::Tensor labels = at::tensor({5, -100, 7}, at::kLong).unsqueeze(0);
  EXPECT_TRUE(shift_right(labels).equal(at::tensor({0, 5, 0}, at::kLong).unsqueeze(0)));
}

}  // namespace
}  // namespace yourmt3
