#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// The lines as the notes of a JSON file: sorted, without what such a file does not have.
std::vector<nlohmann::json> notes_of(const std::string& lines) {
  std::vector<nlohmann::json> notes;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    notes.push_back(nlohmann::json::parse(line));
    EXPECT_TRUE(notes.back().erase("instrument"));
  }
  std::ranges::sort(notes);
  return notes;
}

std::vector<nlohmann::json> notes_of_file(const std::string& bytes) {
  std::vector<nlohmann::json> notes = nlohmann::json::parse(bytes).at("notes");
  for (nlohmann::json& note : notes) {
    for (const char* other : {"velocity", "instrument"}) note.erase(other);
  }
  std::ranges::sort(notes);
  return notes;
}

TEST(Stream, PrintsTheNotesOfTheRecordingAndWritesFilesAtItsEnd) {
  const Workplace place;
  RunOptions options;
  options.input = wav_bytes(tones(7));
  const ProgramRun run = place.transcribe({"-", "--stream", "-o", place.path("live.mid")}, options);
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(place.bytes_of("live.mid"), StartsWith("MThd"));
  ASSERT_EQ(place.transcribe({place.put("song.wav", options.input), "--format", "json"}).status, 0);
  const auto expected = notes_of_file(place.bytes_of("song.json"));
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(notes_of(run.out), expected);
  const ProgramRun alone = place.transcribe({"-", "--stream", "--quiet"}, options);
  EXPECT_EQ(alone.status, 0);
  EXPECT_EQ(alone.out, run.out);
  EXPECT_THAT(alone.err, IsEmpty());
}

TEST(Stream, KeepsTheInstrumentsAsked) {
  const Workplace place;
  RunOptions options;
  options.input = wav_bytes(tones(7));
  const ProgramRun all = place.transcribe({"-", "--stream"}, options);
  const ProgramRun drums = place.transcribe({"-", "--stream", "--keep", "drums"}, options);
  std::vector<nlohmann::json> expected = notes_of(all.out);
  std::erase_if(expected, [](const nlohmann::json& note) { return !note.at("is_drum").get<bool>(); });
  EXPECT_EQ(notes_of(drums.out), expected);
  EXPECT_NE(drums.out, all.out);
}

TEST(Stream, SaysWhatItCannotDo) {
  const Workplace place;
  RunOptions options;
  options.input = "no sound at all";
  const ProgramRun other = place.transcribe({"-", "--stream", "-o", place.path("live.mid")}, options);
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.err, HasSubstr("ffmpeg -i INPUT -f wav -"));
  EXPECT_THAT(other.out, IsEmpty());
  EXPECT_THAT(place.names(), ElementsAre("tiny.safetensors"));
  EXPECT_EQ(place.transcribe({place.path("a.wav"), "--stream"}).status, 2);
  EXPECT_EQ(place.transcribe({"-", "--stream", "-o", "-"}).status, 2);
  EXPECT_EQ(place.transcribe({"-", "--stream", "--json"}).status, 2);
}

}  // namespace
}  // namespace yourmt3::testing
