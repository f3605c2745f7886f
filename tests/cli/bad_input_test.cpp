#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <limits>

#include "core/atomic_file.h"
#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The run failed with status 1, said why on standard error beginning with the file's name, and wrote nothing.
void expect_failure(const Workplace& place, const ProgramRun& run, const std::string& input, const std::string& why) {
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_THAT(run.out, ::testing::IsEmpty());
  EXPECT_THAT(run.err, StartsWith("yourmt3: " + input + ": "));
  EXPECT_THAT(run.err, HasSubstr(why));
  for (const std::string& name : place.names()) EXPECT_THAT(name, ::testing::Not(::testing::EndsWith(".mid")));
  for (const std::string& name : place.names()) EXPECT_THAT(name, ::testing::Not(::testing::EndsWith(".part")));
}

/// The run gave a MIDI file.
void expect_success(const Workplace& place, const ProgramRun& run, const std::string& midi) {
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(place.bytes_of(midi), StartsWith("MThd"));
}

TEST(BadInput, AMissingFileFails) {
  const Workplace place;
  const std::string input = place.path("none.wav");
  expect_failure(place, place.transcribe({input}), input, "no such file");
}

TEST(BadInput, AnEmptyFileFails) {
  const Workplace place;
  const std::string input = place.put("empty.wav", "");
  expect_failure(place, place.transcribe({input}), input, "empty");
}

TEST(BadInput, ARecordingWithoutSamplesFails) {
  const Workplace place;
  const std::string input = place.put("none.wav", wav_bytes({}));
  expect_failure(place, place.transcribe({input}), input, "no samples");
}

TEST(BadInput, ATextNamedMp3Fails) {
  const Workplace place;
  const std::string input = place.put("notes.mp3", "This is no music at all.\nNot even a little.\n");
  const ProgramRun run = place.transcribe({input});
  expect_failure(place, run, input, "");
}

TEST(BadInput, AFolderWithoutRecordingsFails) {
  const Workplace place;
  place.put("in/text.txt", "no music");
  const std::string input = place.path("in");
  expect_failure(place, place.transcribe({input}), input, "no recordings in this folder");
}

TEST(BadInput, SilenceIsTranscribed) {
  const Workplace place;
  const std::string input = place.put("silent.wav", wav_bytes(std::vector<float>(16000, 0.f)));
  expect_success(place, place.transcribe({input}), "silent.mid");
}

TEST(BadInput, OneSampleIsTranscribed) {
  const Workplace place;
  const std::string input = place.put("one.wav", wav_bytes({0.5f}));
  expect_success(place, place.transcribe({input}), "one.mid");
}

TEST(BadInput, ATruncatedRecordingIsReadAsFarAsItGoesWithAWarning) {
  const Workplace place;
  const std::string whole = wav_bytes(tones(4));
  const std::string input = place.put("cut.wav", whole.substr(0, whole.size() / 2));
  const ProgramRun run = place.transcribe({input});
  expect_success(place, run, "cut.mid");
  EXPECT_THAT(run.err, HasSubstr("warning"));
}

TEST(BadInput, EightBitsAreTranscribed) {
  const Workplace place;
  const std::string input = place.put("eight.wav", wav_bytes(tones(2), WavSample::kU8));
  expect_success(place, place.transcribe({input}), "eight.mid");
}

TEST(BadInput, HighRatesAreTranscribed) {
  const Workplace place;
  const std::string input = place.put("fast.wav", wav_bytes(tones(2, 192000), WavSample::kS16, 1, 192000));
  expect_success(place, place.transcribe({input}), "fast.mid");
}

TEST(BadInput, EightChannelsAreTranscribed) {
  const Workplace place;
  const std::string input = place.put("wide.wav", wav_bytes(tones(2), WavSample::kS16, 8));
  expect_success(place, place.transcribe({input}), "wide.mid");
}

TEST(BadInput, SamplesThatAreNoNumbersAreSilenceWithAWarning) {
  const Workplace place;
  const std::vector<float> samples(32000, std::numeric_limits<float>::quiet_NaN());
  const std::string input = place.put("nan.wav", wav_bytes(samples, WavSample::kF32));
  const ProgramRun run = place.transcribe({input});
  expect_success(place, run, "nan.mid");
  EXPECT_THAT(run.err, HasSubstr("not finite"));
}

TEST(BadInput, AnUnwritableFolderFailsBeforeTheWork) {
  const Workplace place;
  const std::string input = place.put_tones("song.wav");
  place.put("file", "not a folder");
  for (const std::string& folder : {place.path("file/below"), std::string("/proc/yourmt3-test")}) {
    const ProgramRun run = place.transcribe({input, "--output-dir", folder, "--verbose"});
    EXPECT_EQ(run.status, 1);
    EXPECT_THAT(run.err, HasSubstr(folder));
    EXPECT_THAT(run.err, ::testing::Not(HasSubstr("loaded"))) << "the model was loaded for nothing";
  }
}

TEST(BadInput, AFullDiskFails) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const Workplace place;
  const std::string input = place.put_tones("song.wav");
  const ProgramRun run = place.transcribe({input, "--format", "midi", "-o", "/dev/full"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("/dev/full: cannot write: No space left on device"));
  RunOptions options;
  options.stdout_path = "/dev/full";
  EXPECT_EQ(place.transcribe({input, "-o", "-"}, options).status, 1);
}

TEST(BadInput, AFullDiskLeavesNoHalfFile) {
  const Workplace place;
  const std::string input = place.put_tones("song.wav", 30);
  const std::string folder = place.path("small");
  std::filesystem::create_directory(folder);
  if (::mount("none", folder.c_str(), "tmpfs", 0, "size=4k") != 0) GTEST_SKIP() << "may not mount a small file system";
  const ProgramRun run = place.transcribe({input, "--format", "png", "--output-dir", folder});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("No space left on device"));
  EXPECT_THAT(place.names("small"), ElementsAre());
  ::umount(folder.c_str());
}

TEST(BadInput, AModelOfAnotherVersionFails) {
  const Workplace place;
  const std::string input = place.put_tones("song.wav");
  std::string bytes = place.bytes_of("tiny.safetensors");
  // The header is text: the version of its rules becomes one that no reader knows yet.
  const std::string key = "\"yourmt3.format\":\"";
  const std::size_t at = bytes.find(key);
  ASSERT_NE(at, std::string::npos);
  bytes[at + key.size()] = '9';
  const std::string model = place.put("newer.safetensors", bytes);
  const ProgramRun run = run_program({"transcribe", input, "--model", model});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, StartsWith("yourmt3: " + model + ": "));
  EXPECT_THAT(run.err, HasSubstr("9"));
  EXPECT_FALSE(place.has("song.mid"));
}

TEST(BadInput, ADamagedModelFails) {
  const Workplace place;
  const std::string input = place.put_tones("song.wav");
  const std::string whole = place.bytes_of("tiny.safetensors");
  const std::vector<std::pair<const char*, std::string>> models = {
      {"cut.safetensors", whole.substr(0, whole.size() - 100)},
      {"header.safetensors", whole.substr(0, 50)},
      {"empty.safetensors", ""},
      {"text.safetensors", "This is no model."},
      {"text.ckpt", "This is no checkpoint."}};
  for (const auto& [name, bytes] : models) {
    const std::string model = place.put(name, bytes);
    const ProgramRun run = run_program({"transcribe", input, "--model", model});
    EXPECT_EQ(run.status, 1) << name;
    EXPECT_THAT(run.err, HasSubstr(name));
    EXPECT_FALSE(place.has("song.mid")) << name;
  }
}

TEST(BadInput, ABrokenOptionIsWrongUsage) {
  const Workplace place;
  const std::string input = place.put_tones("song.wav");
  const ProgramRun option = place.transcribe({input, "--fromat", "midi"});
  EXPECT_EQ(option.status, 2);
  EXPECT_THAT(option.err, HasSubstr("unknown option '--fromat'; did you mean '--format'?"));
  EXPECT_EQ(place.transcribe({input, "--threads", "many"}).status, 2);
  EXPECT_EQ(place.transcribe({input, "--threads"}).status, 2);
  EXPECT_FALSE(place.has("song.mid"));
}

}  // namespace
}  // namespace yourmt3::testing
