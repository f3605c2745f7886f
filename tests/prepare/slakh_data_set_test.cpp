#include "prepare/slakh_data_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "data/audio_out.h"
#include "data/track_mix.h"
#include "made_up_midi.h"
#include "prepare/verify_store.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// As redux: FLAC, 44.1 kHz.
void add_flac(const SourceFiles& files, const std::string& name, double seconds = 1) {
  fs::create_directories((files.path() / name).parent_path());
  write_audio(files.path() / name, sine(seconds, 300, 44100), 44100, 1);
}

std::string stem_yaml(const std::string& id, int program, const std::string& plugin, bool there = true) {
  return fmt::format(
      "  {}:\n    audio_rendered: {}\n    inst_class: Any\n    is_drum: {}\n    midi_saved: {}\n    plugin_name: {}\n"
      "    program_num: {}\n",
      id, there, program == kDrumProgram, there, plugin, program);
}

/// Guitar, drums and two basses, of which one sounds at pitch, and an effect that nobody rendered.
void add_track(const SourceFiles& files, const std::string& folder) {
  files.text(folder + "/metadata.yaml", "UUID: 1a81\nstems:\n" + stem_yaml("S00", 30, "elektrik_guitar.nkm") +
                                            stem_yaml("S01", kDrumProgram, "session_kit_full.nkm") +
                                            stem_yaml("S02", 33, "scarbee_rickenbacker_bass_palm_muted.nkm") +
                                            stem_yaml("S03", 36, "scarbee_jay_bass_slap_both.nkm") +
                                            stem_yaml("S06", 103, "None", false));
  add_flac(files, folder + "/mix.flac");
  const std::vector<Key> keys = {{0.123, 0.5, 52}, {0.6, 0.9, 53}};
  for (const auto& [stem, program] : {std::pair{"S00", 30}, {"S01", 0}, {"S02", 33}, {"S03", 36}}) {
    add_flac(files, folder + "/stems/" + stem + ".flac");
    files.midi(folder + "/MIDI/" + stem + ".mid", played_midi(program, keys));
  }
  files.midi(folder + "/all_src.mid", played_midi(0, keys));
}

TEST(SlakhDataSet, ReadsStemsAndMixOfEverySplit) {
  const SourceFiles files;
  add_track(files, "slakh2100_flac_redux/train/Track00002");
  add_track(files, "slakh2100_flac_redux/validation/Track01501");
  add_track(files, "slakh2100_flac_redux/test/Track01876");
  add_track(files, "slakh2100_flac_redux/omitted/Track00003");
  const DataSetPlan plan = SlakhDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 3u) << "omitted tracks are copies of others";
  EXPECT_EQ(plan.items[0].id, "Track00002");
  EXPECT_EQ(plan.items[0].files.size(), 10u);
  const PreparedItem item = plan.items[1].read();
  EXPECT_THAT(item.remarks, IsEmpty());
  ASSERT_EQ(item.tracks.size(), 1u);
  const PreparedTrack& track = item.tracks[0];
  EXPECT_EQ(track.id, "Track01501");
  EXPECT_EQ(track.split, "validation");
  EXPECT_EQ(track.mix, "mix");
  ASSERT_EQ(track.stems.size(), 4u);
  EXPECT_EQ(track.stems[0].sound, "S00");
  EXPECT_THAT(track.stems[0].notes, ElementsAre(Note{false, 30, 0.12, 0.5, 52, 1}, Note{false, 30, 0.6, 0.9, 53, 1}));
  ASSERT_EQ(item.sounds.size(), 5u);
  for (const PreparedSound& sound : item.sounds) EXPECT_EQ(sound.samples.size(), 16000u) << sound.name;
}

TEST(SlakhDataSet, KeepsTheSplitWhereOnlyItsFolderIsNamed) {
  const SourceFiles files;
  add_track(files, "slakh2100_flac_redux/test/Track01876");
  add_track(files, "babyslakh_16k/Track00001");
  const auto split_in = [&](const std::string& folder) {
    return SlakhDataSet().plan(files.path() / folder, {}).items.at(0).read().tracks.at(0).split;
  };
  EXPECT_EQ(split_in("slakh2100_flac_redux/test"), "test");
  EXPECT_EQ(split_in("slakh2100_flac_redux/test/"), "test");
  EXPECT_EQ(split_in("babyslakh_16k"), "train");
}

TEST(SlakhDataSet, MakesAStoreWithStemsAndTheirMix) {
  const SourceFiles files;
  add_track(files, "train/Track00002");
  add_track(files, "test/Track01876");
  const TemporaryFolder out;
  const auto folder = prepared_store(SlakhDataSet(), files, out);
  const Store store(folder, "test");
  ASSERT_EQ(store.tracks().size(), 1u);
  const Store::Track& track = store.tracks()[0];
  EXPECT_THAT(track.info.annotated, ElementsAre(30, 33, 36, kDrumProgram));
  EXPECT_EQ(track.stems.at(1).info.program, kDrumProgram);
  EXPECT_EQ(track_notes(track).size(), 8u);
  const auto mix = track_mix(track);
  ASSERT_EQ(mix.size(), 16000u);
  EXPECT_NEAR(*std::max_element(mix.begin(), mix.end()), 0.5, 0.01) << "the mix itself, not the sum of four stems";
  EXPECT_THAT(verify_store(folder, 1), IsEmpty());
}

TEST(SlakhDataSet, PutsBassesAnOctaveLowerButTheOneThatIsAtPitch) {
  const SourceFiles files;
  add_track(files, "train/Track00002");
  const auto track = SlakhDataSet().plan(files.path(), {}).items.at(0).read().tracks.at(0);
  EXPECT_EQ(track.stems[2].program, 33);
  EXPECT_EQ(track.stems[2].notes[0].pitch, 40);
  EXPECT_EQ(track.stems[3].program, 36);
  EXPECT_EQ(track.stems[3].notes[0].pitch, 52);
}

TEST(SlakhDataSet, ReadsDrumsWhateverTheirProgram) {
  const SourceFiles files;
  add_track(files, "train/Track00002");
  const auto track = SlakhDataSet().plan(files.path(), {}).items.at(0).read().tracks.at(0);
  EXPECT_EQ(track.stems[1].program, kDrumProgram);
  EXPECT_THAT(track.stems[1].notes,
              ElementsAre(Note{true, kDrumProgram, 0.12, 0.13, 52, 1}, Note{true, kDrumProgram, 0.6, 0.61, 53, 1}));
}

TEST(SlakhDataSet, ReadsTheSmallSetInWav) {
  const SourceFiles files;
  const std::string folder = "babyslakh_16k/Track00001";
  files.text(folder + "/metadata.yaml", "stems:\n" + stem_yaml("S00", 30, "elektrik_guitar.nkm"));
  files.wav(folder + "/mix.wav", sine(1, 300));
  files.wav(folder + "/stems/S00.wav", sine(1, 300));
  files.midi(folder + "/MIDI/S00.mid", played_midi(30, {{0, 0.5, 60}}));
  const DataSetPlan plan = SlakhDataSet().plan(files.path() / "babyslakh_16k", {});
  ASSERT_EQ(plan.items.size(), 1u);
  EXPECT_EQ(plan.items[0].read().tracks[0].split, "train");
}

TEST(SlakhDataSet, UsesStemsWithSoundAndMidiOnlyAndSaysSo) {
  const SourceFiles files;
  add_track(files, "train/Track00002");
  fs::remove(files.path() / "train/Track00002/stems/S00.flac");
  fs::remove(files.path() / "train/Track00002/MIDI/S02.mid");
  fs::remove(files.path() / "train/Track00002/MIDI/S03.mid");
  fs::remove(files.path() / "train/Track00002/stems/S03.flac");
  const auto item = SlakhDataSet().plan(files.path(), {}).items.at(0).read();
  EXPECT_EQ(item.tracks.at(0).stems.size(), 1u);
  EXPECT_THAT(item.remarks, ElementsAre("S00: its sound is missing; the stem is left out",
                                        "S02: its MIDI is missing; the stem is left out",
                                        "S03: its sound and MIDI are missing; the stem is left out"));
}

TEST(SlakhDataSet, TakesTheProgramOfTheMetadataAndSaysSo) {
  const SourceFiles files;
  add_track(files, "train/Track00002");
  files.midi("train/Track00002/MIDI/S00.mid", played_midi(24, {{0, 0.5, 60}}));
  const auto item = SlakhDataSet().plan(files.path(), {}).items.at(0).read();
  EXPECT_EQ(item.tracks.at(0).stems.at(0).notes.at(0).program, 30);
  EXPECT_THAT(item.remarks, ElementsAre("S00: program 24 in its MIDI, 30 in metadata.yaml, which is taken"));
}

TEST(SlakhDataSet, SaysWhatIsBroken) {
  const SourceFiles files;
  add_track(files, "train/Track00002");
  const PlannedItem item = SlakhDataSet().plan(files.path(), {}).items.at(0);
  const auto problem = [&] { return error_message([&] { item.read(); }); };
  files.text("train/Track00002/MIDI/S00.mid", "MThd");
  EXPECT_THAT(problem(), HasSubstr("MIDI/S00.mid"));
  files.text("train/Track00002/metadata.yaml", "stems: {S00");
  EXPECT_THAT(problem(), HasSubstr("metadata.yaml"));
  files.text("train/Track00002/metadata.yaml", "stems: {S09: {program_num: 1}}");
  EXPECT_THAT(problem(), HasSubstr("no stem with sound and MIDI"));
  add_track(files, "train/Track00002");
  files.text("train/Track00002/mix.flac", "fLaC");
  EXPECT_THAT(problem(), HasSubstr("mix.flac"));
}

TEST(SlakhDataSet, SaysWhatWasExpected) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { SlakhDataSet().plan(files.path(), {}); }),
              AllOf(HasSubstr("no Slakh2100 in it"), HasSubstr("metadata.yaml")));
  add_track(files, "babyslakh_16k/Track00001");
  add_track(files, "slakh2100_flac_redux/train/Track00001");
  EXPECT_THAT(error_message([&] { SlakhDataSet().plan(files.path(), {}); }), HasSubstr("2 distributions"));
}

}  // namespace
}  // namespace yourmt3::testing
