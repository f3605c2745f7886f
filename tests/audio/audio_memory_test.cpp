#include <gtest/gtest.h>
#include <sys/resource.h>

#include "audio/audio_reader.h"
#include "audio/sound_file.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// `seconds` of a tone, written piece by piece.
void write_long_file(const std::filesystem::path& path, int format, int rate, int seconds) {
  SF_INFO info{};
  info.format = format;
  info.samplerate = rate;
  info.channels = 1;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  ASSERT_NE(file, nullptr);
  const std::vector<float> second = sine(441.0, 0.5, rate, static_cast<std::size_t>(rate));
  for (int s = 0; s < seconds; ++s) {
    ASSERT_EQ(sf_write_float(file, second.data(), rate), rate) << "is the disk full?";
  }
  sf_close(file);
}

/// Reads it all in segments; returns the number of samples.
std::size_t read_through(const std::filesystem::path& path) {
  AudioReader reader(path);
  std::vector<float> segment(32767);
  std::size_t n_samples = 0, n = 0;
  while ((n = reader.read(segment)) > 0) n_samples += n;
  return n_samples;
}

TEST(AudioMemory, DoesNotGrowWithTheLengthOfTheFile) {
  const TemporaryFolder folder;
  for (const auto& [name, format] :
       {std::pair{"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16}, std::pair{"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16}}) {
    constexpr int kShort = 60, kLong = 20 * 60;
    write_long_file(folder / name, format, 44100, kShort);
    EXPECT_EQ(read_through(folder / name), std::size_t{16000} * kShort);
    const long before = peak_kib();
    write_long_file(folder / name, format, 44100, kLong);
    EXPECT_EQ(read_through(folder / name), std::size_t{16000} * kLong);
    // The result alone would be 75 MiB, the decoded file 202 MiB.
    EXPECT_LT(peak_kib() - before, 8 * 1024) << name;
  }
}

}  // namespace
}  // namespace yourmt3::testing
