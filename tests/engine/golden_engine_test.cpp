// Every recorded stage of the small golden networks, each from the golden output of the stage before it, and the whole
// chain from the audio.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "engine/engine.h"
#include "engine/perceiver_encoder.h"
#include "engine/pre_decoder.h"
#include "engine/t5_decoder.h"
#include "engine/t5_encoder.h"
#include "support/golden_model.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

class GoldenEngine : public ::testing::TestWithParam<std::string> {
 protected:
  GoldenEngine()
      : model_(testing::golden_model(GetParam())),
        golden_(testing::golden_tensors(GetParam() + "/golden.safetensors")),
        tolerance_(testing::golden_json(GetParam() + "/tolerance.json")),
        engine_(model_, {.n_threads = 2}),
        batch_(testing::golden_json(GetParam() + "/config.json").at("batch").get<int>()) {}

  std::vector<float> values(const std::string& name) const { return golden_.tensors.at(name).to_f32(); }
  const std::vector<std::int64_t>& shape(const std::string& name) const { return golden_.tensors.at(name).shape; }
  bool has(const std::string& name) const { return golden_.tensors.contains(name); }

  std::vector<std::int32_t> ids(const std::string& name) const {
    const TensorView& tensor = golden_.tensors.at(name);
    EXPECT_EQ(tensor.dtype, DType::kI64);
    std::vector<std::int32_t> out;
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
      std::int64_t value = 0;
      std::memcpy(&value, tensor.bytes.data() + 8 * i, 8);
      out.push_back(static_cast<std::int32_t>(value));
    }
    return out;
  }

  /// The pre-decoder's output where recorded, else the encoder's.
  std::string pre_decoded_name() const { return has("pre_decoder") ? "pre_decoder" : "encoder"; }
  /// Whether our decoder reads the encoder's output: it takes over a matrix that is no wider than it is high.
  bool reads_encoder() const {
    const int d = model_.config.decoder.d_model;
    const std::size_t rows = values(pre_decoded_name()).size() / static_cast<std::size_t>(d);
    const auto type = model_.config.pre_decoder.type;
    const bool linear = type == PreDecoderConfig::Type::kLinear || type == PreDecoderConfig::Type::kMultiChannelLinear;
    return linear && values("encoder").size() <= rows * static_cast<std::size_t>(d);
  }
  std::string memory_name() const { return reads_encoder() ? "encoder" : pre_decoded_name(); }
  /// What our decoder reads, (B, S, C, w); recorded is (B, C, S, d).
  std::vector<float> memory() const {
    const std::vector<float> recorded = values(memory_name());
    if (reads_encoder()) return recorded;
    const auto n_channels = static_cast<std::size_t>(model_.config.decoder.n_channels);
    const auto d = static_cast<std::size_t>(model_.config.decoder.d_model);
    const auto frames = static_cast<std::size_t>(model_.config.front_end.n_frames());
    std::vector<float> turned(recorded.size());
    for (std::size_t row = 0; row < recorded.size() / d; ++row) {
      const std::size_t segment = row / (n_channels * frames), channel = row / frames % n_channels, t = row % frames;
      std::copy_n(recorded.data() + row * d, d, turned.data() + ((segment * frames + t) * n_channels + channel) * d);
    }
    return turned;
  }

  /// Four times what the reference's own float32 run is off its float64 run, and an ulp of the largest value: another
  /// order of summation is off by as much again, in the other direction.
  double stage_bound(const std::string& key, const std::vector<float>& expected) const {
    return 4 * tolerance_.at("per_stage_f32_vs_f64_given_golden_input").at(key).at("max_abs").get<double>() +
           ulp(expected);
  }
  double chain_bound(const std::string& key, const std::vector<float>& expected) const {
    return 4 * tolerance_.at("end_to_end_f32_vs_f64").at(key).at("max_abs").get<double>() + ulp(expected);
  }

  static double ulp(const std::vector<float>& values) {
    double largest = 0;
    for (const float x : values) largest = std::max(largest, std::abs(double{x}));
    return largest * 1.2e-7;
  }

  static void expect_near(const std::vector<float>& found, const std::vector<float>& expected, double bound,
                          const std::string& what) {
    ASSERT_EQ(found.size(), expected.size()) << what;
    double worst = 0;
    std::size_t where = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double distance = std::abs(double{found[i]} - double{expected[i]});
      if (!(distance <= worst)) {
        worst = distance;
        where = i;
      }
    }
    EXPECT_LE(worst, bound) << what << " [" << where << "]: " << found[where] << ", expected " << expected[where];
    RecordProperty(what, fmt::format("{:.2g} of {:.2g}", worst, bound));
  }

  Model model_;
  Weights golden_;
  json tolerance_;
  Engine engine_;
  int batch_;
};

TEST_P(GoldenEngine, SpectrogramAgrees) {
  const auto expected = values("spectrogram");
  expect_near(engine_.spectrogram(values("audio"), batch_), expected, chain_bound("spectrogram", expected),
              "spectrogram");
}

TEST_P(GoldenEngine, PreEncoderAgrees) {
  if (!has("pre_encoder")) {
    EXPECT_EQ(model_.config.pre_encoder.type, PreEncoderConfig::Type::kNone);
    EXPECT_EQ(engine_.pre_encode(values("spectrogram"), batch_), values("spectrogram"));
    return;
  }
  const auto expected = values("pre_encoder");
  expect_near(engine_.pre_encode(values("spectrogram"), batch_), expected,
              stage_bound("pre_encoder<-spectrogram", expected), "pre_encoder");
}

TEST_P(GoldenEngine, EncoderAgrees) {
  const auto input = values(has("pre_encoder") ? "pre_encoder" : "spectrogram");
  const auto expected = values("encoder");
  expect_near(engine_.encode_features(input, batch_), expected, stage_bound("encoder<-pre_encoder", expected),
              "encoder");
}

TEST_P(GoldenEngine, EveryRecordedStepInsideTheEncoderAgrees) {
  const ModelConfig& config = model_.config;
  ThreadTeam team(2);
  const Compute compute{best_kernels(), team};
  const int frames = config.front_end.n_frames(), latents = config.n_latents(), width = config.encoder.d_model;
  std::vector<float> input = values(has("pre_encoder") ? "pre_encoder" : "spectrogram");
  std::map<std::string, std::vector<float>> seen;
  const Observer observer = [&](std::string_view name, std::span<const float> x) {
    seen["enc." + std::string(name)].assign(x.begin(), x.end());
  };
  std::vector<float> out(values("encoder").size() / static_cast<std::size_t>(batch_));
  const WeightReader root(model_.weights, "");
  if (config.encoder.type == EncoderConfig::Type::kT5) {
    const T5Encoder encoder(best_kernels(), team, config.encoder, frames, root.below("encoder.encoder."));
    encoder.run(compute, input.data(), out.data(), observer);
  } else {
    const auto& in = shape("pre_encoder");
    const PerceiverEncoder encoder(best_kernels(), team, config.encoder, frames, static_cast<int>(in[2]),
                                   static_cast<int>(in[3]), root.below("encoder."));
    encoder.run(compute, input.data(), out.data(), observer);
  }
  int n_compared = 0;
  for (const auto& [name, tensor] : golden_.tensors) {
    if (!name.starts_with("enc.")) continue;
    ASSERT_TRUE(seen.contains(name)) << name;
    std::vector<float> found = seen.at(name);
    if (name.find(".temporal") != std::string::npos) {
      // Recorded as (K, T, D); ours keep the order of frames.
      std::vector<float> turned;
      for (int k = 0; k < latents; ++k) {
        for (int t = 0; t < frames; ++t) {
          const auto begin = found.begin() + static_cast<std::ptrdiff_t>(t * latents + k) * width;
          turned.insert(turned.end(), begin, begin + width);
        }
      }
      found = turned;
    }
    // Steps are recorded within one run from the audio; from the golden input they are at least as close.
    expect_near(found, values(name), chain_bound(name, values(name)), name);
    ++n_compared;
  }
  EXPECT_GT(n_compared, 0);
}

TEST_P(GoldenEngine, PreDecoderAgrees) {
  const auto expected = values(pre_decoded_name());
  expect_near(engine_.pre_decode(values("encoder"), batch_), expected, stage_bound("pre_decoder<-encoder", expected),
              "pre_decoder");
}

TEST_P(GoldenEngine, TeacherForcedDecoderAgrees) {
  const auto tokens = ids("tf.decoder_input_ids");
  const int rows = batch_ * model_.config.decoder.n_channels;
  std::vector<float> hidden;
  const auto logits = engine_.decoder_logits(tokens, memory(), rows, &hidden);
  const auto expected = values("tf.logits"), expected_hidden = values("tf.decoder_hidden");
  expect_near(hidden, expected_hidden, stage_bound("tf.decoder_hidden<-pre_decoder", expected_hidden),
              "tf.decoder_hidden");
  expect_near(logits, expected, stage_bound("tf.logits<-pre_decoder", expected), "tf.logits");

  // The training loss has the factor d^-1 in place of d^-0.5.
  const auto labels = ids("tf.labels");
  const std::size_t vocabulary = static_cast<std::size_t>(model_.config.decoder.vocab_size);
  const double factor = 1 / std::sqrt(double(model_.config.decoder.d_model));
  double total = 0;
  int n = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == 0) continue;
    double sum = 0;
    for (std::size_t j = 0; j < vocabulary; ++j) sum += std::exp(factor * logits[i * vocabulary + j]);
    total += std::log(sum) - factor * logits[i * vocabulary + static_cast<std::size_t>(labels[i])];
    ++n;
  }
  // A mean of values of order 5 that float32 summed up in the recording: some ulps.
  EXPECT_NEAR(total / n, values("tf.loss")[0], 2e-6);
}

TEST_P(GoldenEngine, CachedDecodingGivesTheRecordedTokensAndLogits) {
  const DecoderConfig& config = model_.config.decoder;
  const int rows = batch_ * config.n_channels;
  const auto tokens = ids("greedy.tokens");
  const int n = static_cast<int>(shape("greedy.tokens").back());
  const auto memory = this->memory();
  const std::size_t vocabulary = static_cast<std::size_t>(config.vocab_size);
  const std::size_t segment_memory = memory.size() / static_cast<std::size_t>(batch_);

  // As the reference: rows that have ended go on with their own predictions, which the recorded logits include.
  ThreadTeam team(2);
  const Compute compute{best_kernels(), team};
  const PreDecoder pre_decoder(best_kernels(), model_.config, WeightReader(model_.weights, "pre_decoder.0."));
  const T5Decoder decoder(best_kernels(), team, config, WeightReader(model_.weights, ""), pre_decoder.projection());
  const int memory_length = model_.config.front_end.n_frames(), width = decoder.memory_width();
  DecoderBatch batch(decoder, compute, rows, memory_length, n);
  std::vector<int> slots;
  for (int i = 0; i < rows; ++i) {
    const int segment = i / config.n_channels, channel = i % config.n_channels;
    batch.start(i, {memory.data() + static_cast<std::size_t>(segment) * segment_memory + channel * width,
                    static_cast<std::ptrdiff_t>(config.n_channels) * width});
    slots.push_back(i);
  }
  const double bound = stage_bound("tf.logits<-pre_decoder", values("tf.logits")) +
                       4 * tolerance_.at("cached_vs_uncached_max_abs").get<double>();
  std::vector<std::int32_t> feed(slots.size(), 0);
  std::vector<std::vector<std::int32_t>> fed(slots.size(), {0});
  std::vector<bool> ended(slots.size(), false);
  std::vector<float> last;
  for (int step = 0; step < n; ++step) {
    const auto logits = batch.step(slots, feed);
    last.assign(logits.begin(), logits.end());
    if (step == 0) {
      expect_near(last, values("greedy.first_step_logits"), bound, "greedy.first_step_logits");
    }
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto begin = last.begin() + static_cast<std::ptrdiff_t>(i * vocabulary);
      feed[i] = static_cast<std::int32_t>(std::max_element(begin, begin + config.vocab_size) - begin);
      fed[i].push_back(feed[i]);
      const std::int32_t shown = ended[i] ? 0 : feed[i];
      ASSERT_EQ(shown, tokens[i * static_cast<std::size_t>(n) + static_cast<std::size_t>(step)])
          << "row " << i << ", step " << step;
      if (step > 0 && shown == 1) ended[i] = true;
    }
  }
  expect_near(last, values("greedy.last_step_logits"), bound, "greedy.last_step_logits");

  // And without a cache: the last logits of every row once more, from all its tokens at once.
  std::vector<std::int32_t> all;
  for (const auto& row : fed) all.insert(all.end(), row.begin(), row.end() - 1);
  const auto uncached = engine_.decoder_logits(all, memory, rows);
  std::vector<float> uncached_last;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto end = uncached.begin() + static_cast<std::ptrdiff_t>((i + 1) * static_cast<std::size_t>(n) * vocabulary);
    uncached_last.insert(uncached_last.end(), end - config.vocab_size, end);
  }
  expect_near(last, uncached_last, 4 * tolerance_.at("cached_vs_uncached_max_abs").get<double>() + ulp(last),
              "cached against uncached");
}

TEST_P(GoldenEngine, TheWholeChainFromAudioAgreesAndYieldsTheRecordedTokens) {
  const DecoderConfig& config = model_.config.decoder;
  const int rows = batch_ * config.n_channels;
  const EncodedSegments encoded = engine_.encode(values("audio"), batch_);
  const auto expected = memory();
  expect_near(encoded.memory, expected, chain_bound(memory_name(), expected), "memory");
  const auto logits = engine_.decoder_logits(ids("tf.decoder_input_ids"), encoded.memory, rows);
  expect_near(logits, values("tf.logits"), chain_bound("tf.logits", values("tf.logits")), "tf.logits");

  const auto tokens = ids("greedy.tokens");
  const int n = static_cast<int>(shape("greedy.tokens").back());
  const int steps = testing::golden_json(GetParam() + "/config.json").at("greedy_steps").get<int>();
  auto found = engine_.decode(encoded, nullptr, steps);
  ASSERT_EQ(static_cast<int>(found.size()), rows);
  for (int i = 0; i < rows; ++i) {
    auto& row = found[static_cast<std::size_t>(i)];
    EXPECT_LE(static_cast<int>(row.size()), n);
    row.resize(static_cast<std::size_t>(n), 0);
    const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(i) * n;
    EXPECT_EQ(row, std::vector<std::int32_t>(begin, begin + n)) << "row " << i;
  }
}

std::string test_name(std::string folder) {
  folder = folder.substr(folder.rfind('/') + 1);
  std::ranges::replace_if(
      folder, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return folder;
}

TEST(GoldenEngineFolders, ArePresentWhereGoldenModelsAre) {
  if (!testing::golden_exists("model")) GTEST_SKIP() << "no golden networks in " << testing::golden_dir();
  EXPECT_FALSE(testing::golden_model_folders().empty());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(GoldenEngine);
INSTANTIATE_TEST_SUITE_P(All, GoldenEngine, ::testing::ValuesIn(testing::golden_model_folders()),
                         [](const auto& folder) { return test_name(folder.param); });

}  // namespace
}  // namespace yourmt3
