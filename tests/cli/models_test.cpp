// `yourmt3 models`, and models by their names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;

/// Models are looked for in folders of the test alone, before those that come with the program.
struct Models {
  Models() { options.environment["YOURMT3_MODELS"] = place.path("none") + ":" + place.path("mine"); }

  std::string put(const std::string& name) const {
    std::filesystem::create_directories(place.path("mine"));
    const std::string file = place.path("mine/" + name + ".safetensors");
    std::filesystem::copy_file(place.model(), file);
    return file;
  }
  ProgramRun run(const std::vector<std::string>& arguments) const { return run_program(arguments, options); }

  nlohmann::json listed(const std::string& name) const {
    const ProgramRun found = run({"models", "--json"});
    EXPECT_EQ(found.status, 0) << found.err;
    nlohmann::json result;
    for (const auto& model : nlohmann::json::parse(found.out)) {
      if (model.at("name") != name) continue;
      EXPECT_TRUE(result.is_null()) << "listed twice";
      result = model;
    }
    return result;
  }

  Workplace place;
  RunOptions options;
};

TEST(Models, TellsTheBundledOne) {
  const Models models;
  const nlohmann::json bundled = models.listed("default");
  EXPECT_GT(bundled.at("parameters"), 1000000);
  EXPECT_EQ(bundled.at("bytes"), std::filesystem::file_size(bundled.at("file").get<std::string>()));
  EXPECT_EQ(bundled.at("licence"), "Apache-2.0");
  const ProgramRun table = models.run({"models"});
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.out, HasSubstr("default"));
  EXPECT_THAT(table.out, HasSubstr(" MB"));
}

TEST(Models, AreFoundByTheirNames) {
  const Models models;
  const std::string file = models.put("tiny");
  const std::string song = models.place.put_tones("song.wav");
  EXPECT_EQ(models.listed("tiny").at("file"), file);
  const ProgramRun named = models.run({"transcribe", song, "--model", "tiny", "-o", models.place.path("named.csv")});
  ASSERT_EQ(named.status, 0) << named.err;
  ASSERT_EQ(models.place.transcribe({song, "-o", models.place.path("file.csv")}).status, 0);
  EXPECT_EQ(models.place.bytes_of("named.csv"), models.place.bytes_of("file.csv"));
  EXPECT_EQ(models.run({"info", "tiny"}).out, models.run({"info", file}).out);
  EXPECT_EQ(models.run({"bench", "--model", "tiny", "--seconds", "4"}).status, 0);

  const ProgramRun unknown = models.run({"transcribe", song, "--model", "huge"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("no model 'huge'"));
  EXPECT_THAT(unknown.err, HasSubstr(models.place.path("mine")));

  models.put("default");
  EXPECT_THAT(models.listed("default").at("file"), HasSubstr("mine")) << "the first folder wins";
}

TEST(Models, OneThatCannotBeReadIsNamedAndTheOthersListed) {
  const Models models;
  models.put("tiny");
  models.place.put("mine/broken.safetensors", "no model");
  const ProgramRun run = models.run({"models"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("broken.safetensors"));
  EXPECT_THAT(run.out, HasSubstr("tiny"));
}

TEST(Models, CarryWhatWasMeasuredWithThem) {
  const Models models;
  const std::string tiny = models.put("tiny");
  EXPECT_TRUE(models.listed("tiny").at("speed").is_null());
  EXPECT_TRUE(models.listed("tiny").at("scores").empty());

  models.place.put_tones("songs/test/b.wav", 2);
  models.place.put("songs/test/b.csv", "onset_sec,offset_sec,pitch,program\n0,0.5,57,24\n0.5,1,62,24\n");
  ASSERT_EQ(
      run_program({"prepare", "folder", "--source", models.place.path("songs"), "--out", models.place.path("set")})
          .status,
      0);
  const std::string out = models.place.path("evaluation");
  const ProgramRun evaluated = models.run({"evaluate", "--data", models.place.path("set"), "--classes",
                                           "GM_INSTR_CLASS_PLUS", "--model", "tiny", "-o", out});
  ASSERT_EQ(evaluated.status, 0) << evaluated.err;
  const ProgramRun bench = models.run({"bench", "--model", "tiny", "--seconds", "4", "--threads", "1", "--json"});
  ASSERT_EQ(bench.status, 0) << bench.err;
  const std::string measured = models.place.path("mine/measured.safetensors");
  const ProgramRun converted =
      models.run({"convert", tiny, measured, "--scores", out + "/report.json", "--speed",
                  models.place.put("bench.json", bench.out), "--metadata", "summary=A tiny one"});
  ASSERT_EQ(converted.status, 0) << converted.err;

  const nlohmann::json facts = models.listed("measured");
  EXPECT_EQ(facts.at("summary"), "A tiny one");
  EXPECT_EQ(facts.at("speed").at("times_real_time"), nlohmann::json::parse(bench.out).at("times_real_time"));
  EXPECT_THAT(facts.at("speed").at("machine"), HasSubstr("1 thread of "));
  const nlohmann::json report = nlohmann::json::parse(models.place.bytes_of("evaluation/report.json"));
  EXPECT_EQ(facts.at("scores").at("set").at("onset_f"), report.at("sets").at(0).at("means").at("onset_f"));
  const ProgramRun table = models.run({"models"});
  EXPECT_THAT(table.out, HasSubstr("A tiny one"));
  EXPECT_THAT(table.out, HasSubstr("set: Onset F1 "));

  const ProgramRun foreign =
      models.run({"convert", measured, models.place.path("c.safetensors"), "--scores", out + "/report.json"});
  EXPECT_EQ(foreign.status, 1);
  EXPECT_THAT(foreign.err, HasSubstr("of another model file"));
  const ProgramRun nonsense =
      models.run({"convert", tiny, models.place.path("c.safetensors"), "--speed", out + "/report.json"});
  EXPECT_EQ(nonsense.status, 1);
  EXPECT_THAT(nonsense.err, HasSubstr("bench --json"));
  EXPECT_FALSE(models.place.has("c.safetensors"));
}

}  // namespace
}  // namespace yourmt3::testing
