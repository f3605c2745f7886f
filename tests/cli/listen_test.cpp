// `yourmt3 listen`, and `transcribe` with audio as its format.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "audio/audio_reader.h"
#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kCsv =
    "onset_sec,offset_sec,pitch,program,is_drum\n"
    "0,0.5,69,19,0\n"
    "0.5,1,38,128,1\n";

/// A folder on PATH with nothing but a player that keeps what it is given.
RunOptions with_player(const Workplace& place, const std::string& script) {
  place.put("bin/aplay", "#!/bin/sh\n" + script);
  ::chmod(place.path("bin/aplay").c_str(), 0755);
  RunOptions options;
  options.environment["PATH"] = place.path("bin");
  return options;
}

RunOptions without_player(const Workplace& place) {
  RunOptions options;
  options.environment["PATH"] = place.path("");
  return options;
}

TEST(Listen, WritesEveryAudioFormat) {
  const Workplace place;
  place.put("song.csv", kCsv);
  for (const char* name : {"a.wav", "a.flac", "a.ogg", "a.opus", "a.mp3"}) {
    const auto run = run_program({"listen", place.path("song.csv"), "--soundfont", "tones", "-o", place.path(name)});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(run.out, place.path(name) + "\n");
    const AudioReader reader(place.path(name));
    EXPECT_EQ(reader.info().n_channels, 2) << name;
    EXPECT_NEAR(reader.info().duration_sec.value_or(0), 3, 0.1) << name;  // MP3 fills its last frames
  }
}

TEST(Listen, PlaysByAProgramThatIsThere) {
  const Workplace place;
  place.put("song.csv", kCsv);
  const auto options = with_player(place, "shift\nread -r start < \"$1\"\necho \"heard ${start%%WAVE*}\"\n");
  const auto run = run_program({"listen", place.path("song.csv"), "--soundfont", "tones"}, options);
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("heard RIFF"));
  EXPECT_THAT(run.err, HasSubstr("playing 3 s with aplay"));
  EXPECT_THAT(place.names(), ElementsAre("bin", "song.csv", "tiny.safetensors"));

  const auto failing = with_player(place, "exit 1\n");
  const auto failed = run_program({"listen", place.path("song.csv"), "--soundfont", "tones"}, failing);
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("could not play; write a file with --output"));
}

TEST(Listen, WritesAFileBesideTheSongWhereThereIsNoPlayer) {
  const Workplace place;
  place.put("song.csv", kCsv);
  const std::vector<std::string> arguments = {"listen", place.path("song.csv"), "--soundfont", "tones"};
  const auto run = run_program(arguments, without_player(place));
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.out, place.path("song.wav") + "\n");
  EXPECT_THAT(run.err, HasSubstr("no player found"));
  const auto again = run_program(arguments, without_player(place));
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("use --force"));
}

TEST(Listen, PutsTheRecordingLeftAndTheNotesRight) {
  const Workplace place;
  place.put("song.csv", "onset_sec,offset_sec,pitch,program,is_drum\n2,3,69,19,0\n");
  place.put_tones("song.wav", 1);
  const auto run = run_program({"listen", place.path("song.csv"), "--with", place.path("song.wav"), "--soundfont",
                                "tones", "-o", place.path("both.wav")});
  ASSERT_EQ(run.status, 0) << run.err;
  const std::string bytes = place.bytes_of("both.wav");
  ASSERT_EQ(bytes.size(), 44u + 4 * 5 * 48000);
  const auto loudest = [&](std::size_t channel, double from_sec, double to_sec) {
    int highest = 0;
    for (auto i = static_cast<std::size_t>(from_sec * 48000); i < static_cast<std::size_t>(to_sec * 48000); ++i) {
      const std::size_t at = 44 + 4 * i + 2 * channel;
      const int sample = static_cast<std::int16_t>(static_cast<unsigned char>(bytes[at]) |
                                                   static_cast<unsigned char>(bytes[at + 1]) << 8);
      highest = std::max(highest, std::abs(sample));
    }
    return highest;
  };
  EXPECT_GT(loudest(0, 0.1, 0.9), 3000);
  EXPECT_EQ(loudest(0, 1.1, 5), 0);
  EXPECT_EQ(loudest(1, 0, 1.9), 0);
  EXPECT_GT(loudest(1, 2, 3), 3000);
  const auto blended = run_program({"listen", place.path("song.csv"), "--with", place.path("song.wav"), "--blend",
                                    "--soundfont", "tones", "-o", place.path("blend.wav")});
  EXPECT_EQ(blended.status, 0) << blended.err;
  EXPECT_NE(place.bytes_of("blend.wav"), bytes);
}

TEST(Listen, SaysWhatIsWrong) {
  const Workplace place;
  place.put("song.csv", kCsv);
  place.put("empty.csv", "onset_sec,offset_sec,pitch,program,is_drum\n");
  place.put("bad.sf2", "no font");
  place.put("noise.mid", "MThd, but no MIDI");
  const std::string song = place.path("song.csv"), out = place.path("out.wav");
  const auto expect = [&](std::vector<std::string> arguments, int status, const std::string& message) {
    arguments.insert(arguments.begin(), "listen");
    const auto run = run_program(arguments, without_player(place));
    EXPECT_EQ(run.status, status) << message;
    EXPECT_THAT(run.err, HasSubstr(message));
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_FALSE(place.has("out.wav")) << message;
  };
  expect({}, 2, "SONG");
  expect({song, "--blend"}, 2, "--with");
  expect({place.path("none.mid"), "-o", out}, 1, "none.mid");
  expect({place.path("noise.mid"), "-o", out}, 1, "noise.mid");
  expect({place.path("empty.csv"), "-o", out}, 1, "empty.csv: no notes in it");
  expect({song, "--start", "9", "-o", out}, 1, "no notes begin in that excerpt");
  expect({song, "-o", out, "--soundfont", place.path("none.sf2")}, 1, "none.sf2: no such sound font");
  expect({song, "-o", out, "--soundfont", place.path("bad.sf2")}, 1, "bad.sf2: not a sound font");
  expect({song, "-o", place.path("out.xyz")}, 1, ".xyz");
  expect({song, "-o", place.path("nowhere/out.wav"), "--soundfont", "tones"}, 1, "nowhere");
  expect({song, "-o", out, "--soundfont", "tones", "--with", place.path("none.mp3")}, 1, "none.mp3");
}

TEST(TranscribeToAudio, StandsBesideTheRecordingAndIsNotTakenForOne) {
  const Workplace place;
  place.put_tones("a/song.wav", 2.5);
  const auto run = place.transcribe({place.path("a"), "--format", "midi,wav,flac", "--soundfont", "tones"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(place.names("a"), ElementsAre("song.mid", "song.transcribed.flac", "song.transcribed.wav", "song.wav"));
  EXPECT_THAT(place.bytes_of("a/song.transcribed.wav"), StartsWith("RIFF"));
  EXPECT_GE(AudioReader(place.path("a/song.transcribed.flac")).info().duration_sec.value_or(0), 2.5);
  const auto again = place.transcribe({place.path("a"), "--format", "wav", "--soundfont", "tones", "--skip-existing"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.out, IsEmpty());
  EXPECT_THAT(again.err, HasSubstr("exists already, skipped"));
}

TEST(TranscribeToAudio, GoesToAFileAFolderOrAPipe) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav", 2.5);
  const auto named = place.transcribe({song, "-o", place.path("heard.ogg"), "--soundfont", "tones"});
  EXPECT_EQ(named.status, 0) << named.err;
  EXPECT_THAT(place.bytes_of("heard.ogg"), StartsWith("OggS"));
  const auto folder =
      place.transcribe({song, "--output-dir", place.path("out"), "--format", "wav", "--soundfont", "tones"});
  EXPECT_EQ(folder.status, 0) << folder.err;
  EXPECT_THAT(place.names("out"), ElementsAre("song.transcribed.wav"));
  const auto pipe = place.transcribe({song, "-o", "-", "--format", "wav", "--soundfont", "tones"});
  EXPECT_EQ(pipe.status, 0) << pipe.err;
  EXPECT_EQ(pipe.out, place.bytes_of("out/song.transcribed.wav"));
}

TEST(TranscribeToAudio, ABadFontIsKnownBeforeTheWork) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav", 2.5);
  const auto run = place.transcribe({song, "--format", "midi,wav", "--soundfont", place.path("none.sf2")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("none.sf2: no such sound font"));
  EXPECT_THAT(place.names(), ElementsAre("song.wav", "tiny.safetensors"));
}

}  // namespace
}  // namespace yourmt3::testing
