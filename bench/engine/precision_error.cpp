// How far the stages of a network are from float32 when their products are computed in fewer bits.
//
//     precision_error [MODEL|VARIANT] [SEGMENTS] [TOKENS]
//
// MODEL is a file; VARIANT a published network, which gets random weights. The input is noise under chords of
// harmonic tones; the decoder reads what float32 wrote, at most TOKENS tokens of each channel, so that errors do not
// add up over tokens. Prints the root mean square of each stage's error over that of its values, and the share of
// tokens for which the same one comes first.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "measure/random_model.h"
#include "model/model_config.h"
#include "model/weights.h"

namespace yourmt3 {
namespace {

/// A chord of four tones with eight harmonics every half second, and a little noise.
std::vector<float> chords(std::size_t n_samples, int sample_rate) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> pitches(40, 84);
  std::uniform_real_distribution<float> noise(-0.003f, 0.003f);
  std::vector<float> samples(n_samples);
  const auto step = static_cast<std::size_t>(sample_rate / 2);
  for (std::size_t start = 0; start < n_samples; start += step) {
    for (int tone = 0; tone < 4; ++tone) {
      const double hz = 440 * std::exp2((pitches(random) - 69) / 12.0);
      for (int harmonic = 1; harmonic <= 8 && hz * harmonic < sample_rate / 2.0; ++harmonic) {
        for (std::size_t i = start; i < std::min(start + step, n_samples); ++i) {
          const double t = static_cast<double>(i - start) / sample_rate;
          samples[i] += static_cast<float>(0.2 / harmonic * std::exp(-3 * t * harmonic) *
                                           std::sin(2 * std::numbers::pi * hz * harmonic * t));
        }
      }
    }
  }
  for (float& sample : samples) sample += noise(random);
  return samples;
}

double relative_error(const std::vector<float>& values, const std::vector<float>& exact) {
  double error = 0, size = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    error += std::pow(double(values[i]) - exact[i], 2);
    size += std::pow(double(exact[i]), 2);
  }
  return std::sqrt(error / size);
}

/// What each stage makes of the same input.
struct Stages {
  std::vector<float> pre_encoded, encoded, memory, logits;
};

Stages run(const Engine& engine, const std::vector<float>& spectrogram, int n_segments,
           std::span<const std::int32_t> inputs, int n_rows) {
  Stages stages;
  stages.pre_encoded = engine.pre_encode(spectrogram, n_segments);
  stages.encoded = engine.encode_features(stages.pre_encoded, n_segments);
  stages.memory = engine.pre_decode(stages.encoded, n_segments);
  if (!inputs.empty()) stages.logits = engine.decoder_logits(inputs, stages.memory, n_rows);
  return stages;
}

int compare(const std::string& name, int n_segments, int n_tokens) {
  const Model model = std::filesystem::exists(name) ? load_model(name) : random_model(published_config(name), 1);
  const ModelConfig& config = model.config;
  const int n_rows = n_segments * config.decoder.n_channels, n_words = config.decoder.vocab_size;
  const Engine exact(model, {.precision = Precision::kF32});
  const std::vector<float> samples =
      chords(static_cast<std::size_t>(n_segments) * static_cast<std::size_t>(config.front_end.segment_samples),
             config.front_end.sample_rate);
  const std::vector<float> spectrogram = exact.spectrogram(samples, n_segments);

  // The start token and what float32 writes after it; rows that end early repeat their last token.
  const auto written = exact.decode(exact.encode(samples, n_segments), nullptr, n_tokens);
  std::vector<std::int32_t> inputs;
  for (const auto& row : written) {
    inputs.push_back(0);
    for (int i = 0; i + 1 < n_tokens; ++i) inputs.push_back(row[std::min<std::size_t>(i, row.size() - 1)]);
  }
  const Stages reference = run(exact, spectrogram, n_segments, inputs, n_rows);

  fmt::print("{}: {} segments, {} rows of {} tokens\n\n", name, n_segments, n_rows, n_tokens);
  fmt::print("| precision | pre-encoder | encoder | decoder memory | logits | same token first |\n");
  fmt::print("|---|---:|---:|---:|---:|---:|\n");
  for (const Precision precision : {Precision::kBf16, Precision::kInt8}) {
    const Engine engine(model, {.precision = precision});
    const Stages found = run(engine, spectrogram, n_segments, inputs, n_rows);
    int n_same = 0, n_all = 0;
    for (std::size_t row = 0; row < written.size(); ++row) {
      for (std::size_t i = 0; i < written[row].size(); ++i, ++n_all) {
        const auto first_of = [&](const std::vector<float>& logits) {
          const auto at = logits.begin() + static_cast<std::ptrdiff_t>((row * n_tokens + i) * n_words);
          return std::max_element(at, at + n_words) - at;
        };
        n_same += first_of(reference.logits) == first_of(found.logits);
      }
    }
    fmt::print("| {} | {:.2e} | {:.2e} | {:.2e} | {:.2e} | {} of {} |\n", precision_name(precision),
               relative_error(found.pre_encoded, reference.pre_encoded),
               relative_error(found.encoded, reference.encoded), relative_error(found.memory, reference.memory),
               relative_error(found.logits, reference.logits), n_same, n_all);
  }
  return 0;
}

}  // namespace
}  // namespace yourmt3

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "yptf-moe-multi-nops";
  return yourmt3::compare(name, argc > 2 ? std::atoi(argv[2]) : 4, argc > 3 ? std::atoi(argv[3]) : 32);
}
