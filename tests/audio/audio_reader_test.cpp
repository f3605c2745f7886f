#include "audio/audio_reader.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "audio/sound_file.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

constexpr int kWav16 = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
constexpr int kWavFloat = SF_FORMAT_WAV | SF_FORMAT_FLOAT;

struct Format {
  const char* extension;
  int format;
  int sample_rate;
  double noise;  // Root mean square that the encoding may add to a sine of 0.5.
};

void PrintTo(const Format& format, std::ostream* out) {
  *out << format.extension;
}

class EveryFormat : public ::testing::TestWithParam<Format> {};
INSTANTIATE_TEST_SUITE_P(AudioReader, EveryFormat,
                         ::testing::Values(
                             // A step of b bits is 2^(1-b), its rounding error a root mean square of step / sqrt(12);
                             // twice that is allowed, and 4e-6 for the resampler.
                             Format{"u8.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 44100, 4.6e-3},
                             Format{"16.wav", kWav16, 44100, 2.2e-5},
                             Format{"24.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 44100, 4e-6},
                             Format{"32.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 48000, 4e-6},
                             Format{"f32.wav", kWavFloat, 44100, 4e-6},
                             Format{"f64.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 96000, 4e-6},
                             Format{"w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, 44100, 2.2e-5},
                             Format{"aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 22050, 2.2e-5},
                             Format{"au", SF_FORMAT_AU | SF_FORMAT_PCM_16, 32000, 2.2e-5},
                             Format{"caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16, 44100, 2.2e-5},
                             Format{"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 2.2e-5},
                             // Lossy codecs at their usual quality: 40 dB below a pure tone.
                             Format{"ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 3.5e-3},
                             Format{"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, 3.5e-3},
                             Format{"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, 3.5e-3}));

TEST_P(EveryFormat, KeepsTheSoundAndItsLength) {
  const TemporaryFolder folder;
  const auto path = folder / (std::string("tone.") + GetParam().extension);
  const int rate = GetParam().sample_rate;
  const std::vector<float> mono = sine(440.0, 0.5, rate, static_cast<std::size_t>(rate) * 2);
  std::vector<float> stereo;
  for (const float v : mono) stereo.insert(stereo.end(), {v, v});
  write_sound_file(path, GetParam().format, rate, 2, stereo);

  std::vector<std::string> warnings;
  AudioReader::Options options;
  options.log = [&](LogLevel, std::string_view text) { warnings.emplace_back(text); };
  AudioReader reader(path, options);
  EXPECT_EQ(reader.info().sample_rate, rate);
  EXPECT_EQ(reader.info().n_channels, 2);
  EXPECT_FALSE(reader.info().format.empty());
  EXPECT_NEAR(reader.info().duration_sec.value_or(-1), 2.0, 0.05);  // An MP3 frame is 26 ms long.

  const std::vector<float> samples = load_audio(path, options);
  EXPECT_NEAR(static_cast<double>(samples.size()), 32000.0, 0.05 * 16000);
  const SineFit fit = fit_sine(std::span(samples).subspan(4000, 24000), 440.0, 16000, 4000);
  EXPECT_NEAR(fit.amplitude, 0.5, 0.01);
  EXPECT_LT(fit.residual, GetParam().noise);
  EXPECT_THAT(warnings, ::testing::IsEmpty());
}

TEST(AudioReader, AveragesTheChannels) {
  const TemporaryFolder folder;
  constexpr std::size_t kChannels = 8, kFrames = 30000;
  std::vector<float> samples(kChannels * kFrames);
  for (std::size_t i = 0; i < kFrames; ++i) {
    for (std::size_t c = 0; c < kChannels; ++c)
      samples[i * kChannels + c] = i % 3 == 0 ? 0.1f * static_cast<float>(c) : 0.f;
  }
  write_sound_file(folder / "8.wav", kWavFloat, 16000, kChannels, samples);
  const std::vector<float> mono = load_audio(folder / "8.wav");
  ASSERT_EQ(mono.size(), kFrames);
  for (std::size_t i = 0; i < kFrames; ++i) ASSERT_NEAR(mono[i], i % 3 == 0 ? 0.35 : 0.0, 1e-7) << i;
}

TEST(AudioReader, ReadsAnyRateAsSixteenKilohertz) {
  const TemporaryFolder folder;
  for (const int rate : {8000, 11025, 16000, 44100, 96000, 192000}) {
    const std::size_t n = static_cast<std::size_t>(rate) / 3;
    write_sound_file(folder / "a.wav", kWav16, rate, 1, sine(500.0, 0.25, rate, n));
    const std::vector<float> samples = load_audio(folder / "a.wav");
    EXPECT_NEAR(static_cast<double>(samples.size()), std::round(static_cast<double>(n) * 16000 / rate), 1.0) << rate;
    const SineFit fit = fit_sine(std::span(samples).subspan(1000, 3000), 500.0, 16000, 1000);
    EXPECT_NEAR(fit.amplitude, 0.25, 1e-3) << rate;
  }
}

TEST(AudioReader, ReadsAnotherRateWhenAskedTo) {
  const TemporaryFolder folder;
  write_sound_file(folder / "a.wav", kWav16, 44100, 1, sine(500.0, 0.25, 44100, 44100));
  AudioReader::Options options;
  options.sample_rate = 22050;
  EXPECT_EQ(load_audio(folder / "a.wav", options).size(), 22050u);
  options.sample_rate = 0;
  EXPECT_THROW(load_audio(folder / "a.wav", options), Error);
}

TEST(AudioReader, ReadsOneSample) {
  const TemporaryFolder folder;
  for (const int rate : {8000, 16000, 44100, 192000}) {
    write_sound_file(folder / "one.wav", kWavFloat, rate, 1, std::vector<float>{0.5f});
    EXPECT_EQ(load_audio(folder / "one.wav").size(), rate == 8000 ? 2u : 1u) << rate;
  }
  write_sound_file(folder / "one.wav", kWavFloat, 16000, 2, std::vector<float>{0.5f, 0.25f});
  EXPECT_THAT(load_audio(folder / "one.wav"), ::testing::ElementsAre(0.375f));
}

TEST(AudioReader, ReadsSilenceAsZeros) {
  const TemporaryFolder folder;
  write_sound_file(folder / "silent.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 2, std::vector<float>(88200));
  const std::vector<float> samples = load_audio(folder / "silent.flac");
  EXPECT_EQ(samples.size(), 16000u);
  EXPECT_THAT(samples, ::testing::Each(0.f));
}

TEST(AudioReader, GivesTheSameInPiecesAsWhole) {
  const TemporaryFolder folder;
  write_sound_file(folder / "a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 1, sine(440.0, 0.5, 44100, 150001));
  const std::vector<float> whole = load_audio(folder / "a.flac");
  for (const std::size_t piece : {1u, 1000u, 32767u, 1000000u}) {
    AudioReader reader(folder / "a.flac");
    std::vector<float> samples, buffer(piece);
    std::size_t n = 0;
    while ((n = reader.read(buffer)) > 0) {
      samples.insert(samples.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
      if (n < piece) {
        EXPECT_EQ(reader.read(buffer), 0u) << "fewer than asked for is the end";
      }
    }
    EXPECT_EQ(samples, whole) << piece;
  }
}

TEST(AudioReader, MovesToAnotherOwner) {
  const TemporaryFolder folder;
  write_sound_file(folder / "a.wav", kWav16, 16000, 1, sine(440.0, 0.5, 16000, 1000));
  AudioReader first(folder / "a.wav");
  AudioReader second(std::move(first));
  std::vector<float> buffer(2000);
  EXPECT_EQ(second.read(buffer), 1000u);
}

/// A pipe into which a thread writes `bytes`.
class FilledPipe {
 public:
  explicit FilledPipe(std::string bytes) {
    if (::pipe(ends_) != 0) throw std::runtime_error("no pipe");
    writer_ = std::thread([this, bytes = std::move(bytes)] {
      std::size_t n_written = 0;
      while (n_written < bytes.size()) {
        const ssize_t n =
            ::write(ends_[1], bytes.data() + n_written, std::min<std::size_t>(bytes.size() - n_written, 999));
        if (n <= 0) break;
        n_written += static_cast<std::size_t>(n);
      }
      ::close(ends_[1]);
    });
  }
  ~FilledPipe() {
    ::close(ends_[0]);
    writer_.join();
  }
  int descriptor() const { return ends_[0]; }

 private:
  int ends_[2] = {-1, -1};
  std::thread writer_;
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> read_descriptor(int descriptor, AudioReader::Options options = {}) {
  AudioReader reader = AudioReader::from_descriptor(descriptor, "(stdin)", std::move(options));
  std::vector<float> samples(1 << 20);
  samples.resize(reader.read(samples));
  return samples;
}

TEST(AudioReader, ReadsAPipeAsTheFile) {
  const TemporaryFolder folder;
  for (const auto& [name, format] : {std::pair{"a.wav", kWav16}, std::pair{"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
                                     std::pair{"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
                                     std::pair{"a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}}) {
    write_sound_file(folder / name, format, 44100, 1, sine(440.0, 0.5, 44100, 100000));
    const FilledPipe pipe(bytes_of(folder / name));
    EXPECT_EQ(read_descriptor(pipe.descriptor()), load_audio(folder / name)) << name;
  }
}

TEST(AudioReader, ReadsANamedPipeByItsPath) {
  const TemporaryFolder folder;
  write_sound_file(folder / "a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 1, sine(440.0, 0.5, 44100, 100000));
  const FilledPipe pipe(bytes_of(folder / "a.flac"));
  EXPECT_EQ(load_audio("/dev/fd/" + std::to_string(pipe.descriptor())), load_audio(folder / "a.flac"));
}

TEST(AudioReader, ReadsTheRestOfAFileThatIsPartlyRead) {
  const TemporaryFolder folder;
  write_sound_file(folder / "a.wav", kWav16, 16000, 1, sine(440.0, 0.5, 16000, 5000));
  std::ofstream(folder / "joined", std::ios::binary) << "line\n" << bytes_of(folder / "a.wav");
  const int descriptor = ::open((folder / "joined").c_str(), O_RDONLY);
  ASSERT_EQ(::lseek(descriptor, 5, SEEK_SET), 5);
  EXPECT_EQ(read_descriptor(descriptor), load_audio(folder / "a.wav"));
  EXPECT_EQ(::close(descriptor), 0) << "the descriptor stays the caller's";
}

TEST(AudioReader, StopsWaitingForAPipeWhenAskedTo) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  int n_asked = 0;
  AudioReader::Options options;
  options.keep_going = [&] { return ++n_asked < 3; };
  try {
    AudioReader::from_descriptor(ends[0], "(stdin)", options);
    ADD_FAILURE() << "there was nothing to read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace yourmt3::testing
