#include "prepare/enst_drums_data_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "prepare/enst_annotation.h"
#include "prepared_items.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::ElementsAre;
using testing::error_message;
using testing::find_sound;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::planned;
using ::testing::SizeIs;
using testing::SourceFiles;
using testing::track_of;
using testing::tracks_by_list;
using ::testing::UnorderedElementsAre;

/// A recording as it is distributed: stereo at 44.1 kHz, with accompaniment where the name tells so.
void add_recording(const SourceFiles& files, int drummer, const std::string& name, double seconds = 1,
                   const std::string& annotation = "0.204331 bd\n0.5 sd\n") {
  const std::string folder = fmt::format("drummer_{}/", drummer);
  files.text(folder + "annotation/" + name + ".txt", annotation);
  files.wav(folder + "audio/wet_mix/" + name + ".wav", testing::sine(seconds, 200, 44100), 44100, 2);
  if (name.find("minus-one") == std::string::npos) return;
  auto quiet = testing::sine(seconds + 0.25, 1000, 44100);
  for (float& sample : quiet) sample *= 0.1F;
  files.wav(folder + "audio/accompaniment/" + name + ".wav", quiet, 44100, 2);
}

std::vector<int> pitches(const std::vector<Note>& notes) {
  std::vector<int> pitches;
  for (const Note& note : notes) pitches.push_back(note.pitch);
  return pitches;
}

/// Largest value of the sound at a frequency, by correlation with a sine of it.
double amplitude(const std::vector<float>& samples, double hz) {
  double sine = 0, cosine = 0;
  const std::size_t n = 16000;  // A whole number of periods.
  for (std::size_t i = 0; i < n; ++i) {
    const double phase = 2 * 3.141592653589793 * hz * static_cast<double>(i) / 16000;
    sine += samples[i] * std::sin(phase);
    cosine += samples[i] * std::cos(phase);
  }
  return 2 * std::hypot(sine, cosine) / static_cast<double>(n);
}

TEST(EnstAnnotation, KnowsAllLabelsAndTakesOffWhatIsNoLetter) {
  const auto notes = parse_enst_annotation(
      "0.1 bd\n0.2\tsd-\n0.3 sweep\n0.4 sticks\n0.5 rs\n0.6 cs\n0.7 chh\n0.8 ohh\n0.9 cb\n1.0 c1\n\n"
      "1.1 lmt\n1.2 mt\n1.3 mtr\n1.4 lt\n1.5 ltr\n1.6 lft\n1.7 rc2 ignored\n1.8 ch\n1.9 cr1\n2.0 spl\r\n",
      "a.txt");
  EXPECT_THAT(pitches(notes), ElementsAre(36, 38, 0, 1, 2, 37, 42, 46, 56, 3, 47, 48, 58, 45, 50, 41, 51, 52, 49, 55));
  EXPECT_EQ(notes[0], (Note{true, kDrumProgram, 0.1, 0.1 + 0.01, 36, 1})) << "10 ms long, not rounded";
}

TEST(EnstAnnotation, CutsAHitWhereTheNextOfItsKindBegins) {
  const auto notes = parse_enst_annotation("0.5 bd\n0.504 bd\n0.504 bd\n0.505 sd\n", "a.txt");
  EXPECT_THAT(notes, ElementsAre(Note{true, kDrumProgram, 0.5, 0.504, 36, 1},
                                 Note{true, kDrumProgram, 0.504, 0.504 + 0.01, 36, 1},
                                 Note{true, kDrumProgram, 0.505, 0.505 + 0.01, 38, 1}));
}

TEST(EnstAnnotation, NamesFileAndLineOfWhatItDoesNotKnow) {
  EXPECT_THAT(error_message([] { parse_enst_annotation("0.1 bd\n\n0.2 gong\n", "a.txt"); }),
              HasSubstr("a.txt, line 3: no drum is called 'gong', only bd, sd,"));
  EXPECT_THAT(error_message([] { parse_enst_annotation("x bd\n", "a.txt"); }),
              HasSubstr("a.txt, line 1: 'x' is no number"));
  EXPECT_THAT(error_message([] { parse_enst_annotation("0.1 bd\n0.2\n", "a.txt"); }), HasSubstr("a.txt, line 2"));
}

TEST(EnstDrumsDataSet, GivesDrumsAloneAndTwoMixesWithAccompaniment) {
  const SourceFiles files;
  add_recording(files, 1, "036_phrase_disco_simple_slow_sticks");
  add_recording(files, 3, "126_minus-one_salsa_sticks");
  const DataSetPlan plan = EnstDrumsDataSet().plan(files.path(), {});
  ASSERT_THAT(plan.items, SizeIs(2));

  const PreparedItem phrase = planned(plan, "1_036").read();
  ASSERT_THAT(phrase.tracks, SizeIs(1));
  EXPECT_EQ(phrase.tracks[0].id, "1_036");
  EXPECT_EQ(phrase.tracks[0].split, "train");
  EXPECT_THAT(phrase.tracks[0].lists, UnorderedElementsAre("all_dtp", "drummer_1_dtp", "drummer_1_2_dtp", "all_dtd",
                                                           "all_dtm", "drummer_1_dtm", "drummer_1_2_dtm"));
  ASSERT_THAT(phrase.tracks[0].stems, SizeIs(1));
  EXPECT_EQ(phrase.tracks[0].stems[0].program, kDrumProgram);
  EXPECT_THAT(pitches(phrase.tracks[0].stems[0].notes), ElementsAre(36, 38));
  EXPECT_EQ(find_sound(phrase, "drums")->samples.size(), 16000U);

  const PreparedItem song = planned(plan, "3_126").read();
  ASSERT_THAT(song.tracks, SizeIs(3));
  const PreparedTrack& drums = track_of(song, "3_126_dtp");
  EXPECT_EQ(drums.split, "test");
  EXPECT_THAT(drums.lists, UnorderedElementsAre("all_dtp", "drummer_3_dtp"));
  const PreparedTrack& r1 = track_of(song, "3_126_dtm_r1");
  EXPECT_EQ(r1.split, "test_dtm_r1");
  EXPECT_THAT(r1.lists, UnorderedElementsAre("drummer_3_dtm_r1"));
  const PreparedTrack& r2 = track_of(song, "3_126_dtm_r2");
  EXPECT_THAT(r2.lists, UnorderedElementsAre("drummer_3_dtm_r2", "all_dtm"));
  ASSERT_THAT(r2.stems, SizeIs(2));
  EXPECT_EQ(r2.stems[0].program, kDrumProgram);
  EXPECT_THAT(r2.stems[0].notes, SizeIs(2));
  EXPECT_EQ(r2.stems[1].program, kUnannotatedProgram);
  EXPECT_THAT(r2.stems[1].notes, IsEmpty());

  // Whatever their own peaks, both sines are in the mix by its ratio.
  const auto& mix_r1 = find_sound(song, r1.mix)->samples;
  const auto& mix_r2 = find_sound(song, r2.mix)->samples;
  EXPECT_EQ(mix_r2.size(), 20000U) << "as long as the longer one";
  EXPECT_NEAR(amplitude(mix_r1, 200) / amplitude(mix_r1, 1000), 3, 0.03);
  EXPECT_NEAR(amplitude(mix_r2, 200) / amplitude(mix_r2, 1000), 1.5, 0.015);
  const auto louder = [](float a, float b) { return std::abs(a) < std::abs(b); };
  EXPECT_FLOAT_EQ(std::abs(*std::max_element(mix_r1.begin(), mix_r1.end(), louder)), 1);
}

TEST(EnstDrumsDataSet, DrawsTheReferencesPartsOfAllWithAccompaniment) {
  const SourceFiles files;
  // 64 with accompaniment, as there really are, 21 of them of drummer 3.
  for (int i = 0; i < 64; ++i) {
    add_recording(files, i < 20 ? 1 : i < 43 ? 2 : 3, fmt::format("{:03}_minus-one_x", 100 + i), 0.02);
  }
  add_recording(files, 2, "001_hits_snare-drum_sticks_x6", 0.02);
  const EnstDrumsDataSet set;
  const DataSetPlan plan = set.plan(files.path(), {});
  EXPECT_THAT(plan.remarks,
              ElementsAre(HasSubstr("drummer_1/annotation: 20 of 97"), HasSubstr("drummer_2/annotation: 24 of 105"),
                          HasSubstr("drummer_3/annotation: 21 of 116")));
  EXPECT_EQ(planned(plan, "1_100").context, "validation") << "depends on all others";
  auto tracks = tracks_by_list(plan);
  EXPECT_THAT(tracks["train_dtp"], SizeIs(44));
  EXPECT_THAT(tracks["train_dtm"], SizeIs(44));
  EXPECT_THAT(tracks["validation_dtp"],
              UnorderedElementsAre("3_159_dtp", "3_161_dtp", "3_156_dtp", "1_100_dtp", "1_104_dtp", "1_117_dtp",
                                   "1_119_dtp", "2_129_dtp", "2_136_dtp", "2_139_dtp"));
  EXPECT_THAT(tracks["validation_dtm"], SizeIs(20)) << "both mixes";
  EXPECT_THAT(tracks["test_dtm"], SizeIs(20));
  EXPECT_TRUE(tracks["test_dtm"].contains("1_118_dtm_r1"));
  EXPECT_TRUE(tracks["test_dtm"].contains("1_118_dtm_r2"));
  EXPECT_THAT(tracks["all_dtd"], UnorderedElementsAre("2_001"));
  EXPECT_THAT(tracks["all_dtp"], SizeIs(65));
  EXPECT_THAT(tracks["all_dtm"], SizeIs(65));
  EXPECT_THAT(tracks["drummer_2_dtm"], SizeIs(24));
  EXPECT_THAT(tracks["drummer_1_2_dtp"], SizeIs(44));
  EXPECT_THAT(tracks["drummer_3_dtm_r1"], SizeIs(21));
  EXPECT_THAT(tracks["drummer_3_dtp"], SizeIs(21));
  EXPECT_THAT(tracks["train"], SizeIs(44)) << "drums of drummers 1 and 2, each once";
  const auto lists = set.lists();
  for (const auto& [list, ids] : tracks) EXPECT_TRUE(std::count(lists.begin(), lists.end(), list)) << list;
}

TEST(EnstDrumsDataSet, TellsWhatIsMissingAndWhatItLeavesOut) {
  const SourceFiles files;
  add_recording(files, 1, "036_phrase_a");
  add_recording(files, 1, "036_phrase_b");
  files.text("drummer_1/annotation/notes.txt", "0.1 bd\n");
  const DataSetPlan plan = EnstDrumsDataSet().plan(files.path(), {});
  EXPECT_THAT(plan.items, SizeIs(1));
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("drummer_1/annotation: 3 of 97 annotations"),
                                        HasSubstr("036_phrase_b.txt: left out, another annotation has this number"),
                                        HasSubstr("notes.txt: left out, its name does not begin with three digits"),
                                        HasSubstr("drummer_2/annotation: 0 of 105 annotations"),
                                        HasSubstr("drummer_3/annotation: 0 of 116 annotations"),
                                        HasSubstr("0 recordings with accompaniment, of 64; the lists train_dtp")));
  EXPECT_THAT(error_message([&] { EnstDrumsDataSet().plan(files.path() / "drummer_1", {}); }),
              HasSubstr("no ENST-Drums, which has\ndrummer_1/annotation"));
}

TEST(EnstDrumsDataSet, FailsOnTheRecordingWithAnUnknownDrumOnly) {
  const SourceFiles files;
  add_recording(files, 1, "001_good");
  add_recording(files, 1, "002_bad", 1, "0.1 bd\n0.2 triangle\n");
  const DataSetPlan plan = EnstDrumsDataSet().plan(files.path(), {});
  EXPECT_THAT(planned(plan, "1_001").read().tracks, SizeIs(1));
  EXPECT_THAT(error_message([&] { planned(plan, "1_002").read(); }),
              HasSubstr("drummer_1/annotation/002_bad.txt, line 2: no drum is called 'triangle'"));
}

}  // namespace
}  // namespace yourmt3
