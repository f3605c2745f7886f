#include "data/tones.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <span>

#include "data/compose_store.h"
#include "data/store.h"
#include "data/synthesizer.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

/// Amplitude of the sine of `hz` in the samples.
double amplitude(std::span<const float> samples, double hz, double rate) {
  std::complex<double> sum = 0;
  double window_sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double at = static_cast<double>(i);
    const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * at / static_cast<double>(samples.size()));
    sum += window * static_cast<double>(samples[i]) * std::polar(1.0, -2 * std::numbers::pi * hz * at / rate);
    window_sum += window;
  }
  return 2 * std::abs(sum) / window_sum;
}

double peak(std::span<const float> samples) {
  double highest = 0;
  for (const float sample : samples) highest = std::max(highest, std::abs(static_cast<double>(sample)));
  return highest;
}

Part one_note(int program, int pitch, double onset_sec = 0.5, double offset_sec = 1.0, int velocity = 100) {
  return {program, {{onset_sec, offset_sec, pitch, velocity}}};
}

std::span<const float> between(const std::vector<float>& samples, double from_sec, double to_sec) {
  return std::span(samples).subspan(static_cast<std::size_t>(from_sec * 16000),
                                    static_cast<std::size_t>((to_sec - from_sec) * 16000));
}

TEST(Tones, EveryProgramSoundsFromOnsetUntilShortlyAfterOffset) {
  for (int program = 0; program < 128; ++program) {
    const auto samples = render_tones(one_note(program, 60), 2);
    ASSERT_EQ(samples.size(), 32000u);
    EXPECT_EQ(peak(between(samples, 0, 0.5)), 0) << program;
    EXPECT_GT(peak(between(samples, 0.5, 1.0)), 0.03) << program;
    EXPECT_LT(peak(between(samples, 0.5, 1.0)), 0.6) << program;
    EXPECT_EQ(peak(between(samples, 1.35, 2)), 0) << program;
  }
}

TEST(Tones, ANoteIsHeardWithin30MsOfItsOnset) {
  for (int program = 0; program < 128; ++program) {
    const auto samples = render_tones(one_note(program, 60), 2);
    EXPECT_GT(peak(between(samples, 0.5, 0.53)), 0.1 * peak(samples)) << program;
  }
}

TEST(Tones, ThePitchIsThatOfTheNote) {
  for (const int program : {0, 24, 40, 56, 73}) {
    const auto samples = render_tones(one_note(program, 69, 0, 1), 1);
    EXPECT_GT(amplitude(samples, 440, 16000), 20 * amplitude(samples, 466, 16000)) << program;
  }
}

TEST(Tones, NoPartialFoldsBackFromAboveTheNyquistFrequency) {
  // Of 2637 Hz (pitch 100) at 16 kHz harmonics 1-2 fit (3 is cut off near the edge); 4 would fold to 5451 Hz, 5 to
  // 2813.
  const auto samples = render_tones(one_note(16, 100, 0, 2), 2);
  const double loud = amplitude(samples, 2637.02, 16000);
  EXPECT_GT(loud, 0.01);
  for (const double folded : {16000 - 4 * 2637.02, 16000 - 5 * 2637.02, 7 * 2637.02 - 16000}) {
    EXPECT_LT(amplitude(samples, folded, 16000), 1e-3 * loud) << folded;  // -60 dB: interpolation in the table
  }
  EXPECT_EQ(peak(render_tones(one_note(16, 127), 2)), 0);
}

TEST(Tones, KeysDecayAndStringsStay) {
  const auto level = [](int program, double from_sec) {
    return peak(between(render_tones(one_note(program, 72, 0, 3), 3), from_sec, from_sec + 0.2));
  };
  for (const int decaying : {0, 11, 25, 33, 45})
    EXPECT_LT(level(decaying, 2.5), 0.3 * level(decaying, 0.1)) << decaying;
  for (const int sustained : {19, 40, 48, 56, 65, 73}) {
    EXPECT_GT(level(sustained, 2.5), 0.8 * level(sustained, 0.3)) << sustained;
  }
}

TEST(Tones, LouderNotesAreLouder) {
  for (const int program : {0, 40, kDrumProgram}) {
    EXPECT_GT(peak(render_tones(one_note(program, 40, 0, 1, 120), 1)),
              2 * peak(render_tones(one_note(program, 40, 0, 1, 50), 1)));
  }
}

TEST(Tones, EveryDrumSoundsAtItsOnsetAndUnlikeTheOthers) {
  std::vector<std::vector<float>> drums;
  for (int key = 35; key <= 81; ++key) {
    drums.push_back(render_tones(one_note(kDrumProgram, key), 4));
    EXPECT_EQ(peak(between(drums.back(), 0, 0.5)), 0) << key;
    EXPECT_GT(peak(between(drums.back(), 0.5, 0.52)), 0.05) << key;
  }
  for (std::size_t a = 0; a < drums.size(); ++a) {
    for (std::size_t b = a + 1; b < drums.size(); ++b) EXPECT_NE(drums[a], drums[b]) << a << " " << b;
  }
}

TEST(Tones, ClosingTheHiHatEndsItsRinging) {
  Part part{kDrumProgram, {{0, 0.01, 46, 100}}};
  const auto open = render_tones(part, 1);
  part.notes.push_back({0.2, 0.21, 42, 100});
  const auto closed = render_tones(part, 1);
  EXPECT_GT(peak(between(open, 0.4, 0.6)), 4 * peak(between(closed, 0.4, 0.6)));
}

TEST(Tones, TheSeedVariesTheSoundAndNothingElse) {
  Song song{{one_note(0, 60), one_note(0, 60), one_note(kDrumProgram, 38)}, 1.5};
  const auto plain = render_tones(song);
  EXPECT_EQ(plain, render_tones(song));
  EXPECT_EQ(plain[0], plain[1]);
  const auto varied = render_tones(song, {16000, 0.5, 3});
  EXPECT_EQ(varied, render_tones(song, {16000, 0.5, 3}));
  EXPECT_NE(varied, render_tones(song, {16000, 0.5, 4}));
  EXPECT_NE(varied[0], varied[1]);
  ASSERT_EQ(varied[2].size(), 32000u);
  EXPECT_EQ(peak(between(varied[2], 0, 0.5)), 0);
}

TEST(Tones, LengthsAndRatesOutOfRangeAreRefused) {
  EXPECT_THROW(render_tones(one_note(0, 60), -1), Error);
  EXPECT_THROW(render_tones(one_note(0, 60), 1e9), Error);
  EXPECT_THROW(render_tones(one_note(0, 60), 1, {4000}), Error);
  EXPECT_THROW(render_tones(one_note(0, 60), 1, {16000, -1}), Error);
}

TEST(ComposeStore, MakesTheTracksAskedFor) {
  testing::TemporaryFolder folder;
  ComposeStoreOptions options;
  options.output = folder / "set";
  options.tracks = 5;
  options.validation_tracks = 2;
  options.seconds = 4;
  options.max_parts = 2;
  options.min_gap_sec = 0.25;
  compose_store(options);
  EXPECT_EQ(Store(folder / "set", "train").tracks().size(), 3u);
  EXPECT_EQ(Store(folder / "set", "validation").tracks().size(), 2u);
  const Store all(folder / "set");
  for (const auto& track : all.tracks()) {
    EXPECT_LE(track.stems.size(), 2u);
    for (const auto& stem : track.stems) {
      EXPECT_EQ(stem.wav.samples().size(), 64000u);
      for (std::size_t n = 1; n < stem.notes.size(); ++n) {
        EXPECT_GE(stem.notes[n].onset_sec - stem.notes[n - 1].onset_sec, 0.25 - 1e-5);  // written in microseconds
      }
    }
  }
}

TEST(ComposeStore, IsTheSameForEveryNumberOfThreads) {
  testing::TemporaryFolder folder;
  ComposeStoreOptions options;
  options.seconds = 3;
  options.output = folder / "one";
  compose_store(options);
  options.output = folder / "three";
  options.threads = 3;
  compose_store(options);
  const Store one(folder / "one"), three(folder / "three");
  ASSERT_EQ(one.tracks().size(), 8u);
  ASSERT_EQ(three.tracks().size(), 8u);
  for (std::size_t t = 0; t < 8; ++t) {
    const auto &a = one.tracks()[t].stems, &b = three.tracks()[t].stems;
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t s = 0; s < a.size(); ++s) {
      EXPECT_EQ(a[s].notes, b[s].notes);
      EXPECT_TRUE(std::ranges::equal(a[s].wav.samples(), b[s].wav.samples()));
    }
  }
}

TEST(ComposeStore, RefusesWhatItCannotMake) {
  testing::TemporaryFolder folder;
  ComposeStoreOptions options;
  options.output = folder / "set";
  options.tracks = 0;
  EXPECT_THROW(compose_store(options), Error);
  options.tracks = 2;
  options.validation_tracks = 3;
  EXPECT_THROW(compose_store(options), Error);
  options.validation_tracks = 0;
  options.seconds = -1;
  EXPECT_THROW(compose_store(options), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "set/index.jsonl"));
}

}  // namespace
}  // namespace yourmt3
