// Decoders in processes of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "audio/audio_reader.h"
#include "support/temporary_folder.h"
#include "support/wav_bytes.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

using std::chrono::milliseconds;

#ifdef YOURMT3_SANITIZED
constexpr bool kMemoryIsLimited = false;
#else
constexpr bool kMemoryIsLimited = true;
#endif

class Decoder : public ::testing::Test {
 protected:
  std::filesystem::path recording(const std::string& bytes) const {
    const auto path = folder_ / "recording";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  /// Limits are far beyond what any of them takes on a machine that is busy, unless a test waits for one.
  static DecoderCommand command(const std::string& mode, milliseconds patience = std::chrono::minutes(2),
                                int cpu_sec = 100) {
    return {.arguments = {YOURMT3_TEST_DECODER, mode, std::to_string(256 << 20), std::to_string(cpu_sec)},
            .patience = patience};
  }

  std::string error_of(const DecoderCommand& decoder, ErrorCode code = ErrorCode::kMalformed) const {
    AudioReader::Options options;
    options.decoder = decoder;
    try {
      load_audio(recording(wav_bytes(tones(1))), options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    return "read";
  }

  TemporaryFolder folder_;
};

TEST_F(Decoder, GivesTheSamplesThatThisProcessWouldRead) {
  const auto path = recording(wav_bytes(tones(3, 44100), WavSample::kS16, 2, 44100));
  AudioReader::Options options;
  options.decoder = command("read");
  AudioReader reader(path, options);
  EXPECT_EQ(reader.info().duration_sec, 3);
  EXPECT_EQ(load_audio(path, options), load_audio(path));
}

TEST_F(Decoder, MayStartFfmpeg) {
  if (std::system("ffmpeg -version > /dev/null 2>&1") != 0) GTEST_SKIP() << "ffmpeg is not installed";
  const std::string wav = recording(wav_bytes(tones(3))).string(), aac = (folder_ / "song.m4a").string();
  ASSERT_EQ(std::system(("ffmpeg -nostdin -v error -i " + wav + " " + aac).c_str()), 0);
  AudioReader::Options options;
  options.decoder = command("read");
  EXPECT_EQ(load_audio(aac, options), load_audio(aac));
}

TEST_F(Decoder, TellsWhatIsWrongWithARecording) {
  std::vector<std::string> warnings;
  AudioReader::Options options;
  options.decoder = command("read");
  options.log = [&](LogLevel, std::string_view text) { warnings.emplace_back(text); };
  const std::string whole = wav_bytes(tones(2));
  EXPECT_EQ(load_audio(recording(whole.substr(0, 44 + 32000)), options).size(), 16000u);
  EXPECT_THAT(warnings, ElementsAre(AllOf(HasSubstr("recording: breaks off after 1.0 s"), EndsWith("what is there"))));
  const auto path = recording("no sound at all");
  try {
    load_audio(path, options);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr(path.string() + ": not a recording that"), HasSubstr("libsndfile: ")));
  }
}

TEST_F(Decoder, MayCrash) {
  EXPECT_THAT(error_of(command("crash")), HasSubstr("its decoder was ended by signal 11"));
}

TEST_F(Decoder, IsEndedWhenItHangs) {
  EXPECT_THAT(error_of(command("hang", milliseconds(200))), HasSubstr("does not get on with it"));
  EXPECT_THAT(error_of(command("loiter", milliseconds(200))), HasSubstr("does not get on with it"));
}

TEST_F(Decoder, IsEndedWhenItGivesMoreThanWanted) {
  DecoderCommand flood = command("flood");
  flood.max_sec = 100;
  EXPECT_THAT(error_of(flood, ErrorCode::kInvalidArgument), HasSubstr("longer than 100 s"));
  // Words are no samples.
  EXPECT_THAT(error_of(command("chatter", milliseconds(200))), HasSubstr("does not get on with it"));
}

TEST_F(Decoder, TakesLimitedTime) {
  EXPECT_THAT(error_of(command("burn", std::chrono::minutes(2), 1)), HasSubstr("takes too much time"));
}

TEST_F(Decoder, TakesLimitedMemory) {
  if (!kMemoryIsLimited) GTEST_SKIP() << "not with sanitizers";
  EXPECT_THAT(error_of(command("eat")), HasSubstr("takes too much memory"));
  EXPECT_THAT(error_of(command("read")), "read") << "which is enough for others";
}

TEST_F(Decoder, DoesNotChooseTheError) {
  EXPECT_THAT(error_of(command("refuse"), ErrorCode::kMalformed), AllOf(EndsWith("recording: ?[31mno")));
}

TEST_F(Decoder, HasNoOpenFilesOfOursAndWritesNone) {
  const int ours = ::dup(STDIN_FILENO);  // Which programs that are started get, unless they close it.
  EXPECT_THAT(error_of(command("inherit")), EndsWith("recording: 0 open files"));
  ::close(ours);
  EXPECT_THAT(error_of(command("write")), HasSubstr("its decoder was ended by signal 25"));
}

TEST_F(Decoder, IsEndedWhenTheCallerWantsNoMore) {
  AudioReader::Options options;
  options.decoder = command("hang");
  int n_asked = 0;
  options.keep_going = [&] { return ++n_asked < 3; };
  try {
    load_audio(recording(wav_bytes(tones(1))), options);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
}

TEST_F(Decoder, IsMissed) {
  EXPECT_THAT(error_of({.arguments = {"/nowhere/decoder"}}, ErrorCode::kIo), HasSubstr("cannot be started"));
}

}  // namespace
}  // namespace yourmt3::testing
