// The engine and the libtorch network, two independent implementations, on the same weights and samples.

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "features/front_end.h"
#include "small_networks.h"
#include "support/torch_tensors.h"
#include "torchnet/initialise.h"
#include "torchnet/network_weights.h"

namespace yourmt3 {
namespace {

/// The engine's answer for random sound and weights, and the network's.
void expect_agreement(bool refine_notes, int context_layers = 0, int drum_layers = 0, int timbre_width = 0) {
  ModelConfig config = testing::small_harmonic();
  config.auxiliary.group_notes = 10;
  config.auxiliary.refine_notes = refine_notes;
  config.auxiliary.context_layers = context_layers;
  config.auxiliary.timbre_width = timbre_width;
  config.auxiliary.drum_width = 9;
  config.auxiliary.drum_layers = drum_layers;
  Network network(config);
  initialise(network, 5);
  const ParameterNode& head = network["auxiliary"]["group_notes"];
  // What begins at zero.
  const auto disturb = [](const ParameterNode& layer, std::uint64_t seed) {
    const at::NoGradGuard no_grad;
    const at::Tensor& weight = layer.tensor("weight");
    weight.copy_(testing::random(weight.sizes(), seed) - 0.5);
  };
  if (refine_notes) disturb(head["refine"], 4);
  for (int i = 0; i < context_layers; ++i) disturb(head["context"][static_cast<std::size_t>(i)]["mix"], 20 + i);
  const ParameterNode& drums = network["auxiliary"]["drums"];
  disturb(drums["output"], 6);
  for (int i = 0; i < drum_layers; ++i) disturb(drums["context"][static_cast<std::size_t>(i)]["mix"], 40 + i);
  if (timbre_width > 0) disturb(network["auxiliary"]["timbre"]["output"], 60);
  const TensorBytes bytes = weights_of(network, DType::kF32);
  const Engine engine({config, {bytes.views(), {}, {}}}, {.n_threads = 2});

  constexpr int kSegments = 3;
  const at::Tensor audio = testing::random({kSegments, config.front_end.segment_samples}, 1) - 0.5;
  const EncodedSegments found = engine.encode(testing::to_vector(audio), kSegments);

  const at::NoGradGuard no_grad;
  const std::vector<float> picture = engine.spectrogram(testing::to_vector(audio), kSegments);
  at::Tensor spectrogram = at::empty({kSegments, config.front_end.n_frames(), config.front_end.n_bins()}, at::kFloat);
  std::copy(picture.begin(), picture.end(), spectrogram.data_ptr<float>());
  const EncoderOutput expected = network.encode(spectrogram, {});
  const auto expect = [](const std::vector<float>& values, const at::Tensor& wanted, const char* what) {
    ASSERT_EQ(values.size(), static_cast<std::size_t>(wanted.numel())) << what;
    at::Tensor tensor = at::empty(wanted.sizes(), at::kFloat);
    std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
    // Sums of up to some hundred float32 products, ten layers one after the other.
    testing::expect_near(tensor, wanted, 1e-5 * (1 + testing::largest(wanted)), what);
  };
  expect(found.memory, expected.memory, "memory");
  expect(found.auxiliary, at::cat({expected.notes, expected.groups}, -1), "notes and groups");
  expect(found.group_notes, expected.group_notes, "group_notes");
}

TEST(EngineAndNetwork, AgreeOnTheMemoryAndOnEveryHead) {
  expect_agreement(false);
}

TEST(EngineAndNetwork, AgreeOnNotesThatTheSharedHeadCorrects) {
  expect_agreement(true);
}

TEST(EngineAndNetwork, AgreeOnTheContextOfThePitches) {
  expect_agreement(true, 1);
  expect_agreement(true, 2);
}

TEST(EngineAndNetwork, AgreeOnDrums) {
  expect_agreement(false, 0, 1);
  expect_agreement(true, 1, 2);
}

TEST(EngineAndNetwork, AgreeOnTimbre) {
  expect_agreement(false, 0, 0, 7);
  expect_agreement(true, 1, 0, 24);
}

TEST(EngineAndNetwork, WithoutTheHeadThereAreNoGroupNotes) {
  const ModelConfig config = testing::small_harmonic();
  Network network(config);
  initialise(network, 5);
  const TensorBytes bytes = weights_of(network, DType::kF32);
  const Engine engine({config, {bytes.views(), {}, {}}}, {.n_threads = 1});
  const std::vector<float> audio(static_cast<std::size_t>(config.front_end.segment_samples));
  EXPECT_TRUE(engine.encode(audio, 1).group_notes.empty());
}

}  // namespace
}  // namespace yourmt3
