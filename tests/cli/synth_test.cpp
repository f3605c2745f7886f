// `yourmt3 synth`: music composed, played and rendered into data sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

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

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) found.push_back(entry.path().filename());
  std::ranges::sort(found);
  return found;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SynthStems, AreTheSameForEveryNumberOfThreadsAndDifferWithTheSeed) {
  TemporaryFolder folder;
  for (const char* seed : {"1", "2"}) {
    ASSERT_EQ(run_program({"synth", "--compose", seed, "--length", "4", "--soundfont", "tones", "-o", folder / "x.wav",
                           "--force", "--midi", folder / (std::string(seed) + ".mid")})
                  .status,
              0);
  }
  const auto stems = [&](const std::string& name, const std::string& threads, const std::string& seed) {
    const auto run = run_program({"synth",
                                  folder / "1.mid",
                                  folder / "2.mid",
                                  "--stems",
                                  folder / name,
                                  "--threads",
                                  threads,
                                  "--seed",
                                  seed,
                                  "--soundfont",
                                  "tones",
                                  "--takes",
                                  "2",
                                  "--keep-program",
                                  "0.5",
                                  "--keep-drums",
                                  "0.3",
                                  "--timing",
                                  "5",
                                  "--detune",
                                  "10",
                                  "--transpose",
                                  "2",
                                  "--tempo-change",
                                  "0.1",
                                  "--velocity-change",
                                  "0.2"});
    EXPECT_EQ(run.status, 0) << run.err;
  };
  stems("a", "1", "1");
  stems("b", "3", "1");
  stems("c", "3", "2");
  EXPECT_EQ(names_in(folder / "a"), (std::vector<std::string>{"1-1", "1-2", "2-1", "2-2"}));
  for (const auto& song : names_in(folder / "a")) {
    ASSERT_EQ(names_in(folder / "a" / song), names_in(folder / "b" / song));
    for (const auto& name : names_in(folder / "a" / song)) {
      EXPECT_EQ(bytes_of(folder / "a" / song / name), bytes_of(folder / "b" / song / name)) << song << " " << name;
    }
    EXPECT_NE(bytes_of(folder / "a" / song / "mix.json"), bytes_of(folder / "c" / song / "mix.json"));
  }
  EXPECT_NE(bytes_of(folder / "a/1-1/mix.json"), bytes_of(folder / "a/1-2/mix.json"));
}

TEST(SynthStems, ASongThatFailsDoesNotStopTheOthers) {
  TemporaryFolder folder;
  std::ofstream(folder / "good.csv") << "onset_sec,offset_sec,pitch,program,is_drum\n0,0.5,60,0,0\n";
  std::ofstream(folder / "empty.csv") << "onset_sec,offset_sec,pitch,program,is_drum\n";
  const std::vector<std::string> arguments = {"synth",   folder / "empty.csv", folder / "none.mid", folder / "good.csv",
                                              "--stems", folder / "out",       "--soundfont",       "tones"};
  const auto run = run_program(arguments);
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.out, (folder / "out/good").string() + "\n");
  EXPECT_THAT(run.err, HasSubstr("empty.csv: no notes in it"));
  EXPECT_THAT(run.err, HasSubstr("none.mid"));
  EXPECT_EQ(names_in(folder / "out"), std::vector<std::string>{"good"});
  const auto again = run_program(arguments);
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("good: exists already; use --force"));
  auto forced = arguments;
  forced.insert(forced.end(), {"--force", "--format", "flac"});
  EXPECT_EQ(run_program(forced).out, run.out);
  EXPECT_EQ(names_in(folder / "out/good"), (std::vector<std::string>{"00-acoustic-piano.flac", "00-acoustic-piano.mid",
                                                                     "mix.flac", "mix.json", "mix.mid"}));
}

TEST(SynthStems, RefusesWhatMakesNoSense) {
  TemporaryFolder folder;
  EXPECT_EQ(run_program({"synth", "a.mid", "b.mid", "-o", folder / "x.wav"}).status, 2);
  EXPECT_EQ(run_program({"synth", "a.mid", "x/a.mid", "--stems", folder / "x"}).status, 2);
  EXPECT_EQ(run_program({"synth", "a.mid", "--takes", "2"}).status, 2);
  EXPECT_EQ(run_program({"synth", "a.mid", "--stems", folder / "x", "-o", folder / "x.wav"}).status, 2);
  EXPECT_EQ(run_program({"synth", "a.mid", "--stems", folder / "x", "--keep-program", "2"}).status, 2);
  EXPECT_EQ(run_program({"synth", "a.mid", "--stems", folder / "x", "--keep-drums", "-1"}).status, 2);
  EXPECT_EQ(run_program({"synth", "a.mid", "--dataset", folder / "x", "--stems", folder / "y"}).status, 2);
  std::ofstream(folder / "a.csv") << "onset_sec,offset_sec,pitch,program,is_drum\n0,0.5,60,0,0\n";
  std::ofstream(folder / "bad.sf2") << "no font";
  const auto font =
      run_program({"synth", folder / "a.csv", "--stems", folder / "x", "--soundfont", folder / "bad.sf2"});
  EXPECT_EQ(font.status, 1);
  EXPECT_THAT(font.err, HasSubstr("bad.sf2: not a sound font"));
  const auto place = run_program({"synth", folder / "a.csv", "--stems", folder / "a.csv/x", "--soundfont", "tones"});
  EXPECT_EQ(place.status, 1);
  EXPECT_THAT(place.err, HasSubstr("cannot make this folder"));
  const auto extension = run_program({"synth", folder / "a.csv", "-o", folder / "x.xyz", "--soundfont", "tones"});
  EXPECT_EQ(extension.status, 1);
  EXPECT_THAT(extension.err, HasSubstr(".xyz"));
  EXPECT_EQ(names_in(folder.path()), (std::vector<std::string>{"a.csv", "bad.sf2"}));
}

TEST(SynthDataSet, NeedsNoFontAndAppearsWhole) {
  TemporaryFolder folder;
  const std::vector<std::string> arguments = {
      "synth",     "--dataset", folder / "set", "--tracks", "3", "--validation-tracks", "1", "--shortest", "2",
      "--longest", "3",         "--soundfont",  "tones"};
  const auto run = run_program(arguments);
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, (folder / "set/index.jsonl").string() + "\n");
  const auto index = bytes_of(folder / "set/index.jsonl");
  EXPECT_EQ(std::ranges::count(index, '\n'), 3);
  EXPECT_THAT(index, HasSubstr("\"split\":\"validation\""));
  const auto again = run_program(arguments);
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("exists already"));
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"set"});
}

TEST(SynthDataSet, AnInterruptLeavesNothing) {
  TemporaryFolder folder;
  RunOptions options;
  options.interrupt_after_bytes = 1;  // It says that a font is missing, and goes on with the tones.
  const auto run = run_program({"synth", "--dataset", folder / "set", "--hours", "1000", "--soundfont",
                                folder / "none.sf2", "--soundfont", "tones"},
                               options);
  EXPECT_EQ(run.status, 130);
  EXPECT_THAT(run.err, HasSubstr("none.sf2"));
  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

}  // namespace
}  // namespace yourmt3::testing
