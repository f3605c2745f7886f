#include "data/midi_songs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "core/atomic_file.h"
#include "score/midi_writer.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

void write_song(const std::filesystem::path& path, const Song& song) {
  MidiWriteOptions options;
  options.instruments = nullptr;
  std::filesystem::create_directories(path.parent_path());
  write_file_atomically(path, serialize_midi(notes_to_midi(song_notes(song), options)));
}

TEST(MidiSongs, ReadsThePartsThatWereWritten) {
  testing::TemporaryFolder folder;
  const Song song{{{33, {{0, 1, 40, 90}, {1, 2, 43, 70}}}, {kDrumProgram, {{0.5, 0.6, 38, 110}}}}, 2};
  write_song(folder / "a.mid", song);
  const auto read = read_song(folder / "a.mid");
  ASSERT_EQ(read.parts.size(), 2u);
  EXPECT_NEAR(read.seconds, 2, 1e-3);
  for (std::size_t p = 0; p < 2; ++p) {
    EXPECT_EQ(read.parts[p].program, song.parts[p].program);
    ASSERT_EQ(read.parts[p].notes.size(), song.parts[p].notes.size());
    for (std::size_t n = 0; n < song.parts[p].notes.size(); ++n) {
      EXPECT_EQ(read.parts[p].notes[n].pitch, song.parts[p].notes[n].pitch);
      EXPECT_EQ(read.parts[p].notes[n].velocity, song.parts[p].notes[n].velocity);
      // A tick is 1/960 s.
      EXPECT_NEAR(read.parts[p].notes[n].onset_sec, song.parts[p].notes[n].onset_sec, 1.0 / 960);
    }
  }
}

TEST(MidiSongs, HoldsOutNamedFilesAndEveryTwelfthOfTheOthers) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 30; ++i) files.push_back("songs/" + std::to_string(100 + i) + ".mid");
  const std::vector<std::string> always = {"100", "115"};
  const auto out = held_out(files, always, 12);
  std::vector<int> held;
  for (int i = 0; i < 30; ++i) {
    if (out[static_cast<std::size_t>(i)]) held.push_back(i);
  }
  EXPECT_THAT(held, ::testing::ElementsAre(0, 12, 15, 25));
  EXPECT_THAT(held_out(files, always, 0), ::testing::Contains(true).Times(2));
}

TEST(MidiSongs, SplitsACollectionWithoutOverlapAndNamesBrokenFiles) {
  testing::TemporaryFolder folder;
  for (int i = 0; i < 14; ++i)
    write_song(folder / ("set/" + std::to_string(10 + i) + ".mid"), {{{0, {{0, 1, 60, 90}}}}, 1});
  std::ofstream(folder / "set/99.mid") << "not a MIDI file";
  MidiCollectionOptions options;
  options.folders = {folder / "set"};
  options.held_out = {"11"};
  std::map<std::string, int> seen;
  std::string remarks;
  for (const char* split : {"train", "validation"}) {
    options.split = split;
    for (const auto& song : load_midi_collection(options, [&](LogLevel, std::string_view text) { remarks += text; })) {
      ++seen[song.name];
    }
  }
  EXPECT_EQ(seen.size(), 14u);
  for (const auto& [name, times] : seen) EXPECT_EQ(times, 1) << name;
  EXPECT_THAT(remarks, ::testing::HasSubstr("99.mid"));
  options.folders = {folder / "nowhere"};
  EXPECT_THROW(load_midi_collection(options), Error);
}

}  // namespace
}  // namespace yourmt3
