#include "server/waveform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.h"
#include "support/wav_bytes.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

std::filesystem::path write(const testing::TemporaryFolder& folder, const std::string& bytes) {
  const auto path = folder / "recording";
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(Waveform, HasTheExtremesOfEveryHundredth) {
  const testing::TemporaryFolder folder;
  // Half a second of silence, then of a square wave whose halves are far longer than the resampler's filter.
  std::vector<float> samples(8000);
  for (std::size_t i = 4000; i < samples.size(); ++i) samples[i] = i / 400 % 2 == 0 ? 0.5f : -0.25f;
  const Waveform waveform =
      measure_waveform(write(folder, testing::wav_bytes(samples, testing::WavSample::kS16, 1, 8000)), 10);
  EXPECT_DOUBLE_EQ(waveform.duration_sec, 1);
  ASSERT_EQ(waveform.peaks.size(), 200u);
  const auto value = [&](std::size_t i) { return static_cast<int>(static_cast<signed char>(waveform.peaks[i])); };
  EXPECT_EQ(value(0), 0);
  EXPECT_EQ(value(1), 0);
  EXPECT_EQ(value(2 * 52), 64) << "lowest: 0.5 of 127, rounded";
  EXPECT_EQ(value(2 * 52 + 1), 64);
  EXPECT_EQ(value(2 * 57), -32);
  EXPECT_EQ(value(2 * 57 + 1), -32);
}

TEST(Waveform, RefusesRecordingsThatAreTooLongOrNone) {
  const testing::TemporaryFolder folder;
  const auto code_of = [&](const std::string& bytes, double max_sec) {
    try {
      measure_waveform(write(folder, bytes), max_sec);
    } catch (const Error& error) {
      return to_string(error.code());
    }
    return "accepted";
  };
  EXPECT_STREQ(code_of(testing::wav_bytes(testing::tones(2)), 2), "accepted");
  EXPECT_STREQ(code_of(testing::wav_bytes(testing::tones(2.1)), 2), "invalid_argument");
  EXPECT_STREQ(code_of("no sound at all", 2), "malformed");
  EXPECT_STREQ(code_of("", 2), "malformed");
}

TEST(Waveform, StopsWhenAsked) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(measure_waveform(write(folder, testing::wav_bytes(testing::tones(1))), 2, [] { return false; }), Error);
}

}  // namespace
}  // namespace yourmt3
