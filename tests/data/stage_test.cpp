#include "data/stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/audio_out.h"
#include "sound_fonts.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

Song trio() {
  return {{{0, {{0, 1, 60, 90}}}, {kDrumProgram, {{0.5, 0.6, 38, 100}}}, {33, {{0, 1, 40, 90}}}}, 1.0};
}

float peak(const std::vector<float>& samples) {
  float highest = 0;
  for (const float sample : samples) highest = std::max(highest, std::abs(sample));
  return highest;
}

StageOptions with_sounds(std::vector<std::filesystem::path> sounds) {
  StageOptions options;
  options.sounds = std::move(sounds);
  options.tail_sec = 0.5;
  return options;
}

TEST(RenderMix, RendersASongWithAPeakBelowOne) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  for (const auto& sound : {*font, std::filesystem::path(kTones)}) {
    const auto mix = render_mix(trio(), Stage(with_sounds({sound})));
    ASSERT_EQ(mix.samples.size(), 2u * 72000);
    EXPECT_NEAR(peak(mix.samples), 0.9f, 1e-5f);
  }
}

TEST(RenderMix, IsTheSameForEveryNumberOfThreads) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  auto options = with_sounds({*font, kTones});
  options.max_detune_cents = 20;
  const Stage stage(options);
  const auto one = render_mix(trio(), stage, 1);
  EXPECT_EQ(one.samples, render_mix(trio(), stage, 3).samples);
  EXPECT_EQ(one.samples, render_mix(trio(), Stage(options), 2).samples);
}

TEST(Stage, RefusesMusicOfMoreThanADay) {
  Song song = trio();
  for (const double seconds : {86401., 1e300, std::numeric_limits<double>::infinity()}) {
    song.seconds = seconds;
    EXPECT_THROW(render_mix(song, Stage(with_sounds({kTones}))), Error) << seconds;
  }
}

TEST(Stage, TheSumOfThePartsIsTheMixAtAnotherLevel) {
  const Stage stage(with_sounds({kTones}));
  Song song = trio();
  std::vector<float> sum(2 * stage.frames(song));
  for (std::size_t part = 0; part < 3; ++part) {
    const auto samples = stage.play(song, part);
    ASSERT_EQ(samples.size(), sum.size());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += samples[i];
  }
  const float gain = 0.9f / peak(sum);
  for (float& sample : sum) sample *= gain;
  EXPECT_EQ(sum, render_mix(trio(), stage).samples);
}

TEST(Stage, DifferentSeedsDetuneDifferently) {
  auto options = with_sounds({kTones});
  Song song = trio();
  const auto plain = Stage(options).play(song, 0);
  options.max_detune_cents = 50;
  const auto detuned = Stage(options).play(song, 0);
  EXPECT_NE(plain, detuned);
  options.seed = 2;
  EXPECT_NE(detuned, Stage(options).play(song, 0));
}

TEST(Stage, RemovesNotesThatTheFontCannotPlay) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  const Stage stage(with_sounds({*font}));
  Song song = {{{kDrumProgram, {{0, 0.1, 2, 90}}}, {kSingingProgram, {{0, 1, 60, 90}}}}, 1.0};
  EXPECT_THAT(stage.play(song, 0), ::testing::IsEmpty());
  EXPECT_THAT(song.parts[0].notes, ::testing::IsEmpty());
  EXPECT_GT(peak(stage.play(song, 1)), 0.01f);
  EXPECT_EQ(song.parts[1].program, kSingingProgram);
}

TEST(Stage, RefusesOptionsOutOfRange) {
  EXPECT_THROW(Stage(with_sounds({})), Error);
  auto options = with_sounds({kTones});
  options.max_detune_cents = 101;
  EXPECT_THROW(Stage{options}, Error);
  options.max_detune_cents = 0;
  options.sample_rate = 1;
  EXPECT_THROW(Stage{options}, Error);
}

TEST(SongOfNotes, MakesAPartOfEachProgramAndLeavesOutWhatCannotBePlayed) {
  Note piano{false, 0, 1.0, 2.0, 60, 1};
  Note louder = piano, drum = piano, endless = piano, high = piano;
  louder.onset_sec = 1.5;
  louder.velocity = 120;
  drum.is_drum = true;
  endless.offset_sec = std::nan("");
  high.pitch = 200;
  const Song song = song_of_notes(std::vector{drum, louder, piano, endless, high});
  ASSERT_EQ(song.parts.size(), 2u);
  EXPECT_EQ(song.parts[0].program, 0);
  EXPECT_EQ(song.parts[0].notes, (std::vector<PlayedNote>{{1.0, 1.5, 60, 90}, {1.5, 2.0, 60, 120}}));
  EXPECT_EQ(song.parts[1].program, kDrumProgram);
  EXPECT_EQ(song.seconds, 2.0);
}

TEST(AudioBytes, WritesEveryFormatThatItNames) {
  const std::vector<float> samples(2 * 4800, 0.25f);
  for (const auto& [extension, start] : std::vector<std::pair<std::string, std::string>>{
           {".wav", "RIFF"}, {".flac", "fLaC"}, {".ogg", "OggS"}, {".opus", "OggS"}, {".WAV", "RIFF"}}) {
    EXPECT_THAT(audio_bytes(extension, samples, 48000, 2), ::testing::StartsWith(start)) << extension;
  }
  EXPECT_GT(audio_bytes(".mp3", samples, 44100, 2).size(), 400u);
  EXPECT_EQ(audio_bytes(".wav", samples, 48000, 2).size(), 44u + 4 * 4800);
  EXPECT_THROW(audio_bytes(".aiff", samples, 48000, 2), Error);
  EXPECT_THROW(audio_bytes(".opus", samples, 44123, 2), Error);
}

}  // namespace
}  // namespace yourmt3
