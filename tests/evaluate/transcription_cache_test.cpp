// What was transcribed once is not transcribed again.
#include "evaluate/transcription_cache.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "evaluate/small_sets.h"
#include "score/note_file.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

class TranscriptionCacheTest : public ::testing::Test {
 protected:
  TranscriptionCacheTest() { std::ofstream(model()) << "weights"; }
  std::filesystem::path model() const { return folder_ / "model"; }
  TranscriptionCache cache(Precision precision = Precision::kF32) const {
    return {folder_ / "kept", model(), precision};
  }

  TemporaryFolder folder_;
  const std::vector<float> samples_ = sound(0.5);
};

TimedTranscription example() {
  TimedTranscription transcription;
  transcription.heard.notes = {{false, 33, 1.0 / 3, 0.77, 40, 1}, {true, kDrumProgram, 0.5, 0.51, 36, 1}};
  transcription.heard.duration_sec = 12.25;
  transcription.heard.n_tokens = 77;
  transcription.heard.decode_errors = {{"Err/Missing tie", 2}};
  transcription.heard.seconds = {0.1, 0.2, 0.3, 0.4};
  transcription.seconds = 1.5;
  return transcription;
}

TEST_F(TranscriptionCacheTest, GivesBackExactlyWhatItKeeps) {
  const std::string name = cache().name_of(samples_);
  EXPECT_FALSE(cache().find(name));
  cache().keep(name, example());
  const auto kept = cache().find(name);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->heard.notes, example().heard.notes);
  EXPECT_EQ(kept->heard.duration_sec, 12.25);
  EXPECT_EQ(kept->heard.n_tokens, 77);
  EXPECT_EQ(kept->heard.decode_errors, example().heard.decode_errors);
  EXPECT_EQ(kept->heard.seconds.decode, 0.3);
  EXPECT_EQ(kept->seconds, 1.5);
}

TEST_F(TranscriptionCacheTest, OtherVerbsReadItsFiles) {
  const std::string name = cache().name_of(samples_);
  for (const TimedTranscription& transcription : {example(), TimedTranscription{}}) {
    cache().keep(name, transcription);
    EXPECT_EQ(read_note_file(folder_ / "kept" / name), transcription.heard.notes);
  }
}

TEST_F(TranscriptionCacheTest, NamesFollowModelPrecisionAndSamples) {
  const std::string name = cache().name_of(samples_);
  EXPECT_EQ(cache().name_of(samples_), name);
  EXPECT_NE(cache(Precision::kBf16).name_of(samples_), name);
  for (const Transcriber::Decoding& decoding :
       {Transcriber::Decoding{.only = {"piano"}}, {.without = {"piano"}}, {.constrained = false}}) {
    EXPECT_NE(TranscriptionCache(folder_ / "kept", model(), Precision::kF32, decoding).name_of(samples_), name);
  }
  auto other = samples_;
  other[100] += 1.f / 32768;
  EXPECT_NE(cache().name_of(other), name);
  other = samples_;
  other.pop_back();
  EXPECT_NE(cache().name_of(other), name);
  std::ofstream(model()) << "Weights";
  EXPECT_NE(cache().name_of(samples_), name);
}

TEST_F(TranscriptionCacheTest, FilesThatCannotBeReadCountAsMissing) {
  const std::string name = cache().name_of(samples_);
  cache().keep(name, example());
  const auto path = folder_ / "kept" / name;
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
  EXPECT_FALSE(cache().find(name));
  std::ofstream(path) << R"({"format": "yourmt3-notes", "version": 1, "notes": []})";
  EXPECT_FALSE(cache().find(name));
}

TEST_F(TranscriptionCacheTest, NeedsTheModelFile) {
  EXPECT_THROW(TranscriptionCache(folder_ / "kept", folder_ / "nowhere", Precision::kF32), Error);
}

}  // namespace
}  // namespace yourmt3::testing
