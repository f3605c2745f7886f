#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include "audio/audio_reader.h"
#include "audio/sound_file.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Opens `path` and expects an error with this code and all these words.
void expect_error(const std::filesystem::path& path, ErrorCode code, std::initializer_list<const char*> words,
                  AudioReader::Options options = {}) {
  try {
    const AudioReader reader(path, std::move(options));
    ADD_FAILURE() << path << " was read as " << reader.info().format;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    for (const char* word : words) EXPECT_THAT(error.what(), HasSubstr(word));
  }
}

struct Loaded {
  std::vector<float> samples;
  std::vector<std::string> warnings;
};

Loaded load_with_warnings(const std::filesystem::path& path) {
  Loaded loaded;
  AudioReader::Options options;
  options.log = [&](LogLevel level, std::string_view text) {
    EXPECT_EQ(level, LogLevel::kWarning);
    loaded.warnings.emplace_back(text);
  };
  loaded.samples = load_audio(path, options);
  return loaded;
}

TEST(DamagedAudio, MissingFilesAndFoldersAreNamed) {
  const TemporaryFolder folder;
  expect_error(folder / "missing.wav", ErrorCode::kNotFound, {"no such file"});
  std::ofstream(folder / "file") << "x";
  expect_error(folder / "file" / "below.wav", ErrorCode::kNotFound, {"no such file"});
  expect_error(folder.path(), ErrorCode::kInvalidArgument, {"is a folder"});
}

TEST(DamagedAudio, FilesThatCannotBeOpenedTellTheSystemsReason) {
  const TemporaryFolder folder;
  // Permissions do not stop a super-user, a link to itself stops everybody.
  std::filesystem::create_symlink(folder / "loop.wav", folder / "loop.wav");
  expect_error(folder / "loop.wav", ErrorCode::kIo, {"cannot be opened", "symbolic links"});
}

TEST(DamagedAudio, EmptyFilesAndFilesWithoutSamplesAreErrors) {
  const TemporaryFolder folder;
  std::ofstream(folder / "empty.wav").close();
  expect_error(folder / "empty.wav", ErrorCode::kMalformed, {"is empty (0 bytes)"});
  expect_error("/dev/null", ErrorCode::kMalformed, {"is empty (0 bytes)"});
  for (const int format : {SF_FORMAT_WAV, SF_FORMAT_AIFF, SF_FORMAT_CAF}) {
    write_sound_file(folder / "none", format | SF_FORMAT_PCM_16, 44100, 2, {});
    expect_error(folder / "none", ErrorCode::kMalformed, {"holds no samples"});
  }
}

TEST(DamagedAudio, TextAndNoiseUnderTheNameOfARecordingAreErrors) {
  const TemporaryFolder folder;
  AudioReader::Options without_ffmpeg;
  without_ffmpeg.ffmpeg.clear();
  for (int i = 0; i < 500; ++i)
    std::ofstream(folder / "text.mp3", std::ios::app) << "This is no music, line " << i << "\n";
  expect_error(folder / "text.mp3", ErrorCode::kUnsupported, {"not a recording", "libsndfile"}, without_ffmpeg);
  std::mt19937 random(3);
  std::ofstream noise(folder / "noise.wav", std::ios::binary);
  for (int i = 0; i < 10000; ++i) noise.put(static_cast<char>(random()));
  noise.close();
  expect_error(folder / "noise.wav", ErrorCode::kUnsupported, {"not a recording", "libsndfile"}, without_ffmpeg);
}

TEST(DamagedAudio, AHeaderThatIsCutIsAnError) {
  const TemporaryFolder folder;
  AudioReader::Options without_ffmpeg;
  without_ffmpeg.ffmpeg.clear();
  for (const std::uintmax_t size : {1u, 4u, 12u, 20u, 40u}) {
    write_sound_file(folder / "cut.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, sine(440, 0.5, 44100, 1000));
    std::filesystem::resize_file(folder / "cut.wav", size);
    expect_error(folder / "cut.wav", ErrorCode::kUnsupported, {"libsndfile"}, without_ffmpeg);
  }
}

TEST(DamagedAudio, AFileThatBreaksOffIsReadAsFarAsItGoesWithAWarning) {
  const TemporaryFolder folder;
  struct Case {
    const char* name;
    int format;
  };
  // Ogg pages hold about a second, and FLAC blocks 0.1 s.
  for (const auto& [name, format] :
       {Case{"cut.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16}, Case{"cut.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16},
        Case{"cut.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16}, Case{"cut.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III},
        Case{"cut.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS}, Case{"cut.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS}}) {
    const auto path = folder / name;
    std::mt19937 random(5);
    std::vector<float> samples(48000 * 10);
    for (float& v : samples)
      v = static_cast<float>(random() % 10000) * 1e-4f - 0.5f;  // Noise: equal bytes in equal time.
    write_sound_file(path, format, 48000, 1, samples);
    EXPECT_THAT(load_with_warnings(path).warnings, IsEmpty()) << name;

    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    const Loaded loaded = load_with_warnings(path);
    EXPECT_THAT(loaded.warnings, ElementsAre(AllOf(HasSubstr(path.string()), HasSubstr("breaks off after")))) << name;
    EXPECT_NEAR(static_cast<double>(loaded.samples.size()) / 16000, 5.0, 1.5) << name;
  }
}

TEST(DamagedAudio, AWavFileThatWasWrittenIntoAPipeIsWhole) {
  const TemporaryFolder folder;
  const auto path = folder / "stream.wav";
  write_sound_file(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, sine(440, 0.5, 16000, 8000));
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(40);  // The length of the data: not known.
  file.write("\xff\xff\xff\xff", 4);
  file.close();
  const Loaded loaded = load_with_warnings(path);
  EXPECT_EQ(loaded.samples.size(), 8000u);
  EXPECT_THAT(loaded.warnings, IsEmpty());
}

TEST(DamagedAudio, ADamagedMiddleEndsTheFileWithAWarning) {
  const TemporaryFolder folder;
  const auto path = folder / "hole.flac";
  std::mt19937 random(6);
  std::vector<float> samples(44100 * 4);
  for (float& v : samples) v = static_cast<float>(random() % 10000) * 1e-4f - 0.5f;
  write_sound_file(path, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 1, samples);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
  for (int i = 0; i < 30000; ++i) file.put('\0');
  file.close();
  const Loaded loaded = load_with_warnings(path);
  EXPECT_GT(loaded.samples.size(), 16000u);
  EXPECT_THAT(loaded.warnings, ElementsAre(HasSubstr(path.string())));
}

TEST(DamagedAudio, SamplesThatAreNotFiniteBecomeZeroWithAWarning) {
  const TemporaryFolder folder;
  const auto path = folder / "nan.wav";
  std::vector<float> samples(16000, 0.25f);
  samples[4000] = std::numeric_limits<float>::quiet_NaN();
  samples[4001] = std::numeric_limits<float>::infinity();
  samples[9000] = -std::numeric_limits<float>::infinity();
  write_sound_file(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 16000, 1, samples);
  const Loaded loaded = load_with_warnings(path);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(loaded.samples.at(i), i == 4000 || i == 4001 || i == 9000 ? 0.f : 0.25f) << i;
  }
  EXPECT_THAT(loaded.warnings, ElementsAre(AllOf(HasSubstr("3 samples are not finite"), HasSubstr("0.250 s"))));
}

TEST(DamagedAudio, AbsurdlyLargeSamplesBecomeZeroSoThatNoSumOverflows) {
  const TemporaryFolder folder;
  const auto path = folder / "huge.wav";
  std::vector<float> samples(44100 * 2, 3e38f);
  std::fill(samples.begin(), samples.begin() + 200, 2e9f);  // Integers in a float file: unusual, but music.
  write_sound_file(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 2, samples);
  const Loaded loaded = load_with_warnings(path);
  for (const float v : loaded.samples) ASSERT_TRUE(std::isfinite(v));
  EXPECT_GT(loaded.samples[10], 1e9f);
  EXPECT_THAT(loaded.warnings, ElementsAre(HasSubstr("88000 samples are not finite or beyond 1e12")));
}

TEST(DamagedAudio, AFileOfNothingButNansIsSilence) {
  const TemporaryFolder folder;
  const std::vector<float> samples(44100, std::numeric_limits<float>::quiet_NaN());
  write_sound_file(folder / "nan.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 1, samples);
  EXPECT_THAT(load_with_warnings(folder / "nan.wav").samples, ::testing::Each(0.f));
}

TEST(DamagedAudio, AnAbsurdSampleRateIsAnError) {
  const TemporaryFolder folder;
  write_sound_file(folder / "a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 5, 1, sine(1, 0.5, 5, 100));
  expect_error(folder / "a.wav", ErrorCode::kMalformed, {"sample rate of 5 Hz"});
  write_sound_file(folder / "a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2000000000, 1, sine(1, 0.5, 5, 100));
  expect_error(folder / "a.wav", ErrorCode::kMalformed, {"sample rate of 2000000000 Hz"});
}

}  // namespace
}  // namespace yourmt3::testing
