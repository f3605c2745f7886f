// The residual convolutions against a scalar loop in double precision.

#include "engine/residual_conv.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "reference_network.h"
#include "tiny_models.h"

namespace yourmt3 {
namespace {

using testing::formula_model;
using testing::random_values;
using testing::ReferenceNetwork;

/// (C, T, F), and back to (T, F, C) in the end.
class ScalarBlocks {
 public:
  ScalarBlocks(const Model& model, int frames, int bins) : plain_(model), frames_(frames), bins_(bins) {}

  std::vector<double> run(const PreEncoderConfig& config, const std::vector<float>& input) {
    std::vector<double> x(input.begin(), input.end());
    int inputs = 1;
    for (int i = 0; i < config.n_blocks; ++i) {
      const std::string block = fmt::format("pre_encoder.0.blocks.{}.", i);
      std::vector<double> middle = convolve(config, x, inputs, block + "conv1", block + "bn1");
      for (double& value : middle) value = std::max(value, 0.0);
      std::vector<double> y = convolve(config, middle, config.channels, block + "conv2", block + "bn2");
      add_shortcut(config.channels, x, block, y);
      x = pooled(config.channels, y);
      bins_ /= 2;
      inputs = config.channels;
    }
    std::vector<double> out;
    for (int t = 0; t < frames_; ++t) {
      for (int f = 0; f < bins_; ++f) {
        for (int c = 0; c < config.channels; ++c) out.push_back(x[at(c, t, f)]);
      }
    }
    return out;
  }

 private:
  std::size_t at(int c, int t, int f) const { return std::size_t((c * frames_ + t) * bins_ + f); }

  std::vector<double> convolve(const PreEncoderConfig& config, const std::vector<double>& from, int inputs,
                               const std::string& conv, const std::string& norm) const {
    const int kt = config.kernel_t, kf = config.kernel_f;
    const auto w = plain_.tensor(conv + ".weight"), scale = plain_.tensor(norm + ".weight"),
               shift = plain_.tensor(norm + ".bias"), mean = plain_.tensor(norm + ".running_mean"),
               variance = plain_.tensor(norm + ".running_var");
    std::vector<double> to(std::size_t(config.channels * frames_ * bins_));
    for (int o = 0; o < config.channels; ++o) {
      for (int t = 0; t < frames_; ++t) {
        for (int f = 0; f < bins_; ++f) {
          double sum = 0;
          for (int i = 0; i < inputs; ++i) {
            for (int a = 0; a < kt; ++a) {
              for (int b = 0; b < kf; ++b) {
                const int y = t + a - kt / 2, z = f + b - kf / 2;
                if (y < 0 || y >= frames_ || z < 0 || z >= bins_) continue;
                sum += from[at(i, y, z)] * w[std::size_t(((o * inputs + i) * kt + a) * kf + b)];
              }
            }
          }
          const std::size_t c = std::size_t(o);
          to[at(o, t, f)] = (sum - mean[c]) / std::sqrt(variance[c] + 1e-5) * scale[c] + shift[c];
        }
      }
    }
    return to;
  }

  void add_shortcut(int channels, const std::vector<double>& x, const std::string& block,
                    std::vector<double>& y) const {
    const bool projected = plain_.has(block + "shortcut.weight");
    for (int c = 0; c < channels; ++c) {
      for (int t = 0; t < frames_; ++t) {
        for (int f = 0; f < bins_; ++f) {
          y[at(c, t, f)] += projected ? x[at(0, t, f)] * plain_.tensor(block + "shortcut.weight")[std::size_t(c)] +
                                            plain_.tensor(block + "shortcut.bias")[std::size_t(c)]
                                      : x[at(c, t, f)];
        }
      }
    }
  }

  std::vector<double> pooled(int channels, const std::vector<double>& y) const {
    std::vector<double> out;
    for (int c = 0; c < channels; ++c) {
      for (int t = 0; t < frames_; ++t) {
        for (int f = 0; f + 1 < bins_; f += 2) {
          out.push_back(0.5 * (std::max(y[at(c, t, f)], 0.0) + std::max(y[at(c, t, f + 1)], 0.0)));
        }
      }
    }
    return out;
  }

  ReferenceNetwork plain_;
  int frames_, bins_;
};

/// Weights and input of a small network.
struct Subject {
  Subject(int frames, int bins, const PreEncoderConfig& pre_encoder) : n_frames(frames), n_bins(bins) {
    ModelConfig config = testing::tiny_perceiver();
    config.pre_encoder = pre_encoder;
    model = formula_model(config, 3);
    input = random_values(std::size_t(frames * bins), 8, 0.f, 1.f);
  }

  std::vector<float> run(Isa isa, Precision precision, int n_threads) const {
    const ResidualConv convolutions = make(isa, precision);
    ThreadTeam team(n_threads);
    return run(convolutions, {kernels_for(isa), team});
  }
  ResidualConv make(Isa isa, Precision precision) const {
    return {kernels_for(isa), model.config.pre_encoder, n_frames, n_bins, WeightReader(model.weights, "pre_encoder.0."),
            precision};
  }
  std::vector<float> run(const ResidualConv& convolutions, const Compute& compute) const {
    std::vector<float> out(std::size_t(n_frames * convolutions.n_bins_out() * model.config.pre_encoder.channels), NAN);
    convolutions.run(compute, input.data(), out.data());
    return out;
  }
  std::vector<double> expected() const {
    return ScalarBlocks(model, n_frames, n_bins).run(model.config.pre_encoder, input);
  }

  int n_frames, n_bins;
  Model model;
  std::vector<float> input;
};

PreEncoderConfig pre_encoder_of(int n_blocks, int channels, int kernel_t = 3, int kernel_f = 3) {
  PreEncoderConfig config;
  config.n_blocks = n_blocks;
  config.channels = channels;
  config.kernel_t = kernel_t;
  config.kernel_f = kernel_f;
  return config;
}

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const auto& [kt, kf] : {std::pair{3, 3}, {3, 1}, {1, 3}, {5, 3}, {3, 7}}) {
    // One channel; less than a block; whole blocks; a panel and a bit.
    for (const int channels : {1, 5, 16, 35}) all.emplace_back(10, 23, pre_encoder_of(2, channels, kt, kf));
  }
  // Frames and bins around the sizes of tiles, and several strips of frames.
  for (const int frames : {1, 3, 4, 6}) all.emplace_back(frames, 17 + frames, pre_encoder_of(1, 9));
  all.emplace_back(19, 1030, pre_encoder_of(2, 3));
  all.emplace_back(37, 600, pre_encoder_of(3, 2));
  return all;
}

std::string name_of(const Subject& subject) {
  const PreEncoderConfig& config = subject.model.config.pre_encoder;
  return fmt::format("{} x {}, {} blocks, {} maps, {} x {} frames and bins", config.kernel_t, config.kernel_f,
                     config.n_blocks, config.channels, subject.n_frames, subject.n_bins);
}

TEST(ResidualConv, EveryInstructionSetAgreesWithAScalarLoop) {
  for (const Subject& subject : subjects()) {
    const std::vector<double> expected = subject.expected();
    const std::vector<float> kept = subject.input;
    for (const Isa isa : supported_isas()) {
      const std::vector<float> found = subject.run(isa, Precision::kF32, 2);
      ASSERT_EQ(found.size(), expected.size());
      double largest = 1, worst = 0;
      for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_TRUE(std::isfinite(found[i])) << i;
        largest = std::max(largest, std::abs(expected[i]));
        worst = std::max(worst, std::abs(found[i] - expected[i]));
      }
      // A few layers of sums of some hundred terms, rounded some hundred times.
      EXPECT_LE(worst, 300 * 6e-8 * largest) << name_of(subject) << ", " << isa_name(isa);
      EXPECT_EQ(subject.input, kept) << "the input is the caller's";
    }
  }
}

/// Root mean square of the error over that of the values.
double relative_error(const std::vector<float>& found, const std::vector<double>& expected) {
  double error = 0, power = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    error += (found[i] - expected[i]) * (found[i] - expected[i]);
    power += expected[i] * expected[i];
  }
  return std::sqrt(error / power);
}

TEST(ResidualConv, LowPrecisionIsOffByRoundingsOfFactors) {
  const Subject subject(24, 40, pre_encoder_of(3, 48));
  const std::vector<double> expected = subject.expected();
  for (const Isa isa : supported_isas()) {
    const double bf16 = relative_error(subject.run(isa, Precision::kBf16, 2), expected);
    const double int8 = relative_error(subject.run(isa, Precision::kInt8, 2), expected);
    if (bf16_winograd(isa, false) == nullptr) {
      EXPECT_LE(bf16, 1e-6) << isa_name(isa) << " has no bfloat16: computed in float32";
      EXPECT_LE(int8, 1e-6) << isa_name(isa);
      continue;
    }
    // Half of 2^-8 at most for each factor makes 0.25 % of a sum in one layer; adding and subtracting transformed
    // factors 0.6 % with tiles of 2 x 4 outputs and 1 % with 4 x 4. Five such layers; shortcuts and pooling take away a
    // good part.
    EXPECT_LE(bf16, 0.01);
    EXPECT_LE(int8, 0.02);
    EXPECT_GE(bf16, 1e-4) << "not computed in bfloat16";
    EXPECT_GE(int8, 1e-4);
  }
}

TEST(ResidualConv, ThreadsAndCallersChangeNoBit) {
  const Subject subject(21, 200, pre_encoder_of(2, 24));
  for (const Isa isa : supported_isas()) {
    for (const Precision precision : {Precision::kF32, Precision::kBf16, Precision::kInt8}) {
      const std::vector<float> alone = subject.run(isa, precision, 1);
      for (const int n_threads : {2, 3, 7}) EXPECT_EQ(subject.run(isa, precision, n_threads), alone);

      const ResidualConv convolutions = subject.make(isa, precision);
      ThreadTeam team(2);
      const Compute compute{kernels_for(isa), team};
      std::vector<std::vector<float>> found(4);
      std::vector<std::thread> callers;
      for (auto& out : found) {
        // Twice, so that what a call leaves behind in a workspace is seen.
        callers.emplace_back([&] {
          subject.run(convolutions, compute);
          out = subject.run(convolutions, compute);
        });
      }
      for (std::thread& caller : callers) caller.join();
      for (const auto& out : found) EXPECT_EQ(out, alone);
    }
  }
}

}  // namespace
}  // namespace yourmt3
