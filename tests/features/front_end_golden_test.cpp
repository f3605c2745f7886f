#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "features/filterbank.h"
#include "features/front_end.h"
#include "support/golden.h"
#include "support/golden_tensors.h"

namespace yourmt3::testing {
namespace {

/// A float32 run of ours and one of the reference each err as much against the exact result; README of the recordings:
/// a fair test allows about four times the float32-to-float64 distance of the reference.
constexpr double kFairFactor = 4.0;

/// From the recording's own names to ours.
FrontEndConfig config_from_recording(const nlohmann::json& audio, int segment_samples) {
  FrontEndConfig config;
  config.codec = audio.at("codec") == "melspec" ? FrontEndConfig::Codec::kMel : FrontEndConfig::Codec::kLinear;
  config.segment_samples = segment_samples;
  config.n_fft = audio.at("n_fft");
  config.hop_length = audio.at("hop_length");
  config.sample_rate = audio.value("sample_rate", config.sample_rate);
  config.n_mels = audio.value("n_mels", config.n_mels);
  config.f_min = audio.value("f_min", config.f_min);
  config.f_max = audio.value("f_max", config.f_max);
  return config;
}

/// The largest distance of `front_end` from a recording, over all its segments.
double largest_difference(const FrontEnd& front_end, const GoldenTensor& audio, const GoldenTensor& expected) {
  const std::size_t samples = audio.shape.back();
  const std::size_t frames = static_cast<std::size_t>(front_end.n_frames());
  const std::size_t bins = static_cast<std::size_t>(front_end.n_bins());
  EXPECT_EQ(expected.shape, (std::vector<std::size_t>{audio.shape[0], frames, bins}));
  std::vector<float> found(frames * bins);
  double largest = 0;
  for (std::size_t b = 0; b < audio.shape[0]; ++b) {
    front_end.compute(std::span(audio.values).subspan(b * samples, samples), found);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_TRUE(std::isfinite(found[i])) << "segment " << b << ", value " << i;
      largest = std::max(largest, std::abs(double{found[i]} - expected.values.at(b * found.size() + i)));
    }
  }
  return largest;
}

/// What bands of our own may add to the difference: the reference found that even a float64 construction changes the
/// spectrogram of music by 5e-5 and of sparse impulses by 5e-4; ours differs from its in far fewer roundings.
constexpr double kOwnMelBands = 5e-5;

TEST(FrontEndGolden, TheFullSizeSpectrogramsAgree) {
  const nlohmann::json config = golden_json("model/frontend-full/config.json");
  const auto tensors = golden_tensors("model/frontend-full/golden.safetensors");
  const GoldenTensor& audio = tensors.at("audio");
  const int samples = static_cast<int>(audio.shape.back());
  const auto tolerance = [&](const char* name) {
    return kFairFactor * config.at(name).at("max_abs_f32_vs_f64").get<double>();
  };

  const FrontEnd linear(config_from_recording(config.at("spec"), samples));
  EXPECT_LE(largest_difference(linear, audio, tensors.at("spec")), tolerance("spec"));

  const FrontEndConfig c = config_from_recording(config.at("melspec"), samples);
  const GoldenTensor& index = tensors.at("mel_fb.index_bin_mel");
  const GoldenTensor& value = tensors.at("mel_fb.value");
  std::vector<float> matrix(static_cast<std::size_t>((c.n_fft / 2 + 1) * c.n_mels), 0.f);
  for (std::size_t i = 0; i < value.values.size(); ++i) {
    matrix.at(static_cast<std::size_t>(index.values[2 * i] * static_cast<float>(c.n_mels) + index.values[2 * i + 1])) =
        value.values[i];
  }
  const FrontEnd stored(c, Filterbank::from_matrix(matrix, c.n_fft / 2 + 1, c.n_mels));
  EXPECT_LE(largest_difference(stored, audio, tensors.at("melspec")), tolerance("melspec"));
  EXPECT_LE(largest_difference(FrontEnd(c), audio, tensors.at("melspec")), tolerance("melspec") + kOwnMelBands);
}

TEST(FrontEndGolden, TheMelFilterBankAgrees) {
  const nlohmann::json config = golden_json("model/frontend-full/config.json").at("melspec");
  const auto tensors = golden_tensors("model/frontend-full/golden.safetensors");
  const FrontEndConfig c = config_from_recording(config, 32767);
  const Filterbank bank = mel_filterbank(c.sample_rate, c.n_fft, c.n_mels, c.f_min, c.f_max);
  const GoldenTensor& index = tensors.at("mel_fb.index_bin_mel");
  const GoldenTensor& value = tensors.at("mel_fb.value");
  // The corners agree up to the last bit of 10^x, whose rounding differs between math libraries: 700 Hz times that bit,
  // against a width of the band that grows with 10^x as well; numerator and denominator may both be off.
  const double mel_step = 2595.0 / (c.n_mels + 1) * std::log10((700.0 + c.f_max) / (700.0 + c.f_min));
  const double tolerance = 2.0 * std::exp2(-23) / (mel_step * std::log(10.0) / 2595.0);
  std::set<std::pair<int, int>> recorded;
  for (std::size_t i = 0; i < value.values.size(); ++i) {
    const int bin = static_cast<int>(index.values[2 * i]), mel = static_cast<int>(index.values[2 * i + 1]);
    recorded.insert({bin, mel});
    EXPECT_NEAR(bank.weight(bin, mel), value.values[i], tolerance) << "bin " << bin << ", band " << mel;
  }
  for (int bin = 0; bin < bank.n_bins(); ++bin) {
    for (int mel = 0; mel < bank.n_bands(); ++mel) {
      if (!recorded.contains({bin, mel})) {
        EXPECT_NEAR(bank.weight(bin, mel), 0.f, tolerance) << "bin " << bin << ", band " << mel;
      }
    }
  }
}

TEST(FrontEndGolden, TheWindowAgrees) {
  const auto tensors = golden_tensors("model/frontend-full/golden.safetensors");
  const GoldenTensor& expected = tensors.at("window");
  const std::vector<float> window = periodic_hann_window(static_cast<int>(expected.values.size()));
  for (std::size_t n = 0; n < window.size(); ++n) {
    EXPECT_NEAR(window[n], expected.values[n], 1.2e-7) << n;  // One float32 step below 1: theirs uses float32 cosines.
  }
}

TEST(FrontEndGolden, TheSpectrogramsOfAllSmallModelsAgree) {
  int n_models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(golden_dir() / "model")) {
    const std::string folder = "model/" + entry.path().filename().string();
    if (!golden_exists(folder + "/tolerance.json")) continue;
    SCOPED_TRACE(folder);
    const auto tensors = golden_tensors(folder + "/golden.safetensors");
    const auto weights = golden_tensors(folder + "/weights.safetensors");
    const nlohmann::json tolerance = golden_json(folder + "/tolerance.json");
    const nlohmann::json audio = golden_json(folder + "/config.json").at("audio");
    const FrontEndConfig config = config_from_recording(audio, audio.at("input_frames").get<int>());
    const auto stored = weights.find("spectrogram.mel_stft.mel_scale.fb");
    const FrontEnd front_end =
        stored == weights.end()
            ? FrontEnd(config)
            : FrontEnd(config, Filterbank::from_matrix(stored->second.values, config.n_fft / 2 + 1, config.n_mels));
    EXPECT_LE(largest_difference(front_end, tensors.at("audio"), tensors.at("spectrogram")),
              kFairFactor * tolerance.at("end_to_end_f32_vs_f64").at("spectrogram").at("max_abs").get<double>());
    ++n_models;
  }
  EXPECT_GT(n_models, 0);
}

}  // namespace
}  // namespace yourmt3::testing
