#include "prepare/guitarset_data_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "data/store.h"
#include "data/track_mix.h"
#include "prepare/jams_notes.h"
#include "prepared_items.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::error_message;
using testing::find_sound;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::planned;
using ::testing::SizeIs;
using testing::SourceFiles;
using testing::track_of;
using testing::tracks_by_list;
using ::testing::UnorderedElementsAre;

constexpr int kGuitar = 24;

Note plucked(double onset_sec, double offset_sec, int pitch) {
  return {false, kGuitar, onset_sec, offset_sec, pitch, 1};
}

std::string annotation(const std::string& name_space, const std::string& source, const std::string& data) {
  return fmt::format(
      R"({{"annotation_metadata": {{"data_source": "{}"}}, "namespace": "{}", "data": [{}], "sandbox": {{}}}})", source,
      name_space, data);
}

/// As it is distributed: a contour and notes of each string, then tempo and chords.
std::string jams(
    const std::string& low_string = R"({"time": 0.5, "duration": 0.25, "value": 45.06, "confidence": null})",
    const std::string& next_string = R"({"time": 0.1, "duration": 0.5, "value": 50.51, "confidence": null})") {
  const std::string contour =
      R"({"time": 0.0, "duration": 0.0, "value": {"index": 0, "frequency": 0.0, "voiced": false}, "confidence": null})";
  return fmt::format(
      R"({{"annotations": [{}, {}, {}, {}, {}], "file_metadata": {{"duration": 1.25}}, "sandbox": {{}}}})",
      annotation("pitch_contour", "0", contour), annotation("note_midi", "0", low_string),
      annotation("note_midi", "1", next_string),
      annotation("tempo", "", R"({"time": 0.0, "duration": 1.0, "value": 129.0, "confidence": 1.0})"),
      annotation("chord", "", R"({"time": 0.0, "duration": 1.0, "value": "D#:maj", "confidence": null})"));
}

void add_recording(const SourceFiles& files, const std::string& id, double seconds = 1, int sample_rate = 44100) {
  files.text("annotation/" + id + ".jams", jams());
  files.wav("audio_mono-mic/" + id + "_mic.wav", testing::sine(seconds, 220, sample_rate), sample_rate);
  files.wav("audio_mono-pickup_mix/" + id + "_mix.wav", testing::sine(seconds, 440, sample_rate), sample_rate);
}

TEST(JamsNotes, TakesTheNotesOfAllStringsAndNothingElse) {
  const JamsNotes notes = parse_jams_notes(jams(), "a.jams", kGuitar);
  EXPECT_THAT(notes.notes, ElementsAre(plucked(0.1, 0.1 + 0.5, 51), plucked(0.5, 0.75, 45)));
  EXPECT_EQ(notes.n_left_out, 0U);
  EXPECT_EQ(notes.duration_sec, 1.25);
}

TEST(JamsNotes, RepairsShortNotesAndCutsOverlapsOfStrings) {
  const auto text = jams(R"({"time": 0.5, "duration": 0.25, "value": 45.0, "confidence": null},
                            {"time": 0.9, "duration": 0.001, "value": 47.0, "confidence": null})",
                         R"({"time": 0.6, "duration": 0.25, "value": 44.8, "confidence": null})");
  EXPECT_THAT(parse_jams_notes(text, "a.jams", kGuitar).notes,
              ElementsAre(plucked(0.5, 0.6, 45), plucked(0.6, 0.6 + 0.25, 45), plucked(0.9, 0.9 + 0.01, 47)));
}

TEST(JamsNotes, LeavesOutWhatTheReferenceDoes) {
  const auto text = jams(R"({"time": 0.5, "duration": 0.25, "value": 45, "confidence": null},
                            {"time": 0.6, "duration": 0.25, "value": 45.5, "confidence": 0.9})");
  const JamsNotes notes = parse_jams_notes(text, "a.jams", kGuitar);
  EXPECT_THAT(notes.notes, SizeIs(1));
  EXPECT_EQ(notes.n_left_out, 2U);
}

TEST(JamsNotes, NamesWhatIsWrong) {
  const auto message = [](const std::string& text) {
    return error_message([&] { parse_jams_notes(text, "a.jams", kGuitar); });
  };
  EXPECT_THAT(message("{\"annotations\": ["), HasSubstr("a.jams: no JSON"));
  EXPECT_THAT(message("[1]"), HasSubstr("a.jams: no JAMS"));
  EXPECT_THAT(message(R"({"annotations": [{"namespace": "note_midi", "data": {}}]})"),
              HasSubstr("a.jams: annotation 0 has no list of observations"));
  EXPECT_THAT(message(jams(R"({"duration": 0.25, "value": 45.0, "confidence": null})")),
              HasSubstr("a.jams: observation 0 of annotation 1 has time nan"));
  EXPECT_THAT(message(jams(R"({"time": 0.1, "duration": 0.25, "value": 130.0, "confidence": null})")),
              HasSubstr("value 130; expected seconds and a MIDI pitch"));
}

TEST(GuitarSetDataSet, GivesATrackForMicrophoneAndPickups) {
  const SourceFiles files;
  add_recording(files, "00_BN1-129-Eb_comp");
  const DataSetPlan plan = GuitarSetDataSet().plan(files.path(), {});
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("annotation: 1 of 360 recordings")));
  EXPECT_THAT(planned(plan, "00_BN1-129-Eb_comp").files, SizeIs(3));
  const PreparedItem item = planned(plan, "00_BN1-129-Eb_comp").read();
  ASSERT_THAT(item.tracks, SizeIs(2));
  EXPECT_THAT(item.sounds, SizeIs(2));
  EXPECT_THAT(item.remarks, IsEmpty());
  const PreparedTrack& mic = track_of(item, "00_BN1-129-Eb_comp_mic");
  EXPECT_THAT(mic.lists, UnorderedElementsAre("all", "BN", "progression_1", "progression_1_2", "minus_funk",
                                              "minus_jazz", "minus_rock", "minus_ss"));
  ASSERT_THAT(mic.stems, SizeIs(1));
  EXPECT_EQ(mic.stems[0].program, kGuitar);
  EXPECT_THAT(mic.stems[0].notes, ElementsAre(plucked(0.1, 0.6, 51), plucked(0.5, 0.75, 45)));
  EXPECT_EQ(find_sound(item, mic.stems[0].sound)->samples.size(), 16000U);
  EXPECT_EQ(track_of(item, "00_BN1-129-Eb_comp_mix").split, mic.split);
}

TEST(GuitarSetDataSet, DrawsFourPlayersOfEachPartForTrainingTheSameWithAnySubset) {
  const SourceFiles files;
  const std::vector<std::string> parts = {"BN1-129-Eb_comp",   "BN1-129-Eb_solo", "Funk2-108-Eb_comp",
                                          "Rock3-117-Bb_solo", "SS2-107-Ab_comp", "Jazz3-137-Eb_solo"};
  for (int player = 0; player < 6; ++player) {
    for (const auto& part : parts) add_recording(files, fmt::format("{:02}_{}", player, part), 0.02);
  }
  const GuitarSetDataSet set;
  auto tracks = tracks_by_list(set.plan(files.path(), {}));
  EXPECT_THAT(tracks["train"], SizeIs(4 * 6 * 2));
  EXPECT_THAT(tracks["validation"], SizeIs(6 * 2));
  EXPECT_THAT(tracks["test"], SizeIs(6 * 2));
  for (const auto& part : parts) {
    for (const std::string list : {"validation", "test"}) {
      const auto has_part = [&](const std::string& id) { return id.ends_with(part + "_mic"); };
      EXPECT_EQ(std::count_if(tracks[list].begin(), tracks[list].end(), has_part), 1) << list << " " << part;
    }
  }
  EXPECT_THAT(tracks["progression_1"], SizeIs(2 * 12));
  EXPECT_THAT(tracks["progression_3"], SizeIs(2 * 12));
  EXPECT_THAT(tracks["progression_1_2"], SizeIs(4 * 12));
  EXPECT_THAT(tracks["minus_bn"], SizeIs(4 * 12));
  EXPECT_THAT(tracks["minus_ss"], SizeIs(5 * 12));
  EXPECT_THAT(tracks["Funk"], SizeIs(12));
  EXPECT_EQ(tracks_by_list(set.plan(files.path(), {})), tracks) << "the draw is the same again";
  EXPECT_NE(tracks_by_list(set.plan(files.path(), {.seed = 2}))["test"], tracks["test"]);
  for (const auto& entry : std::filesystem::directory_iterator(files.path() / "annotation")) {
    if (entry.path().filename().string().starts_with("03_BN")) std::filesystem::remove(entry.path());
  }
  auto fewer = tracks_by_list(set.plan(files.path(), {}));
  EXPECT_THAT(fewer["all"], SizeIs(34 * 2));
  for (const std::string list : {"train", "validation", "test"}) {
    for (const auto& id : fewer[list]) EXPECT_THAT(tracks[list], Contains(id));
  }
}

/// Frequency by the crossings of zero in the middle.
double frequency(const std::vector<float>& samples) {
  int crossings = 0;
  for (std::size_t i = 4000; i < 12000; ++i) crossings += (samples[i] < 0) != (samples[i + 1] < 0);
  return crossings;  // In half a second, two for each period.
}

TEST(GuitarSetDataSet, ShiftsCopiesOfSoundAndNotes) {
  const SourceFiles files;
  add_recording(files, "05_SS2-107-Ab_solo");
  const GuitarSetDataSet set;
  const DataSetPlan plan = set.plan(files.path(), {.shifted_copies = true});
  const PreparedItem item = planned(plan, "05_SS2-107-Ab_solo").read();
  EXPECT_THAT(item.tracks, SizeIs(22));
  EXPECT_THAT(item.sounds, SizeIs(22));
  for (int semitones = -5; semitones <= 5; ++semitones) {
    const std::string sound = semitones == 0 ? "mix" : fmt::format("mix_pshift{}", semitones);
    const PreparedTrack& track = track_of(item, "05_SS2-107-Ab_solo_" + sound);
    EXPECT_THAT(track.stems[0].notes,
                ElementsAre(plucked(0.1, 0.6, 51 + semitones), plucked(0.5, 0.75, 45 + semitones)));
    const auto& samples = find_sound(item, track.stems[0].sound)->samples;
    EXPECT_EQ(samples.size(), 16000U);
    const double expected_hz = 440 * std::exp2(semitones / 12.0);
    EXPECT_NEAR(frequency(samples), expected_hz, 2) << semitones;  // Crossings are whole.
    EXPECT_THAT(track.lists, Contains("progression_1_2_pshift"));
    if (semitones != 0) {
      EXPECT_THAT(track.lists, Not(Contains("progression_1_2")));
    }
  }
  auto tracks = tracks_by_list(plan);
  const std::string split = track_of(item, "05_SS2-107-Ab_solo_mix").split;
  EXPECT_THAT(tracks[split], SizeIs(2));
  EXPECT_THAT(tracks[split + "_pshift"], SizeIs(22));
  EXPECT_THAT(tracks["all"], SizeIs(2));
  EXPECT_THAT(tracks["all_pshift"], SizeIs(22));
  EXPECT_THAT(tracks["minus_bn_pshift"], SizeIs(22));
  const auto lists = set.lists();
  for (const auto& [list, ids] : tracks) EXPECT_THAT(lists, Contains(list));
}

TEST(GuitarSetDataSet, TellsWhatIsMissingAndWhatItLeavesOut) {
  const SourceFiles files;
  add_recording(files, "00_BN1-129-Eb_comp");
  for (const char* name : {"06_BN1-129-Eb_comp", "00_Polka1-129-Eb_comp", "00_BN4-129-Eb_comp", "x"}) {
    files.text(fmt::format("annotation/{}.jams", name), jams());
  }
  std::filesystem::remove_all(files.path() / "audio_mono-mic");
  const DataSetPlan plan = GuitarSetDataSet().plan(files.path(), {});
  ASSERT_THAT(plan.items, SizeIs(1));
  EXPECT_THAT(plan.items[0].read().tracks, SizeIs(1));
  EXPECT_THAT(
      plan.remarks,
      ElementsAre(HasSubstr("audio_mono-mic: no such folder"), HasSubstr("00_BN4-129-Eb_comp.jams: left out"),
                  HasSubstr("00_Polka1-129-Eb_comp.jams: left out"), HasSubstr("06_BN1-129-Eb_comp.jams: left out"),
                  HasSubstr("x.jams: left out"), HasSubstr("annotation: 1 of 360 recordings")));
  EXPECT_THAT(error_message([&] { GuitarSetDataSet().plan(files.path() / "annotation", {}); }),
              HasSubstr("no GuitarSet, which has\nannotation/"));
}

TEST(GuitarSetDataSet, RemarksOnSoundsOfAnotherLengthThanAnnotated) {
  const SourceFiles files;
  add_recording(files, "00_BN1-129-Eb_comp", 0.1);
  const PreparedItem item = GuitarSetDataSet().plan(files.path(), {}).items.at(0).read();
  EXPECT_THAT(item.remarks, ElementsAre(HasSubstr("_comp_mic.wav: lasts 0.10 s, expected 1.25 s"),
                                        HasSubstr("_comp_mix.wav: lasts 0.10 s, expected 1.25 s")));
}

TEST(GuitarSetDataSet, FailsOnTheBrokenRecordingOnly) {
  const SourceFiles files;
  add_recording(files, "00_BN1-129-Eb_comp");
  add_recording(files, "01_BN1-129-Eb_comp");
  files.text("annotation/01_BN1-129-Eb_comp.jams", "{");
  const DataSetPlan plan = GuitarSetDataSet().plan(files.path(), {});
  EXPECT_THAT(planned(plan, "00_BN1-129-Eb_comp").read().tracks, SizeIs(2));
  EXPECT_THAT(error_message([&] { planned(plan, "01_BN1-129-Eb_comp").read(); }),
              HasSubstr("annotation/01_BN1-129-Eb_comp.jams: no JSON"));
}

TEST(GuitarSetDataSet, BecomesAStore) {
  const SourceFiles files;
  add_recording(files, "00_BN1-129-Eb_comp");
  add_recording(files, "01_Rock3-129-Eb_solo");
  const testing::TemporaryFolder out;
  const auto folder = testing::prepared_store(GuitarSetDataSet(), files, out);
  EXPECT_EQ(Store(folder, "all").tracks().size(), 4U) << "each recording by two microphones";
  const Store store(folder, "progression_3");
  ASSERT_EQ(store.tracks().size(), 2U);
  EXPECT_EQ(track_samples(store.tracks()[0]), 16000U);
  EXPECT_THAT(track_notes(store.tracks()[0]), ElementsAre(plucked(0.1, 0.1 + 0.5, 51), plucked(0.5, 0.75, 45)));
}

}  // namespace
}  // namespace yourmt3
