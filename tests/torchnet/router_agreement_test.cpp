// The routers of the two networks choose the same experts for the golden small networks.

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <map>

#include "engine/engine.h"
#include "support/golden_model.h"
#include "support/torch_tensors.h"
#include "torchnet/network.h"
#include "torchnet/network_weights.h"

namespace yourmt3 {
namespace {

class RouterAgreement : public ::testing::TestWithParam<std::string> {};

TEST_P(RouterAgreement, EngineTellsWhatThePassRecordCounts) {
  const Model model = testing::golden_model(GetParam());
  const auto golden = testing::golden_tensors(GetParam() + "/golden.safetensors");
  const std::vector<float> audio = golden.tensors.at("audio").to_f32();
  const int n_segments = static_cast<int>(audio.size()) / model.config.front_end.segment_samples;
  const Engine engine(model, {.n_threads = 2});
  std::map<std::string, std::vector<std::int64_t>> found;
  std::map<std::string, std::vector<int>> segments;
  engine.encode(audio, n_segments, [&](const RouterChoices& choices) {
    auto& counts = found[std::string(choices.layer)];
    counts.resize(static_cast<std::size_t>(choices.n_experts));
    for (const std::int32_t expert : choices.experts) ++counts[static_cast<std::size_t>(expert)];
    segments[std::string(choices.layer)].push_back(choices.segment);
    EXPECT_EQ(choices.experts.size(), choices.weights.size());
  });

  const at::NoGradGuard no_grad;
  Network network(model.config);
  load_weights(network, model.weights);
  PassRecord record;
  Pass pass;
  pass.record = &record;
  const std::vector<float> picture = engine.spectrogram(audio, n_segments);
  at::Tensor spectrogram =
      at::empty({n_segments, model.config.front_end.n_frames(), model.config.front_end.n_bins()}, at::kFloat);
  std::copy(picture.begin(), picture.end(), spectrogram.data_ptr<float>());
  network.encode(spectrogram, pass);

  ASSERT_FALSE(record.experts.empty());
  ASSERT_EQ(found.size(), record.experts.size());
  for (const ExpertLoad& load : record.experts) {
    ASSERT_TRUE(found.contains(load.layer)) << load.layer;
    const std::int64_t* counts = load.counts.data_ptr<std::int64_t>();
    EXPECT_EQ(found.at(load.layer), std::vector<std::int64_t>(counts, counts + load.counts.numel())) << load.layer;
    std::vector<int> expected(static_cast<std::size_t>(n_segments));
    for (int i = 0; i < n_segments; ++i) expected[static_cast<std::size_t>(i)] = i;
    EXPECT_EQ(segments.at(load.layer), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, RouterAgreement,
                         ::testing::Values("model/yptf-moe-multi-nops-tiny", "model/yptf-moe-multi-ps-tiny"));

}  // namespace
}  // namespace yourmt3
