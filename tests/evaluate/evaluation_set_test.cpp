// Which tracks and notes of a prepared set are scored.
#include "evaluate/evaluation_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "evaluate/small_sets.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::set<int> programs_of(const std::vector<Note>& notes) {
  std::set<int> programs;
  for (const Note& note : notes) programs.insert(note.program);
  return programs;
}

class EvaluationSetTest : public ::testing::Test {
 protected:
  EvaluationSet make(const std::string& name, const std::vector<std::pair<std::string, std::vector<int>>>& tracks) {
    StoreWriter writer(folder_ / name);
    for (const auto& [id, programs] : tracks) add_track(writer, id, programs, 3);
    writer.commit();
    EvaluationSet set;
    set.name = name;
    set.store = folder_ / name;
    return set;
  }

  TemporaryFolder folder_;
};

Note note_of(int program, double onset_sec = 1) {
  return {program == kDrumProgram, program, onset_sec, onset_sec + 0.2, 60, 1};
}

TEST_F(EvaluationSetTest, TracksComeInTheOrderOfTheIndexAndAreLimited) {
  EvaluationSet set = make("band", {{"b", {0}}, {"a", {0, 33}}, {"c", {0}}});
  const OpenedSet all(set);
  ASSERT_EQ(all.tracks().size(), 3u);
  EXPECT_EQ(all.tracks()[0].track->info.id, "a");
  EXPECT_EQ(all.tracks()[2].track->info.id, "c");
  EXPECT_DOUBLE_EQ(all.seconds(), 9);
  set.limit_tracks = 2;
  EXPECT_EQ(OpenedSet(set).tracks().size(), 2u);
}

TEST_F(EvaluationSetTest, CompleteTracksKeepEveryNote) {
  const OpenedSet set(make("band", {{"a", {0, 33, kDrumProgram}}}));
  EXPECT_TRUE(set.complete());
  const auto& item = set.tracks().front();
  EXPECT_THAT(programs_of(set.reference(item)), ElementsAre(0, 33, kDrumProgram));
  EXPECT_EQ(set.estimate(item, {note_of(56), note_of(0)}).size(), 2u);
}

TEST_F(EvaluationSetTest, OfIncompleteTracksTheAnnotatedClassesCount) {
  EvaluationSet options = make("bass", {{"a", {33, kUnannotatedProgram}}});
  const std::vector<Note> heard = {note_of(32), note_of(33), note_of(0), note_of(kDrumProgram)};
  const OpenedSet annotated(options);
  EXPECT_FALSE(annotated.complete());
  // A network that knows one bass writes its first program for all of them.
  EXPECT_THAT(programs_of(annotated.estimate(annotated.tracks().front(), heard)), ElementsAre(32, 33));
  options.classes = "GM_INSTR_FULL";
  const OpenedSet exact(options);
  EXPECT_THAT(programs_of(exact.estimate(exact.tracks().front(), heard)), ElementsAre(33));
  options.score_unannotated = true;
  const OpenedSet everything(options);
  EXPECT_EQ(everything.estimate(everything.tracks().front(), heard).size(), heard.size());
}

TEST_F(EvaluationSetTest, AMixOfWhichEverythingIsToldIsComplete) {
  StoreWriter writer(folder_ / "mixes");
  for (const int other : {33, kUnannotatedProgram}) {
    TrackInfo track;
    track.id = other == 33 ? "complete" : "partly";
    track.split = "test";
    track.seconds = 3;
    const std::vector<int> programs = {0, other};
    writer.add_mix(track, programs, sound(3), std::vector<Part>{scale(0, 3)});
  }
  writer.commit();
  EvaluationSet options;
  options.store = folder_ / "mixes";
  const OpenedSet set(options);
  EXPECT_TRUE(set.tracks()[0].complete);
  EXPECT_FALSE(set.tracks()[1].complete);
  EXPECT_FALSE(set.complete());
}

TEST_F(EvaluationSetTest, ACutRecordingEndsItsNotes) {
  EvaluationSet options = make("band", {{"a", {0}}});
  options.max_seconds = 1.2;
  const OpenedSet set(options);
  const auto& item = set.tracks().front();
  EXPECT_TRUE(item.cut);
  EXPECT_EQ(item.n_samples, 19200u);
  const std::vector<Note> reference = set.reference(item);
  ASSERT_EQ(reference.size(), 3u);  // At 0.1, 0.6 and 1.1 s.
  EXPECT_DOUBLE_EQ(reference.back().offset_sec, 1.2);
  // A network may hear a note past the end; what is scored on either side ends there.
  const std::vector<Note> estimate = set.estimate(item, {note_of(0, 1.19), note_of(0, 1.2)});
  ASSERT_EQ(estimate.size(), 1u);
  EXPECT_DOUBLE_EQ(estimate.back().offset_sec, 1.2);
  options.max_seconds = 3;
  EXPECT_FALSE(OpenedSet(options).tracks().front().cut);
}

TEST_F(EvaluationSetTest, ClassesThatAreScoredInOtherWaysMustBeThere) {
  EvaluationSet options = make("band", {{"a", {0}}});
  options.pitch_class_for = {"bass"};
  EXPECT_THAT(message_of([&] { OpenedSet set(options); }),
              HasSubstr("set 'band': pitch_class_for names 'bass', but no instrument classes are given"));
  options.classes = "GM_INSTR_CLASS";
  EXPECT_EQ(message_of([&] { OpenedSet set(options); }), "no error");  // Case does not matter.
  options.pitch_class_for = {"Basss"};
  EXPECT_THAT(message_of([&] { OpenedSet set(options); }),
              HasSubstr("pitch_class_for names 'Basss', expected classes of GM_INSTR_CLASS: Piano, "));
  options.pitch_class_for.clear();
  options.melody_for = {"Singing Voice"};
  EXPECT_THAT(message_of([&] { OpenedSet set(options); }), HasSubstr("melody_for names 'Singing Voice'"));
}

TEST_F(EvaluationSetTest, SaysWhatIsMissing) {
  EvaluationSet options = make("band", {{"a", {0}}});
  options.split = "tset";
  EXPECT_THAT(message_of([&] { OpenedSet(options).require_tracks(); }),
              HasSubstr("no track of split 'tset'; there are: test"));
  options.split = "test";
  options.classes = "PIANOS";
  EXPECT_THAT(message_of([&] { OpenedSet set(options); }),
              HasSubstr("set 'band': no evaluation class set 'PIANOS', expected one of: PIANO_SOLO_CLASS"));
  options.classes.clear();
  options.drums = "kick";
  EXPECT_THAT(message_of([&] { OpenedSet set(options); }), HasSubstr("ksh"));
  options.store = folder_ / "nowhere";
  options.drums.clear();
  EXPECT_THAT(message_of([&] { OpenedSet set(options); }), HasSubstr("is this the folder of a prepared data set?"));
}

}  // namespace
}  // namespace yourmt3::testing
