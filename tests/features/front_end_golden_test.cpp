#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <set>

#include "features/filterbank.h"
#include "features/front_end.h"
#include "support/golden.h"
#include "support/golden_model.h"

namespace yourmt3::testing {
namespace {

/// A float32 run of ours and one of the reference each err as much against the exact result; README of the recordings:
/// a fair test allows about four times the float32-to-float64 distance of the reference.
constexpr double kFairFactor = 4.0;

/// The front end of the full-size recording, from its own names.
FrontEndConfig full_size_config(const char* codec, const TensorView& audio) {
  const nlohmann::json recorded = golden_json("model/frontend-full/config.json").at(codec);
  FrontEndConfig config;
  config.codec = recorded.at("codec") == "melspec" ? FrontEndConfig::Codec::kMel : FrontEndConfig::Codec::kLinear;
  config.segment_samples = static_cast<int>(audio.shape.back());
  config.n_fft = recorded.at("n_fft");
  config.hop_length = recorded.at("hop_length");
  if (config.codec == FrontEndConfig::Codec::kMel) {
    config.n_mels = recorded.at("n_mels");
    config.f_min = recorded.at("f_min");
    config.f_max = recorded.at("f_max");
  }
  return config;
}

double full_size_tolerance(const char* codec) {
  return kFairFactor * golden_json("model/frontend-full/config.json").at(codec).at("max_abs_f32_vs_f64").get<double>();
}

/// The recorded non-zero weights of the mel bands: (bin, band) pairs and values.
struct RecordedBands {
  std::vector<std::int32_t> index;
  std::vector<float> value;

  explicit RecordedBands(const Weights& recording) : value(recording.tensors.at("mel_fb.value").to_f32()) {
    const TensorView& view = recording.tensors.at("mel_fb.index_bin_mel");
    EXPECT_EQ(view.dtype, DType::kI32);
    index.resize(view.bytes.size() / sizeof(std::int32_t));
    std::memcpy(index.data(), view.bytes.data(), view.bytes.size());
    EXPECT_EQ(index.size(), 2 * value.size());
  }
  int bin(std::size_t i) const { return index[2 * i]; }
  int band(std::size_t i) const { return index[2 * i + 1]; }
};

/// The largest distance of `front_end` from a recording, over all its segments.
double largest_difference(const FrontEnd& front_end, const TensorView& audio, const TensorView& expected) {
  EXPECT_EQ(expected.shape, (std::vector<std::int64_t>{audio.shape.front(), front_end.n_frames(), front_end.n_bins()}));
  EXPECT_EQ(audio.shape.back(), front_end.config().segment_samples);
  EXPECT_EQ(front_end.n_bins(), front_end.config().n_bins());
  const std::vector<float> samples = audio.to_f32(), recorded = expected.to_f32();
  std::vector<float> found(static_cast<std::size_t>(front_end.n_frames()) *
                           static_cast<std::size_t>(front_end.n_bins()));
  const std::size_t n_segments = static_cast<std::size_t>(audio.shape.front()), length = samples.size() / n_segments;
  double largest = 0;
  for (std::size_t b = 0; b < n_segments; ++b) {
    front_end.compute(std::span(samples).subspan(b * length, length), found);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_TRUE(std::isfinite(found[i])) << "segment " << b << ", value " << i;
      largest = std::max(largest, std::abs(double{found[i]} - recorded.at(b * found.size() + i)));
    }
  }
  return largest;
}

/// What bands of our own may add to the difference: the reference found that even a float64 construction changes the
/// spectrogram of music by 5e-5 and of sparse impulses by 5e-4; ours differs from its in far fewer roundings.
constexpr double kOwnMelBands = 5e-5;

TEST(FrontEndGolden, TheFullSizeSpectrogramsAgree) {
  const Weights recording = golden_tensors("model/frontend-full/golden.safetensors");
  const TensorView& audio = recording.tensors.at("audio");

  const FrontEnd linear(full_size_config("spec", audio));
  EXPECT_LE(largest_difference(linear, audio, recording.tensors.at("spec")), full_size_tolerance("spec"));

  const FrontEndConfig mel = full_size_config("melspec", audio);
  const RecordedBands bands(recording);
  const int n_bins = mel.n_fft / 2 + 1;
  std::vector<float> matrix(static_cast<std::size_t>(n_bins) * static_cast<std::size_t>(mel.n_mels), 0.f);
  for (std::size_t i = 0; i < bands.value.size(); ++i) {
    matrix.at(static_cast<std::size_t>(bands.bin(i) * mel.n_mels + bands.band(i))) = bands.value[i];
  }
  const FrontEnd stored(mel, Filterbank::from_matrix(matrix, n_bins, mel.n_mels));
  const TensorView& expected = recording.tensors.at("melspec");
  EXPECT_LE(largest_difference(stored, audio, expected), full_size_tolerance("melspec"));
  EXPECT_LE(largest_difference(FrontEnd(mel), audio, expected), full_size_tolerance("melspec") + kOwnMelBands);
}

TEST(FrontEndGolden, TheMelFilterBankAgrees) {
  const Weights recording = golden_tensors("model/frontend-full/golden.safetensors");
  const FrontEndConfig c = full_size_config("melspec", recording.tensors.at("audio"));
  const Filterbank bank = mel_filterbank(c.sample_rate, c.n_fft, c.n_mels, c.f_min, c.f_max);
  // The corners agree up to the last bit of 10^x, whose rounding differs between math libraries: 700 Hz times that bit,
  // against a width of the band that grows with 10^x as well; numerator and denominator may both be off.
  const double mel_step = 2595.0 / (c.n_mels + 1) * std::log10((700.0 + c.f_max) / (700.0 + c.f_min));
  const double tolerance = 2.0 * std::exp2(-23) / (mel_step * std::log(10.0) / 2595.0);
  const RecordedBands bands(recording);
  std::set<std::pair<int, int>> recorded;
  for (std::size_t i = 0; i < bands.value.size(); ++i) {
    recorded.insert({bands.bin(i), bands.band(i)});
    EXPECT_NEAR(bank.weight(bands.bin(i), bands.band(i)), bands.value[i], tolerance)
        << "bin " << bands.bin(i) << ", band " << bands.band(i);
  }
  for (int bin = 0; bin < bank.n_bins(); ++bin) {
    for (int band = 0; band < bank.n_bands(); ++band) {
      if (!recorded.contains({bin, band})) {
        EXPECT_NEAR(bank.weight(bin, band), 0.f, tolerance) << "bin " << bin << ", band " << band;
      }
    }
  }
}

TEST(FrontEndGolden, TheWindowAgrees) {
  const Weights recording = golden_tensors("model/frontend-full/golden.safetensors");
  const std::vector<float> expected = recording.tensors.at("window").to_f32();
  const std::vector<float> window = periodic_hann_window(static_cast<int>(expected.size()));
  for (std::size_t n = 0; n < window.size(); ++n) {
    EXPECT_NEAR(window[n], expected[n], 1.2e-7) << n;  // One float32 step below 1: cosines differ in their last bit.
  }
}

class SmallModel : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(FrontEndGolden, SmallModel, ::testing::ValuesIn(golden_model_folders()),
                         [](const auto& folder) {
                           std::string name = folder.param.substr(folder.param.find('/') + 1);
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

TEST_P(SmallModel, TheSpectrogramAgrees) {
  const Model model = golden_model(GetParam());
  const Weights recording = golden_tensors(GetParam() + "/golden.safetensors");
  const FrontEndConfig& config = model.config.front_end;
  const auto bands = model.weights.tensors.find("spectrogram.mel_stft.mel_scale.fb");
  const FrontEnd front_end =
      bands == model.weights.tensors.end()
          ? FrontEnd(config)
          : FrontEnd(config, Filterbank::from_matrix(bands->second.to_f32(), config.n_fft / 2 + 1, config.n_mels));
  const nlohmann::json tolerance = golden_json(GetParam() + "/tolerance.json").at("end_to_end_f32_vs_f64");
  EXPECT_LE(largest_difference(front_end, recording.tensors.at("audio"), recording.tensors.at("spectrogram")),
            kFairFactor * tolerance.at("spectrogram").at("max_abs").get<double>());
}

}  // namespace
}  // namespace yourmt3::testing
