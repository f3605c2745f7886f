#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "audio/audio_reader.h"
#include "audio/sound_file.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool have_ffmpeg() {
  return std::system("ffmpeg -version > /dev/null 2>&1") == 0;
}

std::size_t n_open_files() {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++n;
  return n;
}

/// Something that libsndfile does not know.
std::filesystem::path unknown_file(const TemporaryFolder& folder) {
  const auto path = folder / "unknown.bin";
  std::ofstream(path) << "neither this nor that, but long enough to be looked at";
  return path;
}

/// A program that takes ffmpeg's place.
std::string stand_in(const TemporaryFolder& folder, const std::string& commands) {
  const auto path = folder / "ffmpeg";
  std::ofstream(path) << "#!/bin/sh\n" << commands << "\n";
  ::chmod(path.c_str(), 0755);
  return path.string();
}

// .snd, offset 24, length not known, float32, 16000 Hz, one channel.
const std::string kHeader =
    R"(printf '.snd\000\000\000\030\377\377\377\377\000\000\000\006\000\000\076\200\000\000\000\001')";
// 1.0 as a big-endian float, 4000 times.
const std::string kOneQuarterSecond =
    R"(i=0; while [ $i -lt 400 ]; do printf '\077\200\000\000\077\200\000\000\077\200\000\000\077\200\000\000\077\200\000\000\077\200\000\000\077\200\000\000\077\200\000\000\077\200\000\000\077\200\000\000'; i=$((i+1)); done)";

AudioReader::Options options_with(const std::string& ffmpeg, std::vector<std::string>* warnings = nullptr) {
  AudioReader::Options options;
  options.ffmpeg = ffmpeg;
  if (warnings != nullptr) options.log = [=](LogLevel, std::string_view text) { warnings->emplace_back(text); };
  return options;
}

std::string error_of(const std::filesystem::path& path, AudioReader::Options options, ErrorCode code) {
  try {
    load_audio(path, std::move(options));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(FfmpegSource, ReadsWhatLibsndfileCannot) {
  if (!have_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TemporaryFolder folder;
  const std::vector<float> tone = sine(440.0, 0.5, 44100, 44100 * 3);
  write_sound_file(folder / "tone.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, tone);
  const std::string to = "cd " + folder.path().string() + " && ffmpeg -nostdin -v error -i tone.wav ";
  // Names that look like an option, an address and a pattern; and the sound of a video.
  for (const std::string name : {"tone.m4a", "./-i.m4a", "./http:tone.mp4", "./a%03d.wma", "tone.aac", "tone.ac3"}) {
    ASSERT_EQ(std::system((to + "'file:" + name + "'").c_str()), 0) << name;
    const std::vector<float> samples = load_audio(folder / name);
    EXPECT_NEAR(static_cast<double>(samples.size()), 48000.0, 0.1 * 16000) << name;
    const SineFit fit = fit_sine(std::span(samples).subspan(8000, 32000), 440.0, 16000);
    EXPECT_NEAR(fit.amplitude, 0.5, 0.02) << name;
    EXPECT_LT(fit.residual, 0.01) << name;
  }
  ASSERT_EQ(std::system((to + "-f lavfi -i testsrc=size=64x64:duration=3 -ac 2 video.mkv").c_str()), 0);
  AudioReader video(folder / "video.mkv");
  EXPECT_EQ(video.info().n_channels, 2);
  EXPECT_EQ(video.info().sample_rate, 44100);
  EXPECT_THAT(video.info().format, HasSubstr("ffmpeg"));
  EXPECT_NEAR(video.info().duration_sec.value_or(-1), 3.0, 0.1);
}

TEST(FfmpegSource, SaysThatAVideoWithoutSoundHasNone) {
  if (!have_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TemporaryFolder folder;
  const auto path = folder / "silent.mkv";
  ASSERT_EQ(
      std::system(("ffmpeg -nostdin -v error -f lavfi -i testsrc=size=64x64:duration=1 " + path.string()).c_str()), 0);
  EXPECT_THAT(error_of(path, {}, ErrorCode::kMalformed), HasSubstr("it has no sound"));
}

TEST(FfmpegSource, RefusesTextWithBothReasons) {
  if (!have_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TemporaryFolder folder;
  std::ofstream(folder / "song.mp3") << std::string(5000, 'x');
  EXPECT_THAT(error_of(folder / "song.mp3", {}, ErrorCode::kMalformed),
              AllOf(HasSubstr("song.mp3: not a recording"), HasSubstr("libsndfile: "), HasSubstr("ffmpeg: ")));
}

TEST(FfmpegSource, APlaylistCannotMakeItReadOtherFiles) {
  if (!have_ffmpeg()) GTEST_SKIP() << "ffmpeg is not installed";
  const TemporaryFolder folder;
  write_sound_file(folder / "secret.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, sine(440.0, 0.5, 16000, 16000));
  std::ofstream(folder / "list.m4a") << "ffconcat version 1.0\nfile '" << (folder / "secret.wav").string() << "'\n";
  error_of(folder / "list.m4a", {}, ErrorCode::kMalformed);
  ASSERT_EQ(std::system(("ffmpeg -nostdin -v error -i " + (folder / "secret.wav").string() + " " +
                         (folder / "secret.mp3").string())
                            .c_str()),
            0);
  std::ofstream(folder / "stream.m4a") << "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
                                       << (folder / "secret.mp3").string() << "\n#EXT-X-ENDLIST\n";
  error_of(folder / "stream.m4a", {}, ErrorCode::kMalformed);
}

TEST(FfmpegSource, SaysThatInstallingItWouldHelp) {
  const TemporaryFolder folder;
  const std::string message = error_of(unknown_file(folder), options_with("/nowhere/ffmpeg"), ErrorCode::kUnsupported);
  EXPECT_THAT(message, AllOf(HasSubstr("unknown.bin"), HasSubstr("install ffmpeg")));
}

TEST(FfmpegSource, TakesTheSamplesOfItsOutput) {
  const TemporaryFolder folder;
  const std::string program = stand_in(folder,
                                       "echo '  Duration: 00:01:02.50, start: 0' >&2; "
                                       "echo '  Stream #0:0: Audio: aac (LC), 16000 Hz, mono' >&2; " +
                                           kHeader + "; " + kOneQuarterSecond);
  std::vector<std::string> warnings;
  AudioReader reader(unknown_file(folder), options_with(program, &warnings));
  EXPECT_EQ(reader.info().format, "aac (ffmpeg)");
  EXPECT_EQ(reader.info().sample_rate, 16000);
  EXPECT_EQ(reader.info().n_channels, 1);
  EXPECT_EQ(reader.info().duration_sec, 62.5);
  std::vector<float> samples(10000);
  samples.resize(reader.read(samples));
  EXPECT_EQ(samples.size(), 4000u);
  EXPECT_THAT(samples, ::testing::Each(1.f));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("breaks off after 0.2 of 62.5 s")));
}

TEST(FfmpegSource, KeepsWhatWasDecodedBeforeAFailure) {
  const TemporaryFolder folder;
  const std::string program = stand_in(
      folder, kHeader + "; " + kOneQuarterSecond + "; printf '\\077'; echo 'the disc has a scratch' >&2; exit 1");
  std::vector<std::string> warnings;
  EXPECT_EQ(load_audio(unknown_file(folder), options_with(program, &warnings)).size(), 4000u);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("is damaged after 0.2 s (the disc has a scratch)")));
}

TEST(FfmpegSource, TellsItsLastWordsWhenItGivesNothing) {
  const TemporaryFolder folder;
  const std::string program =
      stand_in(folder, "echo first >&2; echo 'file:/dev/stdin: Moov atom not found' >&2; exit 1");
  EXPECT_THAT(error_of(unknown_file(folder), options_with(program), ErrorCode::kMalformed),
              HasSubstr("ffmpeg: Moov atom not found"));
  EXPECT_THAT(error_of(unknown_file(folder), options_with(stand_in(folder, "exit 1")), ErrorCode::kMalformed),
              HasSubstr("ffmpeg: no output"));
}

TEST(FfmpegSource, RefusesOutputOfAnotherForm) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of(unknown_file(folder), options_with(stand_in(folder, "seq 1 1000")), ErrorCode::kMalformed),
              HasSubstr("its output is not as expected"));
}

TEST(FfmpegSource, IsNotStoppedByManyMessages) {
  const TemporaryFolder folder;
  const std::string program =
      stand_in(folder, "seq 1 100000 >&2; " + kHeader + "; " + kOneQuarterSecond + "; seq 1 100000 >&2");
  EXPECT_EQ(load_audio(unknown_file(folder), options_with(program)).size(), 4000u);
}

TEST(FfmpegSource, IsEndedWhenTheCallerHasEnough) {
  const TemporaryFolder folder;
  const auto path = unknown_file(folder);
  const std::size_t n_before = n_open_files();
  const auto start = std::chrono::steady_clock::now();
  {
    const std::string program = stand_in(folder, kHeader + "; while :; do " + kOneQuarterSecond + "; done");
    AudioReader reader(path, options_with(program));
    std::vector<float> samples(5000);
    EXPECT_EQ(reader.read(samples), 5000u);
  }
  {
    int n_asked = 0;
    AudioReader::Options options = options_with(stand_in(folder, "exec sleep 100"));
    options.keep_going = [&] { return ++n_asked < 3; };
    error_of(path, options, ErrorCode::kCancelled);
  }
  // It would be 100 s if we waited for it; the bound is wide because machines can be slow.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  EXPECT_EQ(n_open_files(), n_before);
}

}  // namespace
}  // namespace yourmt3::testing
