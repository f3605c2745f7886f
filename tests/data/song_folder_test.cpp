#include "data/song_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "data/arrange.h"
#include "data/composer.h"
#include "data/midi_songs.h"
#include "sound_fonts.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Samples of a 16-bit WAV file as this program writes it.
std::vector<int> samples_of(const std::filesystem::path& path) {
  const auto bytes = bytes_of(path);
  std::vector<int> samples;
  for (std::size_t at = 44; at + 1 < bytes.size(); at += 2) {
    samples.push_back(static_cast<std::int16_t>(static_cast<unsigned char>(bytes[at]) |
                                                static_cast<unsigned char>(bytes[at + 1]) << 8));
  }
  return samples;
}

std::vector<std::string> names(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) found.push_back(entry.path().filename());
  std::ranges::sort(found);
  return found;
}

Song trio() {
  return {{{0, {{0, 1, 60, 90}}}, {kDrumProgram, {{0.5, 0.6, 38, 100}}}, {33, {{0, 1, 40, 90}}}}, 1.0};
}

TEST(SongFolder, HoldsStemsThatAddUpToTheMix) {
  testing::TemporaryFolder folder;
  SongFolderOptions options;
  options.name_of = [](int program) { return program == kDrumProgram ? "drums" : "pitched"; };
  write_song_folder(folder.path(), trio(), Stage({}), options);
  EXPECT_THAT(names(folder.path()), ElementsAre("00-pitched.mid", "00-pitched.wav", "01-drums.mid", "01-drums.wav",
                                                "02-pitched.mid", "02-pitched.wav", "mix.json", "mix.mid", "mix.wav"));
  const auto mix = samples_of(folder / "mix.wav");
  ASSERT_EQ(mix.size(), 2u * 48000 * 3);
  const auto a = samples_of(folder / "00-pitched.wav"), b = samples_of(folder / "01-drums.wav"),
             c = samples_of(folder / "02-pitched.wav");
  int loudest = 0, most_apart = 0;
  for (std::size_t i = 0; i < mix.size(); ++i) {
    loudest = std::max(loudest, std::abs(mix[i]));
    most_apart = std::max(most_apart, std::abs(mix[i] - a[i] - b[i] - c[i]));
  }
  EXPECT_NEAR(loudest, 0.9 * 32768, 2);
  EXPECT_LE(most_apart, 2);  // Each of four numbers is rounded by half a step.
}

TEST(SongFolder, TheNotesAreThoseThatSound) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  testing::TemporaryFolder folder;
  StageOptions stage;
  stage.sounds = {*font};
  auto song = trio();
  song.parts[1].notes.insert(song.parts[1].notes.begin(), {0.2, 0.3, 2, 100});  // No drum has this key.
  song.parts.push_back({kDrumProgram, {{0, 0.1, 1, 90}}});
  write_song_folder(folder.path(), song, Stage(stage), {});
  EXPECT_EQ(read_song(folder / "mix.json").parts.size(), 3u);
  EXPECT_FALSE(std::filesystem::exists(folder / "03-128.wav"));
  const auto drums = read_song(folder / "01-128.mid");
  ASSERT_EQ(drums.parts.size(), 1u);
  ASSERT_EQ(drums.parts[0].notes.size(), 1u);
  EXPECT_EQ(drums.parts[0].notes[0].pitch, 38);
  const auto exact = song_notes(read_song(folder / "mix.json"));
  ASSERT_EQ(exact.size(), 3u);
  EXPECT_EQ(exact[2].onset_sec, 0.5);
}

TEST(SongFolder, EveryNoteOfTheLabelsHasItsSound) {
  // Repeated and overlapping notes of one pitch, as a keyboard player with the pedal down leaves them.
  Part part{4, {}};
  for (int i = 0; i < 12; ++i) part.notes.push_back({0.3 * i, 0.3 * i + 1.0, 64, 100});
  tidy_notes(part);
  testing::TemporaryFolder folder;
  write_song_folder(folder.path(), {{part}, 5}, Stage({}), {});
  const auto samples = samples_of(folder / "00-4.wav");
  const auto loudest = [&](double from_sec, double to_sec) {
    int highest = 0;
    for (auto i = static_cast<std::size_t>(from_sec * 48000); i < static_cast<std::size_t>(to_sec * 48000); ++i) {
      highest = std::max(highest, std::abs(samples[2 * i]));
    }
    return highest;
  };
  const auto labels = song_notes(read_song(folder / "mix.json"));
  ASSERT_EQ(labels.size(), 12u);
  for (const auto& label : labels) {
    EXPECT_GT(loudest(label.onset_sec, label.onset_sec + 0.05), 1000) << label.onset_sec;
  }
  EXPECT_EQ(loudest(labels.back().offset_sec + 0.4, 7), 0);
}

TEST(SongFolder, IsTheSameForEveryNumberOfThreads) {
  testing::TemporaryFolder folder;
  ComposeOptions compose_options;
  compose_options.seconds = 4;
  const auto song = compose(compose_options);
  StageOptions stage;
  stage.max_detune_cents = 30;
  SongFolderOptions options;
  for (const int threads : {1, 3}) {
    options.threads = threads;
    std::filesystem::create_directory(folder / std::to_string(threads));
    write_song_folder(folder / std::to_string(threads), song, Stage(stage), options);
  }
  ASSERT_EQ(names(folder / "1"), names(folder / "3"));
  ASSERT_GE(names(folder / "1").size(), 5u);
  for (const auto& name : names(folder / "1")) {
    EXPECT_EQ(bytes_of(folder / "1" / name), bytes_of(folder / "3" / name)) << name;
  }
}

TEST(Stage, StopsInTheMiddleOfALongPart) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  int asked = 0;
  StageOptions options;
  options.sounds = {*font};
  options.keep_going = [&asked] { return ++asked < 5; };
  Song song = {{{0, {{0, 1, 60, 90}}}}, 1000};
  EXPECT_THROW(Stage(options).play(song, 0), Error);
  EXPECT_EQ(asked, 5);
}

TEST(SongFolder, StopsWhenToldAndRefusesSilence) {
  testing::TemporaryFolder folder;
  SongFolderOptions options;
  EXPECT_THROW(write_song_folder(folder.path(), {{{0, {}}}, 1}, Stage({}), options), Error);
  options.keep_going = [] { return false; };
  EXPECT_THROW(write_song_folder(folder.path(), trio(), Stage({}), options), Error);
  EXPECT_THAT(names(folder.path()), IsEmpty());
}

}  // namespace
}  // namespace yourmt3
