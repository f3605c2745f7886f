#include "data/synthesizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <fstream>

#include "data/render_dataset.h"
#include "sound_fonts.h"
#include "support/temporary_folder.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

double energy_at(const std::vector<float>& samples, std::size_t start, std::size_t count, double hertz) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double window = 0.5 - 0.5 * std::cos(2 * M_PI * static_cast<double>(i) / static_cast<double>(count));
    sum += window * static_cast<double>(samples[start + i]) *
           std::polar(1.0, -2 * M_PI * hertz * static_cast<double>(i) / kRenderRate);
  }
  return std::norm(sum);
}

/// First sample that reaches a tenth of the peak.
std::size_t attack_of(const std::vector<float>& samples) {
  float peak = 0;
  for (const float sample : samples) peak = std::max(peak, std::abs(sample));
  const auto at =
      std::find_if(samples.begin(), samples.end(), [&](float sample) { return std::abs(sample) > 0.1f * peak; });
  return static_cast<std::size_t>(at - samples.begin());
}

TEST(Synthesizer, SoundsAtThePitchOfTheNote) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  Synthesizer synth(*font);
  for (const int pitch : {57, 64, 72, 81}) {
    const Part part{0, {{0.1, 1.4, pitch, 100}}};
    const auto samples = synth.render(part, 1.5);
    ASSERT_EQ(samples.size(), 24000u);
    int best = 0;
    double best_energy = -1;
    for (int candidate = pitch - 6; candidate <= pitch + 6; ++candidate) {
      const double energy = energy_at(samples, 3200, 16000, 440 * std::exp2((candidate - 69) / 12.0));
      if (energy > best_energy) {
        best_energy = energy;
        best = candidate;
      }
    }
    EXPECT_EQ(best, pitch);
  }
}

TEST(Synthesizer, BeginsNotesWhenTheyAreWritten) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  Synthesizer synth(*font);
  for (const double onset : {0.0, 0.25, 0.7771, 1.0}) {
    for (const int program : {0, kDrumProgram}) {
      const Part part{program, {{onset, onset + 0.5, program == 0 ? 72 : 38, 110}}};
      const auto samples = synth.render(part, 2);
      // One frame of the networks is 20 ms; a struck sound reaches a tenth of its peak well within.
      EXPECT_NEAR(static_cast<double>(attack_of(samples)) / kRenderRate, onset, 0.01) << "program " << program;
    }
  }
}

TEST(Synthesizer, RendersAPartTheSameAfterAnother) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  Synthesizer synth(*font);
  const Part part{0, {{0.1, 0.9, 60, 100}, {0.5, 0.9, 67, 100}}};
  Timbre wet;
  wet.reverb = 1;
  wet.tuning_cents = 50;
  wet.chorus = 0.5;
  for (const auto& timbre : {Timbre{}, wet}) {
    const auto first = synth.render(part, 1, timbre);
    (void)synth.render({48, {{0, 5, 50, 127}}}, 0.777, wet);
    EXPECT_EQ(first, synth.render(part, 1, timbre));
  }
}

TEST(Synthesizer, FollowsTheTuning) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  Synthesizer synth(*font);
  Timbre sharp;
  sharp.tuning_cents = 100;
  const auto samples = synth.render({0, {{0.1, 1.4, 69, 100}}}, 1.5, sharp);
  EXPECT_GT(energy_at(samples, 3200, 16000, 440 * std::exp2(1 / 12.0)), energy_at(samples, 3200, 16000, 440));
}

TEST(Synthesizer, NamesWhatItCannotPlay) {
  testing::TemporaryFolder folder;
  EXPECT_THROW(Synthesizer(folder / "missing.sf2"), Error);
  std::ofstream(folder / "text.sf2") << "no sound font";
  EXPECT_THROW(Synthesizer(folder / "text.sf2"), Error);
  YOURMT3_NEEDS_SOUND_FONT(font);
  Synthesizer synth(*font);
  Timbre odd;
  odd.bank = 77;
  EXPECT_THROW(synth.render({0, {{0, 1, 60, 100}}}, 1, odd), Error);
}

TEST(Synthesizer, DropsNotesThatTheFontHasNoSoundFor) {
  YOURMT3_NEEDS_SOUND_FONT(font);
  Synthesizer synth(*font);
  Part drums{kDrumProgram, {{0, 0.1, 36, 100}, {0.2, 0.3, 2, 100}, {0.4, 0.5, 38, 100}, {0.6, 0.7, 2, 40}}};
  synth.drop_silent(drums);
  ASSERT_EQ(drums.notes.size(), 2u);
  EXPECT_EQ(drums.notes[0].pitch, 36);
  EXPECT_EQ(drums.notes[1].pitch, 38);
  Part piano{0, {{0, 1, 60, 100}, {0, 1, 60, 1}}};
  synth.drop_silent(piano);
  EXPECT_EQ(piano.notes.size(), 2u);
}

TEST(Synthesizer, TellsWhatIsWrongWithAFont) {
  testing::TemporaryFolder folder;
  const auto message = [](const std::filesystem::path& path) -> std::string {
    try {
      Synthesizer synth(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message(folder / "none.sf2"), ::testing::HasSubstr("none.sf2: no such sound font"));
  EXPECT_THAT(message(folder.path()), ::testing::HasSubstr("not a file"));
  std::ofstream(folder / "text.sf2") << "RIFF, but no font";
  EXPECT_THAT(message(folder / "text.sf2"), ::testing::HasSubstr("text.sf2: not a sound font"));
  YOURMT3_NEEDS_SOUND_FONT(font);
  std::vector<char> bytes(100000);
  std::ifstream(*font, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  std::ofstream(folder / "cut.sf2", std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_THAT(message(folder / "cut.sf2"), ::testing::HasSubstr("cut: 100000 bytes of"));
}

TEST(LevellingGain, BringsSoundsToOneLoudnessWithoutClipping) {
  std::vector<float> quiet(16000);
  for (std::size_t i = 0; i < quiet.size(); ++i) quiet[i] = 0.01f * std::sin(0.1f * static_cast<float>(i));
  auto click = std::vector<float>(16000, 0.001f);
  click[8000] = 0.5f;
  for (auto& samples : {quiet, click}) {
    const double gain = levelling_gain(samples);
    float peak = 0;
    std::vector<float> levelled;
    for (const float sample : samples) {
      levelled.push_back(static_cast<float>(gain) * sample);
      peak = std::max(peak, std::abs(levelled.back()));
    }
    EXPECT_LE(peak, 0.981f);
    EXPECT_LE(loudness(levelled), 0.1001);
  }
  EXPECT_NEAR(loudness(quiet) * levelling_gain(quiet), 0.1, 1e-3);
  EXPECT_EQ(levelling_gain(std::vector<float>(100)), 1);
}

}  // namespace
}  // namespace yourmt3
