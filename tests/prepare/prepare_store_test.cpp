#include "prepare/prepare_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "data/store.h"
#include "made_up_data_set.h"
#include "prepare/item_record.h"
#include "prepare/store_summary.h"
#include "prepare/verify_store.h"
#include "source_files.h"

namespace yourmt3::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PrepareStore : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b", "c"}) files_.wav(std::string(name) + ".wav", sine(1, 220));
    options_.source = files_.path();
    options_.output = out_ / "store";
    options_.threads = 2;
  }
  Manifest run(const ProgressCallback& progress = {}) { return prepare_store(set_, options_, progress); }
  std::string failure() {
    return error_message([&] { run(); });
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(options_.output / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> problems() const { return verify_store(options_.output, 2); }

  SourceFiles files_;
  TemporaryFolder out_;
  MadeUpDataSet set_;
  PrepareOptions options_;
};

TEST_F(PrepareStore, WritesAStoreThatTrainingReads) {
  set_.notes = {{false, 0, 0.1 + 0.2, 1.0 / 3 + 0.2, 60, 1}};
  const Manifest manifest = run();
  EXPECT_TRUE(manifest.complete);
  EXPECT_EQ(manifest.tracks, 3u);
  const Store store(options_.output, "train");
  ASSERT_EQ(store.tracks().size(), 3u);
  const auto& track = store.tracks()[0];
  EXPECT_EQ(track.info.id, "a");
  EXPECT_EQ(track.info.source, "Made up a");
  EXPECT_EQ(track.info.licence, "CC0-1.0");
  EXPECT_EQ(track.info.seconds, 1);
  EXPECT_EQ(track.stems.at(0).wav.samples().size(), 16000u);
  EXPECT_EQ(track.stems.at(0).notes, set_.notes) << "times to the last bit";
  EXPECT_EQ(Store(options_.output, "all").tracks().size(), 3u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, TakesWhatIsDoneAsItIs) {
  run();
  const std::string index = text_of("index.jsonl");
  EXPECT_EQ(set_.n_read, 3);
  const Manifest again = run();
  EXPECT_EQ(set_.n_read, 3);
  EXPECT_EQ(again.kept, 3u);
  EXPECT_EQ(text_of("index.jsonl"), index);
}

TEST_F(PrepareStore, IsTheSameForEveryNumberOfThreads) {
  run();
  const std::string index = text_of("index.jsonl"), manifest = text_of("prepared.json");
  options_.output = out_ / "other";
  options_.threads = 1;
  run();
  EXPECT_EQ(text_of("index.jsonl"), index);
  EXPECT_EQ(text_of("prepared.json"), manifest);
}

TEST_F(PrepareStore, ReadsAgainWhatHasChanged) {
  run();
  files_.wav("b.wav", sine(0.75, 330));
  run();
  EXPECT_EQ(set_.n_read, 4);
  EXPECT_EQ(Store(options_.output).tracks().at(1).info.seconds, 0.75);
  set_.context = "another draw";
  run();
  EXPECT_EQ(set_.n_read, 7);
  set_.set_version = 2;
  run();
  EXPECT_EQ(set_.n_read, 10);
  options_.data_set.as_reference = true;
  run();
  EXPECT_EQ(set_.n_read, 13);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, ReadsAgainWhatIsNotWholeInTheStore) {
  run();
  fs::resize_file(options_.output / "a/mix.wav", 1000);
  fs::remove(options_.output / "b/item.json");
  fs::remove(options_.output / "c/c.notes.json");
  EXPECT_EQ(run().kept, 0u);
  EXPECT_EQ(set_.n_read, 6);
  std::ofstream(options_.output / "c/item.json") << "{";
  EXPECT_EQ(run().kept, 2u);
  EXPECT_EQ(set_.n_read, 7);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, RemovesWhatTheSourceNoLongerHas) {
  run();
  fs::remove(files_.path() / "b.wav");
  run();
  EXPECT_FALSE(fs::exists(options_.output / "b"));
  EXPECT_EQ(Store(options_.output).tracks().size(), 2u);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, GoesOnWhereItWasInterrupted) {
  options_.threads = 1;
  const auto after_one = [](const Progress& progress) { return progress.done < 1; };
  EXPECT_THAT(error_message([&] { run(after_one); }), HasSubstr("cancelled"));
  EXPECT_EQ(set_.n_read, 1);
  EXPECT_FALSE(fs::exists(options_.output / "index.jsonl"));
  EXPECT_THAT(error_message([&] { summarize_store(options_.output); }), HasSubstr("not finished"));
  EXPECT_EQ(run().kept, 1u);
  EXPECT_EQ(set_.n_read, 3);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, LeavesNothingOfARunThatDied) {
  run();
  fs::create_directories(options_.output / ".a.part");
  std::ofstream(options_.output / ".a.part/mix.wav") << "half";
  run();
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, SkipsAndNamesWhatIsMissingOrBroken) {
  set_.absent = {"gone.wav"};
  set_.remarks = {"a table is missing"};
  files_.text("broken.wav", "no sound");
  files_.text("empty.wav", "");
  const Manifest manifest = run();
  EXPECT_EQ(manifest.tracks, 3u);
  ASSERT_EQ(manifest.skipped.size(), 3u);
  EXPECT_EQ(manifest.skipped[0].id, "broken");
  EXPECT_THAT(manifest.skipped[0].reason, HasSubstr("broken.wav"));
  EXPECT_THAT(manifest.skipped[1].reason, HasSubstr("is empty"));
  EXPECT_EQ(manifest.skipped[2], (Manifest::Skipped{"gone", "missing: gone.wav"}));
  EXPECT_THAT(manifest.remarks, ElementsAre("a table is missing"));
  EXPECT_EQ(read_manifest(options_.output)->skipped, manifest.skipped);
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, RemovesAnItemThatHasBecomeBroken) {
  run();
  files_.text("b.wav", "no sound");
  EXPECT_EQ(run().skipped.size(), 1u);
  EXPECT_FALSE(fs::exists(options_.output / "b"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, StopsAtWhatIsBrokenWhenStrict) {
  set_.absent = {"gone.wav"};
  options_.strict = true;
  EXPECT_EQ(failure(), "gone: missing: gone.wav");
  set_.absent = {};
  EXPECT_EQ(run().tracks, 3u);
}

TEST_F(PrepareStore, FailsWhenNothingIsLeft) {
  for (const char* name : {"a.wav", "b.wav", "c.wav"}) files_.text(name, "no sound");
  EXPECT_THAT(failure(), AllOf(HasSubstr("none of 3 items could be prepared"), HasSubstr("a.wav")));
  for (const char* name : {"a.wav", "b.wav", "c.wav"}) fs::remove(files_.path() / name);
  EXPECT_THAT(failure(), AllOf(HasSubstr("nothing of Made up"), HasSubstr("NAME.wav")));
  options_.source = files_.path() / "absent";
  EXPECT_THAT(failure(), HasSubstr("absent: no such folder"));
}

TEST_F(PrepareStore, LeavesOutNotesThatCannotBe) {
  set_.notes = {{false, 0, 0, 0.5, 60, 1},    {false, 0, 0.2, 0.4, -3, 1}, {false, 0, -0.1, 0.4, 61, 1},
                {false, 0, 0.9, 1.5, 62, 1},  {false, 0, 1, 1.5, 63, 1},   {false, 0, 3.25, 3.5, 64, 1},
                {false, 0, 0.3, 0.25, 65, 1}, {false, 0, 0.3, 0.4, 128, 1}};
  const Manifest manifest = run();
  const Store store(options_.output);
  EXPECT_THAT(store.tracks()[0].stems[0].notes, ElementsAre(set_.notes[0], set_.notes[3]));
  ASSERT_EQ(manifest.remarks.size(), 9u);
  EXPECT_THAT(manifest.remarks[0], HasSubstr("a: 2 notes without a time or length that can be"));
  EXPECT_THAT(manifest.remarks[1], HasSubstr("2 notes with a pitch beyond 0-127"));
  EXPECT_THAT(manifest.remarks[2],
              HasSubstr("2 of 8 notes begin after the end of the sound at 1.00 s, the last at 3.25 s; they are left"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, KeepsLateNotesAsTheReference) {
  set_.notes = {{false, 0, 0, 0.5, 60, 1}, {false, 0, 3.25, 3.5, 64, 1}};
  options_.data_set.as_reference = true;
  const Manifest manifest = run();
  EXPECT_EQ(Store(options_.output).tracks()[0].stems[0].notes.size(), 2u);
  EXPECT_THAT(manifest.remarks[0], HasSubstr("1 of 2 notes begin after the end"));
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, SkipsARecordingThatEndsBeforeItsNotes) {
  set_.notes = {{false, 0, 2, 2.5, 60, 1}};
  EXPECT_THAT(failure(), HasSubstr("none of its 1 notes lies in the 1.0 s of its sound"));
}

TEST_F(PrepareStore, LeavesForeignFoldersAlone) {
  fs::create_directories(options_.output);
  std::ofstream(options_.output / "thesis.txt") << "years of work";
  EXPECT_THAT(failure(), HasSubstr("holds files that were not prepared"));
  options_.start_over = true;
  EXPECT_THAT(failure(), HasSubstr("holds files that were not prepared"));
  EXPECT_TRUE(fs::exists(options_.output / "thesis.txt"));
}

TEST_F(PrepareStore, ReplacesAnotherDataSetOnlyWhenAsked) {
  run();
  set_.set_name = "another";
  EXPECT_THAT(failure(), AllOf(HasSubstr("holds the data set 'made-up'"), HasSubstr("--force")));
  EXPECT_TRUE(fs::exists(options_.output / "index.jsonl"));
  options_.start_over = true;
  EXPECT_EQ(run().kept, 0u);
  EXPECT_EQ(read_manifest(options_.output)->data_set, "another");
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(PrepareStore, NamesAFolderThatCannotBeWritten) {
  std::ofstream(out_ / "file") << "x";
  options_.output = out_ / "file/store";
  EXPECT_THAT(failure(), HasSubstr("cannot make this folder"));
}

TEST_F(PrepareStore, RefusesTwoRecordingsOfOneName) {
  set_.absent = {"a.wav"};
  EXPECT_THAT(failure(), HasSubstr("two recordings are called 'a'"));
  EXPECT_FALSE(fs::exists(options_.output));
}

TEST_F(PrepareStore, SumsUpWhatIsThere) {
  set_.absent = {"gone.wav"};
  run();
  const StoreSummary summary = summarize_store(options_.output);
  EXPECT_EQ(summary.tracks, 3u);
  EXPECT_EQ(summary.seconds, 3);
  EXPECT_EQ(summary.notes_of_program.at(0), 3u);
  EXPECT_EQ(summary.splits.at("train").tracks, 3u);
  EXPECT_EQ(summary.lists.at("all").seconds, 3);
  const auto json = nlohmann::json::parse(summary_json(summary));
  EXPECT_EQ(json.at("data_set"), "made-up");
  EXPECT_EQ(json.at("notes_of_program").at("0"), 3);
  EXPECT_EQ(json.at("lists").at("all").at("tracks"), 3);
  EXPECT_EQ(json.at("skipped").at(0).at("reason"), "missing: gone.wav");
  EXPECT_THAT(summary_text(summary), AllOf(HasSubstr("Made up"), HasSubstr("CC0-1.0"), HasSubstr("program 0 3"),
                                           HasSubstr("gone: missing: gone.wav")));
}

TEST_F(PrepareStore, VerificationNamesEveryFault) {
  run();
  const auto store = options_.output;
  fs::remove(store / "a/mix.wav");
  fs::resize_file(store / "b/mix.wav", 1000);
  std::ofstream(store / "c/c.notes.json") << R"({"stems": [[[2, 3, 60, 1]]]})";
  std::ofstream(store / "c/stray.txt") << "x";
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("a/mix.wav: cannot open"), HasSubstr("b/mix.wav: cut"),
                                      HasSubstr("c/c.notes.json: 1 notes of c/mix.wav begin outside its 1.00 s"),
                                      "c/stray.txt: nothing refers to it"));
  files_.wav("shorter.wav", sine(0.5, 100));
  fs::remove(store / "b/mix.wav");
  fs::copy_file(files_.path() / "shorter.wav", store / "b/mix.wav");
  std::ofstream(store / "c/c.notes.json") << "[";
  std::ofstream(store / "index.jsonl", std::ios::app) << "no line\n";
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("a/mix.wav"), "b/mix.wav: 8000 samples, expected 16000",
                          HasSubstr("b/mix.wav: the sounds of track 'b' last 0.5000 s, expected 1.0000 s"),
                          HasSubstr("c/c.notes.json: "), HasSubstr("c/stray.txt"), HasSubstr("index.jsonl: line 4")));
  EXPECT_THAT(error_message([&] { verify_store(files_.path(), 1); }), HasSubstr("is this the folder of a prepared"));
}

}  // namespace
}  // namespace yourmt3::testing
