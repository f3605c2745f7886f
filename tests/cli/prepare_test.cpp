// `yourmt3 prepare` and `yourmt3 data`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "audio/audio_reader.h"
#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// Two songs with their notes.
void put_songs(const Workplace& place) {
  for (const char* name : {"songs/train/a", "songs/test/b"}) {
    place.put_tones(std::string(name) + ".wav", 2);
    place.put(std::string(name) + ".csv", "onset_sec,offset_sec,pitch,program,is_drum\n0,0.5,57,24,0\n0.5,1,62,24,0\n");
  }
}

ProgramRun prepare(const Workplace& place, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"prepare",           "folder", "--source",
                                        place.path("songs"), "--out",  place.path("store")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

TEST(Prepare, TellsTheDataSetsThereAre) {
  const auto run = run_program({"prepare", "--list"});
  EXPECT_EQ(run.status, 0);
  EXPECT_THAT(run.out, AllOf(HasSubstr("slakh: Slakh2100\n  licence: CC BY 4.0\n"), HasSubstr("metadata.yaml"),
                             HasSubstr("maestro: MAESTRO")));
  const auto as_json = run_program({"prepare", "--list", "--json"});
  const auto first = nlohmann::json::parse(as_json.out.substr(0, as_json.out.find('\n')));
  EXPECT_TRUE(first.contains("name") && first.contains("title") && first.contains("licence") &&
              first.contains("layout"));
}

TEST(Prepare, MakesAStoreAndGoesOnWithIt) {
  const Workplace place;
  put_songs(place);
  const auto run = prepare(place);
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.err, StartsWith("Own recordings, licence: that of the recordings\n"));
  EXPECT_THAT(run.out, AllOf(HasSubstr("tracks     2, 0.00 h of sound, 4 notes"), HasSubstr("program 24 4")));
  EXPECT_THAT(place.names("store"), ::testing::ElementsAre("index.jsonl", "prepared.json", "test__b", "train__a"));
  EXPECT_THAT(place.names("store/test__b"), ::testing::ElementsAre("item.json", "mix.wav", "test__b.notes.json"));

  place.put_tones("songs/train/lonely.wav", 1);
  place.put("songs/train/broken.wav", "no sound");
  place.put("songs/train/broken.csv", "onset_sec,offset_sec,pitch,program,is_drum\n0,0.5,57,24,0\n");
  const auto again = prepare(place, {"--json", "--quiet"});
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.err, IsEmpty());
  const auto summary = nlohmann::json::parse(again.out);
  EXPECT_EQ(summary.at("tracks"), 2);
  EXPECT_EQ(summary.at("kept"), 2);
  EXPECT_EQ(summary.at("splits").at("test").at("tracks"), 1);
  ASSERT_EQ(summary.at("skipped").size(), 2u);
  EXPECT_THAT(summary.at("skipped").at(0).at("reason").get<std::string>(), HasSubstr("broken.wav"));
  EXPECT_THAT(summary.at("skipped").at(1).at("reason").get<std::string>(), HasSubstr("no notes beside it"));

  const auto strict = prepare(place, {"--strict"});
  EXPECT_EQ(strict.status, 1);
  EXPECT_THAT(strict.err, HasSubstr("yourmt3: train__"));

  const auto anew = prepare(place, {"--force", "--json"});
  EXPECT_EQ(nlohmann::json::parse(anew.out).at("kept"), 0);
}

TEST(Prepare, ThatIsInterruptedGoesOnLater) {
  const Workplace place;
  put_songs(place);
  for (int i = 0; i < 40; ++i) {
    const std::string name = "songs/train/long" + std::to_string(i);
    place.put_silence(name + ".wav", 600);
    place.put(name + ".csv", "onset_sec,offset_sec,pitch,program,is_drum\n0,0.5,57,24,0\n");
  }
  RunOptions options;
  options.interrupt_after_bytes = 1;  // Once the licence was told.
  const auto run = run_program(
      {"prepare", "folder", "--source", place.path("songs"), "--out", place.path("store"), "--threads", "1"}, options);
  EXPECT_EQ(run.status, 130) << run.err;
  EXPECT_FALSE(place.has("store/index.jsonl"));
  const auto info = run_program({"data", "info", place.path("store")});
  EXPECT_EQ(info.status, 1);
  for (int i = 0; i < 40; ++i) std::filesystem::remove(place.path("songs/train/long" + std::to_string(i) + ".wav"));
  EXPECT_EQ(prepare(place).status, 0);
  EXPECT_EQ(run_program({"data", "verify", place.path("store")}).status, 0);
}

TEST(Prepare, SaysWhatIsWrong) {
  const Workplace place;
  put_songs(place);
  const auto expect = [&](std::vector<std::string> arguments, int status, const std::string& message) {
    arguments.insert(arguments.begin(), "prepare");
    const auto run = run_program(arguments);
    EXPECT_EQ(run.status, status) << run.err;
    EXPECT_THAT(run.err, HasSubstr(message));
    EXPECT_THAT(run.out, IsEmpty());
  };
  const std::string source = place.path("songs"), out = place.path("store");
  expect({}, 2, "NAME, --source and --out are needed");
  expect({"folder", "--source", source}, 2, "NAME, --source and --out are needed");
  expect({"slack", "--source", source, "--out", out}, 2, "no data set is called 'slack'; did you mean 'slakh'?");
  expect({"slakh", "--source", source, "--out", out}, 1, "no Slakh2100 in it; expected is");
  expect({"folder", "--source", place.path("absent"), "--out", out}, 1, "absent");
  expect({"folder", "--source", source, "--out", source}, 1, "holds files that were not prepared");
  expect({"folder", "--source", source, "--out", place.path("songs/train/a.wav")}, 1, "a.wav");
  expect({"folder", "--source", source, "--out", "/proc/store"}, 1, "cannot make this folder");
}

TEST(Prepare, ADiskThatIsFullIsAnError) {
  // Files of this process may have at most so many bytes, which a full disk looks like.
  const Workplace place;
  put_songs(place);
  RunOptions options;
  options.program = "/bin/sh";
  const auto run = run_program({"-c", "ulimit -f 20; trap '' XFSZ; exec \"$0\" \"$@\"", YOURMT3_TEST_PROGRAM, "prepare",
                                "folder", "--source", place.path("songs"), "--out", place.path("store")},
                               options);
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, AllOf(HasSubstr("mix.wav: cannot write"), Not(HasSubstr("skipped"))));
  EXPECT_EQ(prepare(place).status, 0);
}

TEST(Data, InformsAndVerifies) {
  const Workplace place;
  put_songs(place);
  prepare(place);
  const std::string store = place.path("store");
  const auto info = run_program({"data", "info", store, "--json"});
  EXPECT_EQ(info.status, 0);
  EXPECT_EQ(nlohmann::json::parse(info.out).at("notes_of_program").at("24"), 4);
  const auto good = run_program({"data", "verify", store});
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.out, "all files are there and as told\n");
  std::filesystem::resize_file(store + "/train__a/mix.wav", 100);
  place.put("store/stray.txt", "x");
  const auto bad = run_program({"data", "verify", store});
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.out, AllOf(HasSubstr("train__a/mix.wav: cut"), HasSubstr("stray.txt: nothing refers to it")));
  const auto as_json = run_program({"data", "verify", store, "--json"});
  EXPECT_EQ(as_json.status, 1);
  EXPECT_EQ(nlohmann::json::parse(as_json.out).at("problems").size(), 2u);
  EXPECT_EQ(run_program({"data", "verify", place.path("songs")}).status, 1);
  EXPECT_EQ(run_program({"data", "mend", store}).status, 2);
  EXPECT_EQ(run_program({"data", "info", store, "train__a"}).status, 2);
}

TEST(Data, PlaysTheRecordingLeftAndItsNotesRight) {
  const Workplace place;
  put_songs(place);
  prepare(place);
  const std::string store = place.path("store");
  const auto run = run_program({"data", "listen", store, "-o", place.path("out.wav"), "--soundfont", "tones"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, place.path("out.wav") + "\n");
  EXPECT_THAT(run.err, HasSubstr("test__b (test), left"));
  const AudioReader reader(place.path("out.wav"));
  EXPECT_EQ(reader.info().n_channels, 2);
  EXPECT_EQ(reader.info().sample_rate, 48000);
  EXPECT_NEAR(reader.info().duration_sec.value_or(0), 3, 0.1);  // The last note ends at 1 s and rings for two.
  const auto named = run_program({"data", "listen", store, "train__a", "-o", "-", "--soundfont", "tones", "-q"});
  EXPECT_EQ(named.status, 0);
  EXPECT_THAT(named.out, StartsWith("RIFF"));
  EXPECT_THAT(named.err, IsEmpty());
  const auto wrong = run_program({"data", "listen", store, "c", "-o", place.path("c.wav")});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_THAT(wrong.err, HasSubstr("no track 'c' among 2, which are test__b, train__a"));
}

TEST(Data, ExportsRecordingsAndNotesForOtherPrograms) {
  const Workplace place;
  put_songs(place);
  ASSERT_EQ(prepare(place).status, 0);
  const std::string store = place.path("store"), out = place.path("out");
  const auto run = run_program({"data", "export", store, "--split", "test", "-o", out});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, "1 tracks\n");
  EXPECT_EQ(place.names("out"), (std::vector<std::string>{"test__b.json", "test__b.wav"}));
  const auto notes = nlohmann::json::parse(place.bytes_of("out/test__b.json")).at("notes");
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[1].at("onset_sec"), 0.5);
  EXPECT_EQ(notes[1].at("pitch"), 62);
  EXPECT_DOUBLE_EQ(*AudioReader(out + "/test__b.wav").info().duration_sec, 2);
  EXPECT_EQ(run_program({"data", "export", store, "-o", out}).status, 1) << "a file exists already";
  EXPECT_EQ(run_program({"data", "export", store, "-o", out, "--force"}).out, "2 tracks\n");
  EXPECT_EQ(run_program({"data", "export", store}).status, 2) << "where to?";
  EXPECT_EQ(run_program({"data", "verify", store, "--split", "test"}).status, 2);
}

TEST(Data, ListsTracksByWhoPlaysTogether) {
  const Workplace place;
  put_songs(place);
  place.put("songs/train/a.csv", "onset_sec,offset_sec,pitch,program,is_drum\n0,0.5,57,24,0\n0.5,1,62,48,0\n");
  prepare(place);
  const std::string store = place.path("store");
  const auto run = run_program({"data", "ensembles", store, "--pair", "guitar+strings"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("test_seen"), HasSubstr("train_unseen"), Not(HasSubstr("train_seen"))));
  const auto info = nlohmann::json::parse(run_program({"data", "info", store, "--json"}).out);
  EXPECT_TRUE(info.at("lists").contains("train_unseen")) << info;
  EXPECT_EQ(run_program({"data", "verify", store}).status, 0);

  EXPECT_EQ(run_program({"data", "ensembles", store}).status, 2);
  EXPECT_EQ(run_program({"data", "info", store, "--pair", "Guitar+Strings"}).status, 2);
  const auto unknown = run_program({"data", "ensembles", store, "--pair", "Guitar+Kazoo"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("no instrument is called 'Kazoo'"));
  const auto nobody = run_program({"data", "ensembles", store, "--pair", "Brass+Reed"});
  EXPECT_EQ(nobody.status, 1);
  EXPECT_THAT(nobody.err, HasSubstr("none of 2 tracks"));
}

}  // namespace
}  // namespace yourmt3::testing
