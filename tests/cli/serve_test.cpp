// `yourmt3 serve`; what it answers is tested in tests/server and, by a browser, in web/tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recordings.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

std::vector<std::string> arguments_with(const Workplace& place, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"serve",       "--port", "0",      "--model",         place.model(),
                                        "--soundfont", "tones",  "--data", place.path("data")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Starts the server and stops it once it says that it is there.
ProgramRun serve(const Workplace& place, const std::vector<std::string>& more, RunOptions options = {}) {
  options.interrupt_after_bytes = 1;
  options.interrupt_signal = SIGTERM;
  return run_program(arguments_with(place, more), options);
}

TEST(Serve, TellsItsAddressAndEndsWell) {
  const Workplace place;
  const auto run = serve(place, {});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+/\n"));
  EXPECT_THAT(run.err, HasSubstr("Jobs are kept in " + place.path("data")));
  EXPECT_TRUE(place.has("data/jobs.sqlite"));
}

TEST(Serve, ShowsATokenWhereOthersCanReachIt) {
  const Workplace place;
  const auto drawn = serve(place, {"--host", "0.0.0.0"});
  EXPECT_EQ(drawn.status, 0) << drawn.err;
  EXPECT_THAT(drawn.out, MatchesRegex("http://0\\.0\\.0\\.0:[0-9]+/\\?token=[0-9a-f]{32}\n"));

  RunOptions options;
  options.environment["YOURMT3_TOKEN"] = "from-the-environment";
  EXPECT_THAT(serve(place, {}, options).out, HasSubstr("/?token=from-the-environment\n"));
  place.put("token", "from-a-file-of-mine\n");
  EXPECT_THAT(serve(place, {"--token-file", place.path("token")}, options).out,
              HasSubstr("/?token=from-a-file-of-mine\n"));
}

TEST(Serve, SaysWhatIsWrong) {
  const Workplace place;
  place.put("token", "short\n");
  place.put("file", "");
  const auto expect = [&](const std::vector<std::string>& arguments, int status, const std::string& message) {
    const auto run = run_program(arguments_with(place, arguments));
    EXPECT_EQ(run.status, status) << message;
    EXPECT_THAT(run.err, HasSubstr(message));
    EXPECT_THAT(run.out, IsEmpty());
  };
  expect({"--token-file", place.path("token")}, 1, "the token has 5 characters, expected at least 16");
  expect({"--token-file", place.path("none")}, 1, "none: cannot read a token");
  // An address for documentation (RFC 5737), which no machine has.
  expect({"--host", "192.0.2.1"}, 1, "cannot listen on 192.0.2.1");
  expect({"--max-upload", "0"}, 2, "--max-upload");
  expect({"--max-disk", "0"}, 2, "--max-disk");
  const auto run = run_program({"serve", "--port", "0", "--model", place.model(), "--data", place.path("file")});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.err, HasSubstr("cannot make this folder"));
}

TEST(Serve, StartsItsDecoderWithLimits) {
  const auto run = run_program({"decode-recording", "0", "many"});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.err, HasSubstr("expected a limit of memory in bytes and one of time in seconds"));
}

}  // namespace
}  // namespace yourmt3::testing
