// yourmt3 bench from outside.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;

TEST(Bench, TellsSecondsMemoryAndSpeed) {
  const Workplace place;
  const ProgramRun run = run_program({"bench", "--model", place.model(), "--seconds", "5", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto facts = nlohmann::json::parse(run.out);
  EXPECT_GT(facts.at("times_real_time"), 0);
  EXPECT_GT(facts.at("peak_memory_mib"), 0);
  EXPECT_GT(facts.at("tokens_per_second"), 0);
  for (const char* stage : {"load", "read", "encode", "decode", "notes", "total"}) {
    EXPECT_TRUE(facts.at("seconds").contains(stage)) << stage;
  }
  const ProgramRun table = run_program({"bench", place.put_tones("song.wav"), "--model", place.model()});
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.out, HasSubstr("times real time"));
  const ProgramRun wrong = run_program({"bench", "--variant", "ymt3pluss"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'ymt3plus'?"));
}

TEST(Bench, CeilingsAreTheSameFactsAsTextAndAsJson) {
  const ProgramRun run = run_program({"bench", "--ceilings", "--threads", "1", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto ceilings = nlohmann::json::parse(run.out).at("ceilings");
  ASSERT_EQ(ceilings.size(), 1u);
  for (const auto& one : ceilings) {
    EXPECT_GT(one.at("gflops").at("f32").at("gflops"), 0);
    EXPECT_GT(one.at("memory").at(0).at("read_gb_per_sec"), 0);
  }
  const ProgramRun text = run_program({"bench", "--ceilings", "--threads", "1"});
  ASSERT_EQ(text.status, 0);
  for (const char* fact : {"1 thread\n", "f32", "GFLOP/s", "L2", "memory", "GB/s"})
    EXPECT_THAT(text.out, HasSubstr(fact));
}

TEST(Bench, ShowsAndDrawsTheKernelsOfANetwork) {
  const Workplace place;
  const ProgramRun run = run_program(
      {"bench", "--model", place.model(), "--threads", "1", "--roofline", place.path("roofline.svg"), "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto kernels = nlohmann::json::parse(run.out).at("kernels");
  ASSERT_FALSE(kernels.empty());
  for (const auto& one : kernels) {
    EXPECT_GT(one.at("gflops"), 0) << one;
    EXPECT_GT(one.at("attainable_in_l2_gflops"), one.at("attainable_gflops").get<double>() * 0.999) << one;
  }
  EXPECT_THAT(place.bytes_of("roofline.svg"), HasSubstr(kernels.back().at("name").get<std::string>()));
}

TEST(Bench, StartsTheProgramAgain) {
  const Workplace place;
  const ProgramRun run = run_program({"bench", "--model", place.model(), "--seconds", "3", "--cold-start", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto seconds = nlohmann::json::parse(run.out).at("cold_start_seconds");
  EXPECT_GT(seconds.at("best"), 0);
  EXPECT_GE(seconds.at("median"), seconds.at("best").get<double>());
  EXPECT_EQ(run_program({"bench", "--variant", "ymt3plus", "--cold-start"}).status, 2);
}

TEST(Bench, DecodesTheLengthsThatAFileSays) {
  const Workplace place;
  const std::string lengths = place.put("song.lengths", "3\n7\n20\n");
  const auto bench = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"bench", "--model", place.model(), "--json"});
    return run_program(arguments);
  };
  const ProgramRun run = bench({"--decode-lengths", lengths});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto facts = nlohmann::json::parse(run.out);
  EXPECT_EQ(facts.at("n_tokens"), 30);
  EXPECT_NEAR(facts.at("audio_seconds"), 3 * 2.0479375, 1e-3);

  const ProgramRun longer = bench({"--decode-lengths", lengths, place.put_tones("song.wav", 7)});
  EXPECT_EQ(longer.status, 1);
  EXPECT_THAT(longer.err, HasSubstr("song.lengths: 3 segments, which cover 6.1 s of the recording's 7.0 s"));
  const ProgramRun wide = bench({"--decode-lengths", place.put("wide.lengths", "2 2\n")});
  EXPECT_EQ(wide.status, 1);
  EXPECT_THAT(wide.err, HasSubstr("wide.lengths: 2 channels, but the network has 1"));
  const ProgramRun tall = bench({"--decode-lengths", place.put("tall.lengths", "2\n2000\n")});
  EXPECT_EQ(tall.status, 1);
  EXPECT_THAT(tall.err, HasSubstr("tall.lengths: 2000 tokens in segment 2, but the network writes at most"));
}

TEST(Bench, WritesTheDecodeLengthsOfNotes) {
  const Workplace place;
  const std::string notes = place.put("song.csv", "onset_sec,offset_sec,pitch,program\n0.5,1,60,0\n3,3.5,40,33\n");
  ASSERT_EQ(run_program({"bench", notes, "--write-decode-lengths", place.path("song.lengths")}).status, 0);
  EXPECT_THAT(place.bytes_of("song.lengths"), HasSubstr("mc13_full_plus_256"));
  EXPECT_THAT(place.bytes_of("song.lengths"), HasSubstr("\n9 2 2 2 2 2 2 2 2 2 2 2 2\n2 2 2 2 9 2 2 2 2 2 2 2 2\n"));
  const ProgramRun unknown =
      run_program({"bench", notes, "--task", "none", "--write-decode-lengths", place.path("other.lengths")});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("mc13_full_plus_256"));
  EXPECT_FALSE(place.has("other.lengths"));
  EXPECT_EQ(run_program({"bench", "--write-decode-lengths", place.path("other.lengths")}).status, 2);
}

}  // namespace
}  // namespace yourmt3::testing
