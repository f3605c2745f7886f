#include "torchnet/network.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <cmath>
#include <set>

#include "engine/engine.h"
#include "small_networks.h"
#include "support/torch_tensors.h"
#include "torchnet/drum_head.h"
#include "torchnet/group_notes.h"
#include "torchnet/initialise.h"
#include "torchnet/network_weights.h"
#include "torchnet/timbre.h"
#include "train/losses.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using testing::random;
using testing::random_ids;
using testing::small_harmonic;
using testing::small_published;

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
        torch::autograd::grad({loss_of(network, spectrogram, labels)}, parameters, {}, {}, false, true);
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
          x.push_back(inside ? spectrogram[0][t + e][bin].item<double>() : -3);
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

TEST(HarmonicFrontEnd, IsTheOneOfTheEngine) {
  const ModelConfig config = small_harmonic();
  Network network(config);
  initialise(network, 3);
  const at::NoGradGuard no_grad;
  const at::Tensor spectrogram = random({1, config.front_end.n_frames(), config.front_end.n_bins()}, 1);
  const TensorBytes bytes = weights_of(network, DType::kF32);
  const Engine engine({config, {bytes.views(), {}, {}}}, {.n_threads = 1});
  const std::vector<float> found =
      engine.pre_encode({spectrogram.data_ptr<float>(), static_cast<std::size_t>(spectrogram.numel())}, 1);
  const at::Tensor expected = network.pre_encode(spectrogram, {});
  // float32 sums of some 300 terms in another order.
  testing::expect_near(at::tensor(found).view_as(expected), expected, 1e-5 * testing::largest(expected), "frames");
}

TEST(GroupNotes, AddWhoPlaysToTheOnsetOfThePitch) {
  ModelConfig config = small_harmonic();
  config.auxiliary.group_notes = 8;
  Network network(config);
  initialise(network, 3);
  const at::Tensor spectrogram = random({2, config.front_end.n_frames(), config.front_end.n_bins()}, 1);
  EncoderOutput output = network.encode(spectrogram, {});
  const std::int64_t frames = config.front_end.n_frames();
  ASSERT_EQ(output.group_notes.sizes().vec(), (std::vector<std::int64_t>{2, frames, 88, 12}));
  // Without the head's own part nothing but the onset logit is left.
  {
    const at::NoGradGuard no_grad;
    network["auxiliary"]["group_notes"]["output"].tensor("weight").zero_();
    network["auxiliary"]["group_notes"]["output"].tensor("bias").zero_();
  }
  output = network.encode(spectrogram, {});
  EXPECT_TRUE(output.group_notes.equal(output.notes.slice(2, 0, 88).unsqueeze(-1).expand({2, frames, 88, 12})));
  // Who plays says nothing about whether somebody does.
  const at::Tensor weight = network["auxiliary"]["notes"].tensor("weight");
  EXPECT_FALSE(torch::autograd::grad({output.group_notes.sum()}, {weight}, {}, {}, false, true)[0].defined());
}

TEST(GroupNotes, SeeTheFeaturesOfTheirPitchBeforeNowAndLater) {
  ModelConfig config = small_harmonic();
  config.auxiliary.group_notes = 8;
  Network network(config);
  initialise(network, 3);
  const at::NoGradGuard no_grad;
  const at::Tensor features = random({1, 20, 88, 3}, 1), encoded = random({1, 20, 16}, 2),
                   onsets = at::zeros({1, 20, 88});
  const ParameterNode& node = network["auxiliary"]["group_notes"];
  const auto logits = [&](const at::Tensor& seen) {
    return group_note_logits(node, pitch_states(node, seen, encoded), onsets);
  };
  at::Tensor touched = features.clone();
  touched[0][10][40] += 1;
  const at::Tensor changed = (logits(touched) != logits(features)).any(3)[0].nonzero();
  EXPECT_TRUE(changed.equal(at::tensor({2, 40, 6, 40, 10, 40, 14, 40}, at::kLong).view({4, 2}))) << changed;
}

TEST(GroupNotes, SeeOtherFramesAndRelatedPitchesThroughALayerOfContext) {
  ModelConfig config = small_harmonic();
  config.auxiliary.group_notes = 8;
  config.auxiliary.context_layers = 1;
  Network network(config);
  initialise(network, 3);
  const at::NoGradGuard no_grad;
  const at::Tensor features = random({1, 60, 88, 3}, 1), encoded = random({1, 60, 16}, 2);
  const ParameterNode& node = network["auxiliary"]["group_notes"];
  const auto changed = [&] {
    at::Tensor touched = features.clone();
    touched[0][30][40] += 1;
    const at::Tensor places =
        (pitch_states(node, touched, encoded) != pitch_states(node, features, encoded)).any(3)[0].nonzero();
    std::set<std::pair<std::int64_t, std::int64_t>> result;
    for (std::int64_t i = 0; i < places.size(0); ++i) {
      result.emplace(places[i][0].item<std::int64_t>(), places[i][1].item<std::int64_t>());
    }
    return result;
  };
  std::set<std::pair<std::int64_t, std::int64_t>> expected;
  for (const auto& seen : AuxiliaryConfig::kGroupNoteTaps) expected.emplace(30 - seen.frame, 40);
  EXPECT_EQ(changed(), expected) << "a fresh layer adds nothing";
  const at::Tensor& mix = node["context"]["0"]["mix"].tensor("weight");
  mix.copy_(random(mix.sizes(), 4));
  for (const auto& seen : AuxiliaryConfig::kGroupNoteTaps) {
    for (const auto& tap : AuxiliaryConfig::kContextTaps) {
      expected.emplace(30 - seen.frame - tap.frame, 40 - tap.pitch);
    }
  }
  EXPECT_EQ(changed(), expected);
}

TEST(GroupNotes, CorrectTheOnsetAndTheSoundingOfTheirPitch) {
  ModelConfig config = small_harmonic();
  config.auxiliary.group_notes = 8;
  config.auxiliary.refine_notes = true;
  Network network(config);
  initialise(network, 3);
  const at::NoGradGuard no_grad;
  const ParameterNode& node = network["auxiliary"]["group_notes"];
  const at::Tensor states = random({1, 20, 88, 8}, 1), notes = random({1, 20, 2 * 88 + 64}, 2);
  EXPECT_TRUE(refined_notes(node, states, notes).equal(notes)) << "untrained";
  node["refine"].tensor("bias")[0] = 1;
  node["refine"].tensor("bias")[1] = 2;
  node["refine"].tensor("weight")[1][3] = 1;
  at::Tensor expected = notes.clone();
  expected.slice(2, 0, 88) += 1;
  expected.slice(2, 88, 176) += 2 + states.select(3, 3);
  testing::expect_near(refined_notes(node, states, notes), expected, 1e-6, "notes");
}

TEST(Timbre, IsAskedWhereANoteMayBeginAndSeesItsHarmonics) {
  ModelConfig config = small_harmonic();
  config.auxiliary.group_notes = 8;
  config.auxiliary.timbre_width = 6;
  Network network(config);
  initialise(network, 3);
  const at::NoGradGuard no_grad;
  const ParameterNode& node = network["auxiliary"]["timbre"];
  const std::int64_t bins = config.front_end.n_bins(), per_semitone = config.front_end.bins_per_semitone;
  TimbreInputs inputs = {random({2, 60, bins}, 1), -3.0, random({2, 60, 88, 8}, 2), random({2, 60, 16}, 3),
                         at::full({2, 60, 88}, -9.0)};
  const at::Tensor logits = random({2, 60, 88, 12}, 4);
  EXPECT_TRUE(with_timbre(node, config, inputs, logits).equal(logits)) << "nothing begins";
  inputs.onsets[1][20][40] = -2.9;
  EXPECT_TRUE(with_timbre(node, config, inputs, logits).equal(logits)) << "untrained";
  const at::Tensor& output = node["output"].tensor("weight");
  output.copy_(random(output.sizes(), 5));
  const at::Tensor heard = with_timbre(node, config, inputs, logits);
  const at::Tensor changed = (heard != logits).any(3).nonzero();
  EXPECT_TRUE(changed.equal(at::tensor({1, 19, 40, 1, 20, 40, 1, 21, 40}, at::kLong).view({3, 3}))) << changed;

  std::set<std::int64_t> frames, seen_bins;
  const auto matters = [&](std::int64_t axis, std::int64_t i) {
    TimbreInputs touched = inputs;
    touched.scaled = inputs.scaled.clone();
    touched.scaled[1].select(axis, i) += 1;
    return !with_timbre(node, config, touched, logits)[1][20][40].equal(heard[1][20][40]);
  };
  for (std::int64_t frame = 0; frame < 60; ++frame) {
    if (matters(0, frame)) frames.insert(frame);
  }
  for (std::int64_t bin = 0; bin < bins; ++bin) {
    if (matters(1, bin)) seen_bins.insert(bin);
  }
  std::set<std::int64_t> expected_frames, expected_bins;
  for (const int later : AuxiliaryConfig::kTimbreFrames) expected_frames.insert(20 + later);
  for (int harmonic = 1; harmonic <= 16; ++harmonic) {
    for (const std::int64_t beside : {-1, 0, 1}) {
      const std::int64_t bin =
          40 * per_semitone + std::lround(12.0 * static_cast<double>(per_semitone) * std::log2(harmonic)) + beside;
      if (bin < bins) expected_bins.insert(bin);
    }
  }
  EXPECT_EQ(frames, expected_frames);
  EXPECT_EQ(seen_bins, expected_bins);
}

TEST(DrumHead, CorrectsTheDrumsFromTheFramesAround) {
  ModelConfig config = small_harmonic();
  config.auxiliary.drum_width = 8;
  config.auxiliary.drum_layers = 1;
  Network network(config);
  initialise(network, 3);
  const at::NoGradGuard no_grad;
  const ParameterNode& node = network["auxiliary"]["drums"];
  const at::Tensor scaled = random({1, 60, config.front_end.n_bins()}, 1), encoded = random({1, 60, 16}, 2),
                   notes = random({1, 60, 2 * 88 + 64}, 3);
  EXPECT_TRUE(refined_drums(node, scaled, encoded, notes).equal(notes)) << "untrained";
  const at::Tensor& output = node["output"].tensor("weight");
  output.copy_(random(output.sizes(), 4));
  const auto changed = [&] {
    at::Tensor touched = scaled.clone();
    touched[0][30] += 1;
    const at::Tensor difference =
        refined_drums(node, touched, encoded, notes) != refined_drums(node, scaled, encoded, notes);
    EXPECT_FALSE(difference.slice(2, 0, 2 * 88).any().item<bool>()) << "drums alone";
    const at::Tensor places = difference.any(2)[0].nonzero().flatten();
    return std::set<std::int64_t>(places.data_ptr<std::int64_t>(), places.data_ptr<std::int64_t>() + places.numel());
  };
  std::set<std::int64_t> expected;
  for (const auto& seen : AuxiliaryConfig::kDrumTaps) expected.insert(30 - seen.frame);
  EXPECT_EQ(changed(), expected) << "a fresh layer adds nothing";
  const at::Tensor& mix = node["context"]["0"]["mix"].tensor("weight");
  mix.copy_(random(mix.sizes(), 5));
  for (const auto& seen : AuxiliaryConfig::kDrumTaps) {
    for (const auto& tap : AuxiliaryConfig::kDrumContextTaps) {
      const std::int64_t frame = 30 - seen.frame - tap.frame;
      if (frame >= 0 && frame < 60) expected.insert(frame);
    }
  }
  EXPECT_EQ(changed(), expected);
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

TEST(NetworkWeights, AHeadThatIsNewKeepsItsValuesWhenItMayLack) {
  ModelConfig config = small_harmonic();
  Network old(config);
  initialise(old, 1);
  const TensorBytes bytes = weights_of(old, DType::kF32);
  config.auxiliary.group_notes = 8;
  Network network(config);
  initialise(network, 2);
  const at::Tensor before = network["auxiliary"]["group_notes"]["output"].tensor("weight").clone();
  const Weights weights{bytes.views(), {}, {}};
  EXPECT_THROW(load_weights(network, weights), Error);
  EXPECT_THROW(load_weights(network, weights, {"decoder.*"}), Error);
  load_weights(network, weights, {"auxiliary.*"});
  EXPECT_TRUE(before.equal(network["auxiliary"]["group_notes"]["output"].tensor("weight")));
  EXPECT_TRUE(network["embed_tokens"].tensor("weight").equal(old["embed_tokens"].tensor("weight")));
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
