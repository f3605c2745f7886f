// `yourmt3 synth`: music composed, played and rendered into data sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "run_program.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string small_font() {
  for (const char* path : {"/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf2/default-GM.sf2"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

TEST(Synth, ComposesAndPlaysAndPlaysAgainFromTheMidi) {
  if (small_font().empty()) GTEST_SKIP() << "no sound font is installed; the package timgm6mb-soundfont has one";
  TemporaryFolder folder;
  const auto first = run_program({"synth", "--compose", "7", "--style", "pop", "--length", "6", "--soundfont",
                                  small_font(), "-o", folder / "a.flac", "--midi", folder / "a.mid"});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.out, (folder / "a.flac").string() + "\n");
  EXPECT_GT(std::filesystem::file_size(folder / "a.flac"), 20000u);
  const auto second = run_program({"synth", folder / "a.mid", "--soundfont", small_font()});
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_TRUE(std::filesystem::exists(folder / "a.wav"));
  const auto again = run_program({"synth", folder / "a.mid", "--soundfont", small_font()});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("a.wav"));
  EXPECT_EQ(run_program({"synth", folder / "a.mid", "--soundfont", small_font(), "--force"}).status, 0);
}

TEST(Synth, FluidSynthIsLoadedForPlayingOnly) {
  TemporaryFolder folder;
  std::ofstream(folder / "libfluidsynth.so.3") << "not a library";
  RunOptions without;
  without.environment["LD_LIBRARY_PATH"] = folder.path().string();
  EXPECT_EQ(run_program({"transcribe", "--instruments"}, without).status, 0);
  if (small_font().empty()) GTEST_SKIP() << "no sound font is installed; the package timgm6mb-soundfont has one";
  const auto run = run_program(
      {"synth", "--compose", "3", "--length", "2", "--soundfont", small_font(), "-o", folder / "a.wav"}, without);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("install the package libfluidsynth3"));
}

TEST(Synth, SaysWhatIsWrong) {
  TemporaryFolder folder;
  EXPECT_EQ(run_program({"synth"}).status, 2);
  EXPECT_EQ(run_program({"synth", "a.mid", "--compose", "3"}).status, 2);
  EXPECT_EQ(run_program({"synth", "--compose", "3", "--style", "polka", "-o", folder / "a.wav"}).status, 2);
  const auto missing = run_program({"synth", folder / "missing.mid"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("missing.mid"));
  const auto font = run_program(
      {"synth", "--compose", "3", "--length", "2", "-o", folder / "a.wav", "--soundfont", folder / "x.sf2"});
  EXPECT_EQ(font.status, 1);
  EXPECT_THAT(font.err, HasSubstr("x.sf2"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.wav"));
}

}  // namespace
}  // namespace yourmt3::testing
