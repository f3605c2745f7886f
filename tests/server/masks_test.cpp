// Which instruments a job is told that there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_server.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

httplib::Result post(const TestServer& server, const std::string& only, const std::string& without) {
  return server.client().Post(
      "/api/v1/jobs",
      httplib::MultipartFormDataItems{
          {"only", only, "", ""}, {"audio", TestServer::recording(), "song.wav", ""}, {"without", without, "", ""}});
}

TEST(Masks, GoWithTheJobOverARestart) {
  TestServer server;
  server.transcriber.hold();
  server.wait_for(server.add(), "running");
  const auto answer = post(server, "piano,bass,vocals", "organ");
  ASSERT_EQ(answer->status, 202);
  const auto accepted = nlohmann::json::parse(answer->body);
  EXPECT_THAT(accepted.at("only"), ElementsAre("piano", "bass", "singing-voice"));
  EXPECT_THAT(accepted.at("without"), ElementsAre("organ"));
  server.server.reset();
  server.transcriber.let_go();
  server.start();
  server.wait_for(accepted.at("id"), "done");
  EXPECT_THAT(server.transcriber.jobs.back().only, ElementsAre("piano", "bass", "singing-voice"));
  EXPECT_THAT(server.transcriber.jobs.back().without, ElementsAre("organ"));
}

TEST(Masks, MayBeLeftOut) {
  const TestServer server;
  EXPECT_EQ(post(server, "", "")->status, 202);
  const std::string id = server.add();
  EXPECT_FALSE(server.wait_for(id, "done").contains("only"));
  EXPECT_THAT(server.transcriber.jobs.back().only, IsEmpty());
}

TEST(Masks, AreCheckedWhenTheyAreHandedIn) {
  ServerOptions options;
  options.check_decoding = [](const Transcriber::Decoding& decoding) {
    if (!decoding.only.empty() && decoding.only == decoding.without) {
      throw Error(ErrorCode::kInvalidArgument, "no instrument is left");
    }
  };
  const TestServer server(options);
  const auto unknown = post(server, "piano,kazoo", "");
  EXPECT_EQ(unknown->status, 400);
  EXPECT_THAT(unknown->body, HasSubstr("the field 'only' names an unknown instrument; there are piano,"));
  EXPECT_EQ(post(server, "", "../etc")->status, 400);
  EXPECT_EQ(post(server, std::string(5000, ','), "")->status, 400);
  const auto nothing = post(server, "piano", "piano");
  EXPECT_EQ(nothing->status, 400);
  EXPECT_THAT(nothing->body, HasSubstr("no instrument is left"));
  EXPECT_THAT(server.files_of_jobs(), IsEmpty());
}

}  // namespace
}  // namespace yourmt3::testing
