#include "prepare/rwc_pop_data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "data/track_mix.h"
#include "prepare/rwc_pop_notes.h"
#include "prepare/rwc_track_names.h"
#include "prepared_store.h"
#include "source_files.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using testing::error_message;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::sine;
using testing::SourceFiles;

RwcTrackRole plays(int program) {
  return {RwcTrackRole::Kind::kProgram, program};
}

TEST(RwcTrackRole, FollowsTheFirstRuleThatHolds) {
  const std::map<int, std::vector<std::string>> names = {
      {kSingingProgram, {"MELODY", "Vocal 1"}},
      {kChorusProgram, {"Chorus L", "SUB MELO", "Sub Vocal"}},
      {kDrumProgram, {"DRUMS", "Dr 1", "DS", "BD&SD", "HIHAT", "TOM", "KICK"}},
      {0, {"A.PIANO", "P.F.", "PF", "CLAVI", "CEMBALO", "HARPSICHORD"}},
      {2, {"E.PIANO", "E.P 2"}},
      {8, {"GLOCKEN", "VIBRAPHONE", "VIBE", "MARIMBA PIANO", "BELL", "CHIME", "CHAIM", "KALIMBA", "CHIMRE", "MALLET"}},
      {16, {"ORGAN", "HAMOND", "HARMONICA", "ACCORDION"}},
      {24,
       {"A.G L", "AG", "AC.G", "NYLON GT", "GUITAR", "E.G", "SITAR", "MANDORIN", "ATOMOS", "ATMOS", "CLEAN LEAD",
        "G. SOLO", "GT MELO"}},
      {30, {"OD L", "OD R", "DIST GT", "DIS.", "D.G L", "E.G SOLO", "E.G.SOLO", "E.GUITAR (SOLO) DIST", "LEAD", "EG"}},
      {33, {"BASS", "SYN BASS"}},
      {48,
       {"STRINGS", "OR", "OR 2", "ORCH", "PIZZ", "HIT", "HARP", "TIMPANI", "VIORA", "VIOLA", "VN 1", "VA", "VC",
        "CELLO", "LO FI", "CHO"}},
      {56, {"BRASS", "TRUMPET", "TP", "TB", "TROMBONE", "HORN", "FLUGEL"}},
      {64, {"ALTO SAX", "OBOE"}},
      {72, {"FLUTE", "PICO", "BOTTLE", "GAYA"}},
      {80, {"S SOLO", "SYN SOLO", "SOLO SYNTH", "SYN.LEAD", "SYNTH(SEQ)", "PORTASYN", "SQ", "SEQ 1", "VOICE"}},
      {88, {"SYNTH", "SYN PAD", "PAD", "FANTASIA", "FANTASY", "BRIGHTNESS"}},
  };
  for (const auto& [program, of_program] : names) {
    for (const std::string& name : of_program) EXPECT_EQ(rwc_track_role(name), plays(program)) << name;
  }
  for (const char* name :
       {"INTRO SE", "SE",  "EX",  "808", "ICERAIN", "WOW",   "PERC 1",     "EXC",  "REVERSE", "GONG",
        "PER.",     "RAP", "REV", "S.E", "LASER",   "LESER", "TAMBOURINE", "KANE", "SHAKER",  "RWC-MDB-P No.1"}) {
    EXPECT_EQ(rwc_track_role(name).kind, RwcTrackRole::Kind::kDropped) << name;
  }
  for (const char* name : {"KIRAKIRA", "KILA", "ETHNIC&GK", "FUE", "OU-01A"}) {
    EXPECT_EQ(rwc_track_role(name).kind, RwcTrackRole::Kind::kOwnProgram) << name;
  }
  for (const char* name : {"", "XYZ", "808 2"}) {
    EXPECT_EQ(rwc_track_role(name).kind, RwcTrackRole::Kind::kUnknown) << name;
  }
}

TEST(RwcTrackRole, LetsExcludedWordsWin) {
  EXPECT_EQ(rwc_track_role("CHORUS/PAD"), plays(88));     // A slash is no chorus, a chorus no strings.
  EXPECT_EQ(rwc_track_role("STEEL GUITAR"), plays(24));   // ST alone would be strings.
  EXPECT_EQ(rwc_track_role("PAD LEAD"), RwcTrackRole{});  // Neither a guitar that leads nor a pad.
  EXPECT_EQ(rwc_track_role("SYNSAX"), plays(88));
}

TEST(RwcOwnProgram, MapsThoseOfTheFiles) {
  const std::map<int, int> programs = {{9, 8}, {11, 8}, {74, 72}, {94, 80}, {98, 88}, {100, 88}, {13, 13}};
  for (const auto& [own, stands_for] : programs) EXPECT_EQ(rwc_own_program(own), stands_for);
}

/// 480 ticks are half a second.
MidiMessage message(std::uint64_t tick, int kind, int channel, int data1, int data2) {
  return {tick, static_cast<std::uint8_t>(kind | channel), static_cast<std::uint8_t>(data1),
          static_cast<std::uint8_t>(data2)};
}

MidiTrack named_track(const std::string& name, std::vector<MidiMessage> messages) {
  MidiTrack track;
  track.messages.push_back({0, kMidiMeta, kMidiMetaTrackName, 0, name});
  track.messages.insert(track.messages.end(), messages.begin(), messages.end());
  track.end_tick = 1920;
  return track;
}

/// One note from `on` to `off`, on a channel of its own.
MidiTrack one_note(const std::string& name, int channel, int program, int pitch, std::uint64_t on, std::uint64_t off) {
  return named_track(name, {message(0, kMidiProgram, channel, program, 0), message(on, kMidiNoteOn, channel, pitch, 90),
                            message(off, kMidiNoteOff, channel, pitch, 0)});
}

MidiFile song(std::vector<MidiTrack> tracks) {
  MidiFile file;
  file.tracks = std::move(tracks);
  file.tracks.insert(file.tracks.begin(), named_track("RWC-MDB-P-2001", {}));
  return file;
}

TEST(RwcPopNotes, TakesProgramsFromNames) {
  const RwcPopNotes found = rwc_pop_notes(song({
      one_note("MELODY", 0, 53, 72, 480, 960),
      one_note("CHORUS", 1, 53, 60, 480, 960),
      one_note("DRUMS", 2, 0, 36, 480, 960),
      one_note("KIRA", 3, 98, 90, 480, 960),
      one_note("PERC", 4, 0, 50, 480, 960),
      one_note("QUACK", 5, 0, 51, 480, 960),
  }));
  EXPECT_THAT(found.notes,
              ElementsAre(Note{false, 88, 0.5, 1, 90, 1}, Note{false, kSingingProgram, 0.5, 1, 72, 1},
                          Note{false, kChorusProgram, 0.5, 1, 60, 1}, Note{true, kDrumProgram, 0.5, 0.51, 36, 1}));
  EXPECT_THAT(found.unknown, ElementsAre("QUACK"));
}

TEST(RwcPopNotes, PlaysTracksOfOneProgramOnOneChannel) {
  // The pedal of the one guitar holds the note of the other; the end of the first track's note ends the oldest.
  const RwcPopNotes found = rwc_pop_notes(song({
      named_track("A.G L", {message(0, kMidiControl, 3, 64, 127), message(960, kMidiControl, 3, 64, 0)}),
      one_note("A.G R", 4, 25, 50, 0, 480),
      named_track("A.G S", {message(0, kMidiControl, 5, 64, 127), message(240, kMidiNoteOn, 5, 55, 1),
                            message(480, kMidiNoteOff, 5, 55, 0), message(960, kMidiControl, 5, 64, 0)}),
  }));
  // A track without notes is left out, so its pedal is too.
  EXPECT_THAT(found.notes, ElementsAre(Note{false, 24, 0, 1, 50, 1}, Note{false, 24, 0.25, 1, 55, 1}));
}

TEST(RwcPopNotes, CountsATrackOfOwnProgramWithoutOneAsUnknown) {
  const RwcPopNotes found = rwc_pop_notes(
      song({named_track("FUE", {message(0, kMidiNoteOn, 0, 60, 1), message(9, kMidiNoteOff, 0, 60, 0)})}));
  EXPECT_THAT(found.notes, IsEmpty());
  EXPECT_THAT(found.unknown, ElementsAre("FUE"));
}

MidiFile whole_song() {
  return song({one_note("MELODY", 0, 53, 72, 480, 960), one_note("BASS", 1, 33, 40, 0, 480)});
}

void add_package(const SourceFiles& files) {
  files.text("wav_to_midi_filename_mapping.csv", "RWC-MDB-P-2001-M,(16k)\n01,01 Eien,001\n06,11 Song,071\n");
  files.wav("RWC-MDB-P-2001-M01/01 Eien (16k).wav", sine(1.5, 220));
  files.wav("RWC-MDB-P-2001-M06/11 Song (16k).wav", sine(1, 220));
  files.midi("MIDI/001.mid", whole_song());
  files.midi("MIDI/071.mid", song({one_note("P.F.", 0, 0, 60, 0, 960)}));
  files.midi("MIDI-Bass-Octave-fixed-v2/001_bass.mid", song({one_note("bass", 0, 33, 28, 0, 485)}));
}

TEST(RwcPopDataSet, ReadsThePackageOfTheReference) {
  const SourceFiles files;
  add_package(files);
  const DataSetPlan plan = RwcPopDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 2U);
  EXPECT_THAT(plan.remarks, ElementsAre(HasSubstr("1 of 2 pieces have a bass")));

  const PreparedItem item = plan.items[0].read();
  ASSERT_EQ(item.sounds.size(), 1U);
  EXPECT_EQ(item.sounds[0].samples.size(), 24000U);
  ASSERT_EQ(item.tracks.size(), 2U);
  const PreparedTrack& full = item.tracks[0];
  EXPECT_EQ(full.id, "001_full");
  EXPECT_EQ(full.split, "test");
  EXPECT_THAT(full.lists, ElementsAre("full"));
  EXPECT_THAT(full.stems[0].programs, ElementsAre(33, 100));
  EXPECT_THAT(full.stems[0].notes,
              ElementsAre(Note{false, 33, 0, 0.5, 40, 1}, Note{false, kSingingProgram, 0.5, 1, 72, 1}));
  const PreparedTrack& bass = item.tracks[1];
  EXPECT_EQ(bass.split, "bass");
  EXPECT_THAT(bass.stems[0].programs, ElementsAre(33, kUnannotatedProgram));
  EXPECT_THAT(bass.stems[0].notes, ElementsAre(Note{false, 33, 0, 0.51, 28, 1}));  // Rounded to 10 ms.

  EXPECT_EQ(plan.items[1].read().tracks.size(), 1U);
}

TEST(RwcPopDataSet, BecomesAStore) {
  const SourceFiles files;
  add_package(files);
  const testing::TemporaryFolder store;
  const auto folder = testing::prepared_store(RwcPopDataSet(), files, store);
  const Store full(folder, "full"), bass(folder, "bass");
  ASSERT_EQ(full.tracks().size(), 2U);
  ASSERT_EQ(bass.tracks().size(), 1U);
  EXPECT_THAT(RwcPopDataSet().lists(), ::testing::IsSupersetOf(full.splits()));
  EXPECT_EQ(track_notes(full.tracks()[0]).size(), 2U);
  EXPECT_THAT(track_notes(bass.tracks()[0]), ElementsAre(Note{false, 33, 0, 0.51, 28, 1}));
  EXPECT_THAT(bass.tracks()[0].info.annotated, ElementsAre(33));
}

TEST(RwcPopDataSet, ReadsTheDiscs) {
  const SourceFiles files;
  files.text("metadata-master/rwc-p.csv", "Piece No.,Cat. Suffix,Tr. No.,Title\nNo. 17,M02,Tr. 01,\"A, B\"\n");
  files.wav("audio/rwc-p-m02/1.wav", sine(1, 220, 44100), 44100, 2);
  files.midi("annotations/AIST.RWC-MDB-P-2001.SMF_SYNC/RM-P017.SMF_SYNC.MID", whole_song());
  const DataSetPlan plan = RwcPopDataSet().plan(files.path(), {});
  ASSERT_EQ(plan.items.size(), 1U);
  EXPECT_EQ(plan.items[0].id, "017");
  const PreparedItem item = plan.items[0].read();
  EXPECT_EQ(item.sounds[0].samples.size(), 16000U);
  EXPECT_THAT(item.tracks[0].stems[0].programs, ElementsAre(33, 100));
}

TEST(RwcPopDataSet, TellsWhatIsNotKnown) {
  const SourceFiles files;
  add_package(files);
  files.midi("MIDI/001.mid", song({one_note("BASS", 1, 33, 40, 0, 480), one_note("QUACK", 2, 1, 41, 0, 480)}));
  const PreparedItem item = RwcPopDataSet().plan(files.path(), {}).items[0].read();
  EXPECT_THAT(item.tracks[0].stems[0].programs, ElementsAre(33, kUnannotatedProgram));
  EXPECT_THAT(item.remarks, ElementsAre(HasSubstr("001.mid: no rule knows what these tracks play")));
}

TEST(RwcPopDataSet, TellsWhatIsWrong) {
  const SourceFiles files;
  EXPECT_THAT(error_message([&] { RwcPopDataSet().plan(files.path(), {}); }), HasSubstr("no RWC-Pop here; expected"));
  add_package(files);
  files.text("MIDI/001.mid", "no midi");
  EXPECT_THAT(error_message([&] { RwcPopDataSet().plan(files.path(), {}).items[0].read(); }), HasSubstr("001.mid"));
  files.midi("MIDI/001.mid", song({}));
  EXPECT_THAT(error_message([&] { RwcPopDataSet().plan(files.path(), {}).items[0].read(); }), HasSubstr("no notes"));
  files.text("wav_to_midi_filename_mapping.csv", "a,b\nc\n");
  EXPECT_THAT(error_message([&] { RwcPopDataSet().plan(files.path(), {}); }), HasSubstr("expected at least"));
  const SourceFiles discs;
  discs.text("metadata-master/rwc-p.csv", "Piece No.,Cat. Suffix,Tr. No.\nNo.,M02,Tr. 01\n");
  EXPECT_THAT(error_message([&] { RwcPopDataSet().plan(discs.path(), {}); }), HasSubstr("line 2: 'No.' has no number"));
}

// A recording and a table of RWC as mirdata's tests have them; notes are not among them and are made here.
TEST(RwcPopDataSet, ReadsMirdatasSample) {
  const char* folder = std::getenv("YOURMT3_MIRDATA_DIR");
  if (folder == nullptr) GTEST_SKIP() << "YOURMT3_MIRDATA_DIR does not name mirdata's tests/resources/mir_datasets";
  const fs::path sample = fs::path(folder) / "rwc_popular";
  const SourceFiles files;
  fs::create_directory_symlink(sample / "audio", files.path() / "audio");
  fs::create_directory_symlink(sample / "metadata-master", files.path() / "metadata-master");
  files.midi("AIST.RWC-MDB-P-2001.SMF_SYNC/RM-P001.SMF_SYNC.MID", whole_song());
  const DataSetPlan plan = RwcPopDataSet().plan(files.path(), {});
  ASSERT_FALSE(plan.items.empty());
  EXPECT_EQ(plan.items[0].id, "001");
  const PreparedItem item = plan.items[0].read();
  EXPECT_EQ(item.sounds[0].samples.size(), 32000U);  // Two seconds.
}

}  // namespace
}  // namespace yourmt3
