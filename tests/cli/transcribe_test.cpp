#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Transcribe, WritesMidiBesideTheRecordingAndItsNameOnStandardOutput) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav");
  const ProgramRun run = place.transcribe({song});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(run.out, place.path("song.mid") + "\n");
  EXPECT_THAT(place.bytes_of("song.mid"), StartsWith("MThd"));
  EXPECT_THAT(run.err, HasSubstr("notes"));
  EXPECT_THAT(place.names(), ElementsAre("song.mid", "song.wav", "tiny.safetensors"));
}

TEST(Transcribe, WritesEveryFormatAsked) {
  const Workplace place;
  const ProgramRun run = place.transcribe(
      {place.put_tones("a.wav"), "--format", "midi,json,csv,png,musicxml,mxl", "--output-dir", place.path("out/in")});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(place.names("out/in"), ElementsAre("a.csv", "a.json", "a.mid", "a.musicxml", "a.mxl", "a.png"));
  EXPECT_THAT(place.bytes_of("out/in/a.musicxml"), HasSubstr("<work-title>a</work-title>"));
  EXPECT_THAT(place.bytes_of("out/in/a.mxl"), StartsWith("PK"));
  EXPECT_THAT(place.bytes_of("out/in/a.png"), StartsWith("\x89PNG"));
  EXPECT_THAT(place.bytes_of("out/in/a.csv"), StartsWith("onset_sec,"));
  const auto notes = nlohmann::json::parse(place.bytes_of("out/in/a.json"));
  EXPECT_EQ(notes.at("format"), "yourmt3-notes");
  EXPECT_FALSE(notes.at("notes").empty());
}

TEST(Transcribe, BeatsAreAddedOnDemand) {
  const Workplace place;
  const std::string song = place.put_tones("a.wav");
  const std::string tempo = "\xFF\x51\x03";  // The meta event.
  ASSERT_EQ(place.transcribe({song, "--format", "midi,json"}).status, 0);
  EXPECT_THAT(place.bytes_of("a.mid"), Not(HasSubstr(tempo)));
  EXPECT_FALSE(nlohmann::json::parse(place.bytes_of("a.json")).contains("beats"));
  ASSERT_EQ(place.transcribe({song, "--format", "midi,json", "--beats", "--force"}).status, 0);
  EXPECT_THAT(place.bytes_of("a.mid"), HasSubstr(tempo));
  EXPECT_TRUE(nlohmann::json::parse(place.bytes_of("a.json")).contains("beats"));
}

TEST(Transcribe, QuietSaysNothingAndJsonTellsAll) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav");
  const ProgramRun quiet = place.transcribe({song, "--quiet"});
  EXPECT_EQ(quiet.status, 0);
  EXPECT_THAT(quiet.err, IsEmpty());
  const ProgramRun json = place.transcribe({song, "--json", "--force", "--precision", "f32"});
  ASSERT_EQ(json.status, 0) << json.err;
  const auto facts = nlohmann::json::parse(json.out);
  EXPECT_EQ(facts.at("status"), "done");
  EXPECT_EQ(facts.at("outputs").at("midi"), place.path("song.mid"));
  EXPECT_EQ(facts.at("duration_sec"), 3.0);
  int n_notes = 0;
  for (const auto& instrument : facts.at("instruments")) n_notes += instrument.at("n_notes").get<int>();
  EXPECT_EQ(facts.at("n_notes"), n_notes);
  EXPECT_EQ(facts.at("precision"), "f32");
  EXPECT_GT(n_notes, 0);
}

TEST(Transcribe, ExistingFilesAreReplacedOnlyWithForce) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav");
  place.put("song.mid", "mine");
  const ProgramRun refused = place.transcribe({song});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("song.mid: exists already; use --force"));
  EXPECT_EQ(place.bytes_of("song.mid"), "mine");
  const ProgramRun skipped = place.transcribe({song, "--skip-existing"});
  EXPECT_EQ(skipped.status, 0);
  EXPECT_THAT(skipped.err, HasSubstr("skipped"));
  EXPECT_EQ(place.bytes_of("song.mid"), "mine");
  EXPECT_EQ(place.transcribe({song, "--force"}).status, 0);
  EXPECT_THAT(place.bytes_of("song.mid"), StartsWith("MThd"));
}

TEST(Transcribe, OutputTellsTheFormatByItsExtension) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav");
  EXPECT_EQ(place.transcribe({song, "-o", place.path("notes.csv")}).status, 0);
  EXPECT_THAT(place.bytes_of("notes.csv"), StartsWith("onset_sec,"));
  const ProgramRun unknown = place.transcribe({song, "-o", place.path("notes.xyz")});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("tells no format"));
}

TEST(Transcribe, StandardInputGoesToStandardOutput) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav");
  RunOptions options;
  options.input = place.bytes_of("song.wav");
  const ProgramRun run = place.transcribe({"-"}, options);
  EXPECT_EQ(run.status, 0) << run.err;
  ASSERT_EQ(place.transcribe({song}).status, 0);
  EXPECT_EQ(run.out, place.bytes_of("song.mid")) << "the same as from the file";
  EXPECT_EQ(place.transcribe({"-", "-o", place.path("b.mid")}, options).status, 0);
  EXPECT_EQ(place.bytes_of("b.mid"), run.out);
}

TEST(Transcribe, FoldersAreSearchedAndKeepTheirShape) {
  const Workplace place;
  place.put_tones("in/one.wav");
  place.put_tones("in/deeper/two.WAV");
  place.put("in/readme.txt", "no music");
  const ProgramRun run = place.transcribe({place.path("in"), "--output-dir", place.path("out")});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(place.names("out"), ElementsAre("deeper", "one.mid"));
  EXPECT_THAT(place.names("out/deeper"), ElementsAre("two.mid"));
}

TEST(Transcribe, KeepsTheInstrumentsAsked) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav", 30);
  const ProgramRun all = place.transcribe({song, "--json"});
  const ProgramRun some = place.transcribe({song, "--json", "--force", "--keep", "drums,piano"});
  ASSERT_EQ(some.status, 0) << some.err;
  const nlohmann::json kept = nlohmann::json::parse(some.out);
  EXPECT_LT(kept.at("n_notes"), nlohmann::json::parse(all.out).at("n_notes"));
  EXPECT_FALSE(kept.at("instruments").empty());
  for (const auto& instrument : kept.at("instruments")) {
    EXPECT_THAT(instrument.at("name").get<std::string>(), ::testing::AnyOf(HasSubstr("Drums"), HasSubstr("Piano")));
  }
  for (const char* option : {"--keep", "--only", "--without"}) {
    const ProgramRun wrong = place.transcribe({song, option, "pinao"});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_THAT(wrong.err, HasSubstr(std::string(option) + ": unknown instrument 'pinao'; did you mean 'piano'?"));
  }
  const ProgramRun list = run_program({"transcribe", "--instruments"});
  EXPECT_EQ(list.status, 0);
  EXPECT_THAT(list.out, HasSubstr("piano\n"));
  EXPECT_THAT(list.out, HasSubstr("drums\n"));
}

TEST(Transcribe, HearsTheInstrumentsThatPlay) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav", 30);
  const auto instruments = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {song, "--json", "--force"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProgramRun run = place.transcribe(arguments);
    EXPECT_EQ(run.status, 0) << run.err;
    std::set<std::string> names;
    const nlohmann::json facts = nlohmann::json::parse(run.out);
    for (const auto& instrument : facts.at("instruments")) names.insert(instrument.at("name"));
    return names;
  };
  const std::set<std::string> all = instruments({});
  ASSERT_GT(all.size(), 2u);
  const std::string drums = "Drums", organ = "Organ";
  EXPECT_EQ(instruments({"--only", "organ"}), std::set<std::string>{organ}) << "whatever was heard before";
  const std::set<std::string> others = instruments({"--without", "drums"});
  EXPECT_FALSE(others.contains(drums));
  EXPECT_FALSE(others.empty());
  EXPECT_NE(instruments({"--no-constrained"}), all) << "random weights write no grammar of their own";
  EXPECT_EQ(instruments({"--constrained"}), all) << "the model says so itself";
  const ProgramRun none = place.transcribe({song, "--force", "--only", "organ", "--without", "organ"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("no instrument is left"));
}

TEST(Transcribe, EveryNoteHasAConfidence) {
  const Workplace place;
  ASSERT_EQ(place.transcribe({place.put_tones("a.wav", 20), "--format", "json,csv"}).status, 0);
  const auto notes = nlohmann::json::parse(place.bytes_of("a.json")).at("notes");
  ASSERT_FALSE(notes.empty());
  for (const auto& note : notes) {
    EXPECT_GT(note.at("confidence"), 0);
    EXPECT_LE(note.at("confidence"), 1);
  }
  EXPECT_THAT(place.bytes_of("a.csv"), HasSubstr(",instrument,confidence\n"));
}

TEST(Transcribe, OneBadFileDoesNotStopTheOthers) {
  const Workplace place;
  const std::string good = place.put_tones("good.wav"), last = place.put_tones("last.wav");
  const std::string bad = place.put("bad.wav", "RIFF nonsense");
  const ProgramRun run = place.transcribe({good, bad, place.path("missing.wav"), last});
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(place.has("good.mid"));
  EXPECT_TRUE(place.has("last.mid"));
  EXPECT_FALSE(place.has("bad.mid"));
  EXPECT_EQ(run.out, place.path("good.mid") + "\n" + place.path("last.mid") + "\n");
  EXPECT_THAT(run.err, HasSubstr("2 of 4 recordings failed:"));
  EXPECT_THAT(run.err, HasSubstr("missing.wav: no such file"));
}

TEST(Transcribe, RefusesTwoRecordingsForOneFile) {
  const Workplace place;
  const std::string a = place.put_tones("a/song.wav"), b = place.put_tones("b/song.wav");
  const ProgramRun run = place.transcribe({a, b, "--output-dir", place.path("out")});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("would both be written to"));
  EXPECT_EQ(place.transcribe({a, b, "-o", place.path("x.mid")}).status, 2);
  EXPECT_EQ(place.transcribe({a, "-o", place.path("x.mid"), "--output-dir", place.path("out")}).status, 2);
  EXPECT_EQ(place.transcribe({a, "--format", "midy"}).status, 2);
  EXPECT_EQ(place.transcribe({a, "--precision", "f16"}).status, 2);
  EXPECT_EQ(place.transcribe({}).status, 2);
}

TEST(Transcribe, CtrlCLeavesNoHalfFileAndGives130) {
  const Workplace place;
  const std::string song = place.put_silence("long.wav", 1800);
  RunOptions options;
  options.interrupt_after_bytes = 1;  // The line about the model, after which the work begins.
  const ProgramRun run = place.transcribe({song, "--verbose", "--format", "midi,json"}, options);
  EXPECT_EQ(run.status, 130);
  EXPECT_THAT(place.names(), ElementsAre("long.wav", "tiny.safetensors"));
}

TEST(Transcribe, TheModelMayComeFromTheEnvironment) {
  const Workplace place;
  RunOptions options;
  options.environment["YOURMT3_MODEL"] = place.model();
  EXPECT_EQ(run_program({"transcribe", place.put_tones("song.wav")}, options).status, 0);
  options.environment["YOURMT3_MODEL"] = place.path("none.safetensors");
  const ProgramRun missing = run_program({"transcribe", place.put_tones("b.wav")}, options);
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("none.safetensors"));
}

TEST(Score, AFileAgainstItselfIsPerfect) {
  const Workplace place;
  ASSERT_EQ(place.transcribe({place.put_tones("song.wav"), "--format", "midi,json"}).status, 0);
  const ProgramRun run = run_program({"score", place.path("song.mid"), place.path("song.mid"), "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto scores = nlohmann::json::parse(run.out);
  for (const char* name : {"onset_f1", "onset_offset_f1", "multi_f1", "multi_onset_f1", "drum_onset_f1", "frame_f1"}) {
    ASSERT_TRUE(scores.contains(name)) << name;
    EXPECT_TRUE(scores.at(name).is_null() || scores.at(name) == 1.0) << name;
  }
  const ProgramRun table = run_program({"score", place.path("song.mid"), place.path("song.json")});
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.out, HasSubstr("multi onset"));
  const ProgramRun missing = run_program({"score", place.path("song.mid"), place.path("none.mid")});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("none.mid"));
}

TEST(Convert, WritesAModelThatTranscribesTheSame) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav");
  const ProgramRun run = run_program({"convert", place.model(), place.path("copy.safetensors")});
  EXPECT_EQ(run.status, 0) << run.err;
  ASSERT_EQ(place.transcribe({song}).status, 0);
  ASSERT_EQ(
      run_program({"transcribe", song, "--model", place.path("copy.safetensors"), "-o", place.path("b.mid")}).status,
      0);
  EXPECT_EQ(place.bytes_of("song.mid"), place.bytes_of("b.mid"));
  const ProgramRun again = run_program({"convert", place.model(), place.path("copy.safetensors")});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("--force"));
  const ProgramRun half =
      run_program({"convert", place.model(), place.path("copy.safetensors"), "--force", "--dtype", "f16"});
  EXPECT_EQ(half.status, 0) << half.err;
}

TEST(Info, DescribesModelsRecordingsAndNotes) {
  const Workplace place;
  const std::string song = place.put_tones("song.wav");
  ASSERT_EQ(place.transcribe({song}).status, 0);
  const ProgramRun model = run_program({"info", place.model(), "--json"});
  EXPECT_EQ(nlohmann::json::parse(model.out).at("task"), "mt3_full_plus");
  EXPECT_THAT(run_program({"info", place.model()}).out, HasSubstr("mt3_full_plus"));
  const auto audio = nlohmann::json::parse(run_program({"info", song, "--json"}).out);
  EXPECT_EQ(audio.at("sample_rate"), 16000);
  EXPECT_EQ(audio.at("duration_sec"), 3.0);
  const auto notes = nlohmann::json::parse(run_program({"info", place.path("song.mid"), "--json"}).out);
  EXPECT_GT(notes.at("n_notes"), 0);
  EXPECT_EQ(run_program({"info", place.path("none")}).status, 1);
}

}  // namespace
}  // namespace yourmt3::testing
