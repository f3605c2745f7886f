// Tensors without data stand for those of another device: an operation that mixes them with others fails. libtorch 1.13
// cannot look up tables or convolve without data, so the parts are tried one by one, behind those.

#include <gtest/gtest.h>

#include "small_networks.h"
#include "torchnet/drum_head.h"
#include "torchnet/group_notes.h"
#include "torchnet/harmonic.h"
#include "torchnet/network.h"
#include "torchnet/t5.h"

namespace yourmt3 {
namespace {

at::Tensor on_meta(at::IntArrayRef shape) {
  return at::empty(shape, at::TensorOptions().dtype(at::kFloat).device(at::kMeta));
}

TEST(Device, ANetworkIsMadeWhereItIsAskedFor) {
  const Network network(testing::small_published("yptf-moe-multi-nops"), at::kMeta);
  EXPECT_EQ(network.device().type(), at::kMeta);
  for (const auto& entry : network.named_parameters()) EXPECT_TRUE(entry.value().is_meta()) << entry.key();
  for (const auto& entry : network.named_buffers()) EXPECT_TRUE(entry.value().is_meta()) << entry.key();
}

TEST(Device, TensorsKeepTheirIdentityWhenTheNetworkMoves) {
  Network network(testing::small_harmonic());
  const at::Tensor before = network["lm_head"]["lm_head"].tensor("weight");
  network.to(at::Device(at::kCPU));
  network.to(at::kDouble);
  EXPECT_TRUE(before.is_same(network["lm_head"]["lm_head"].tensor("weight")));
  EXPECT_EQ(before.scalar_type(), at::kDouble);
}

TEST(Device, HarmonicProjectionHeadsAndT5AssumeNoHost) {
  ModelConfig config = testing::small_harmonic();
  config.auxiliary.group_notes = 8;
  config.auxiliary.refine_notes = true;
  config.auxiliary.context_layers = 1;
  config.auxiliary.drum_width = 8;
  config.auxiliary.drum_layers = 1;
  const Network network(config, at::kMeta);
  for (const bool training : {false, true}) {
    const Pass pass = {at::kFloat, training};
    const at::Tensor features = on_meta({2, 20, 88, 3});
    const at::Tensor frames = HarmonicFrontEnd(config).frame_vectors(network["pre_encoder"], features,
                                                                     on_meta({2, 20, config.front_end.n_bins()}), pass);
    const at::Tensor encoded = network.encode_features(frames, pass);
    EXPECT_EQ(encoded.sizes().vec(), (std::vector<std::int64_t>{2, 20, 16}));
    const ParameterNode& head = network["auxiliary"]["group_notes"];
    const at::Tensor states = pitch_states(head, features, encoded);
    EXPECT_TRUE(group_note_logits(head, states, on_meta({2, 20, 88})).is_meta());
    EXPECT_TRUE(refined_notes(head, states, on_meta({2, 20, 2 * 88 + 64})).is_meta());
    EXPECT_TRUE(refined_drums(network["auxiliary"]["drums"], on_meta({2, 20, config.front_end.n_bins()}), encoded,
                              on_meta({2, 20, 2 * 88 + 64}))
                    .is_meta());
    T5Options options;
    options.n_layers = 1;
    options.n_heads = 2;
    const at::Tensor hidden = t5_decoder(network["decoder"]["decoder"], options, on_meta({2, 6, 16}), encoded, pass);
    const at::Tensor logits = network.training_logits(hidden);
    EXPECT_TRUE(logits.is_meta());
    EXPECT_EQ(logits.sizes().vec(), (std::vector<std::int64_t>{2, 6, config.decoder.vocab_size}));
  }
}

TEST(Device, ThePerceiverAndItsPreDecoderAssumeNoHost) {
  for (const LatentPosition position :
       {LatentPosition::kTrainableTkd, LatentPosition::kTrainableKdt, LatentPosition::kRope}) {
    ModelConfig config = testing::small_published("yptf-multi-ps");
    config.encoder.position = position;
    config.encoder.norm = Norm::kRmsNorm;  // libtorch 1.13 has no layer norm without data.
    const Network network(config, at::kMeta);
    const at::Tensor encoded = network.encode_features(on_meta({2, 7, 8, 4}), {});
    EXPECT_EQ(network.pre_decode(encoded, {}).sizes().vec(), (std::vector<std::int64_t>{2, 13, 7, 16}));
  }
}

}  // namespace
}  // namespace yourmt3
