// What strangers hand in is read by processes of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audio/audio_reader.h"
#include "test_server.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using std::chrono::milliseconds;

DecoderCommand decoder(const std::string& mode, milliseconds patience = std::chrono::minutes(2)) {
  return {.arguments = {YOURMT3_TEST_DECODER, mode}, .patience = patience};
}

ServerOptions options_with(const DecoderCommand& command) {
  ServerOptions options;
  options.decoder = command;
  return options;
}

TEST(Isolation, RecordingsAreReadAsEver) {
  const TestServer server(options_with(decoder("read")));
  const std::string id = server.add();
  EXPECT_EQ(server.wait_for(id, "done").at("duration_sec"), 1);
  EXPECT_EQ(server.client().Get("/api/v1/jobs/" + id + "/waveform")->body.size(), 200u);
  const auto refused = server.post("no sound at all", "song.mp3");
  EXPECT_EQ(refused->status, 415);
  EXPECT_THAT(refused->body, HasSubstr("libsndfile: "));
  EXPECT_THAT(refused->body, Not(HasSubstr(server.folder.path().string())));
}

TEST(Isolation, ACrashRefusesOneRecording) {
  TestServer server(options_with(decoder("crash")));
  for (int i = 0; i < 3; ++i) {
    const auto refused = server.post(TestServer::recording());
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 415);
    EXPECT_THAT(refused->body, HasSubstr("its decoder was ended by signal 11"));
    EXPECT_THAT(refused->body, Not(HasSubstr(server.folder.path().string())));
  }
  EXPECT_THAT(server.files_of_jobs(), IsEmpty());
  EXPECT_EQ(server.client().Get("/healthz")->status, 200);
}

TEST(Isolation, AHangRefusesOneRecording) {
  const TestServer server(options_with(decoder("hang", milliseconds(200))));
  const auto refused = server.post(TestServer::recording());
  EXPECT_EQ(refused->status, 415);
  EXPECT_THAT(refused->body, HasSubstr("does not get on with it"));
  EXPECT_THAT(server.files_of_jobs(), IsEmpty());
}

TEST(Isolation, AFloodRefusesOneRecording) {
  ServerOptions options = options_with(decoder("flood"));
  options.max_duration_sec = 100;
  const TestServer server(options);
  EXPECT_EQ(server.post(TestServer::recording())->status, 413);
  EXPECT_THAT(server.files_of_jobs(), IsEmpty());
}

TEST(Isolation, TheEndOfTheServerEndsADecoderThatHangs) {
  TestServer server(options_with(decoder("hang")));
  httplib::Client client = server.client();
  std::atomic<int> status = 0;
  std::thread sender([&] {
    const auto answer = client.Post(
        "/api/v1/jobs", httplib::MultipartFormDataItems{{"audio", TestServer::recording(), "song.wav", "audio/wav"}});
    status = answer ? answer->status : -1;
  });
  while (server.files_of_jobs().empty()) std::this_thread::sleep_for(milliseconds(1));
  server.server.reset();
  sender.join();
  EXPECT_EQ(status, 503);
}

/// Decoders that are well when a recording is handed in, and not when it is transcribed.
class WhileTranscribing : public ::testing::Test {
 protected:
  WhileTranscribing() : server_(options_with(decoder("read"))) {
    server_.transcriber.listen_by([this](const std::filesystem::path& recording, const std::function<bool()>& go_on) {
      AudioReader::Options options;
      options.decoder = next_;
      options.keep_going = go_on;
      load_audio(recording, options);
    });
  }

  nlohmann::json outcome(const DecoderCommand& command, const std::string& state) {
    next_ = command;
    return server_.wait_for(server_.add(), state);
  }

  DecoderCommand next_;
  TestServer server_;
};

TEST_F(WhileTranscribing, WhatGoesWrongFailsOneJob) {
  EXPECT_EQ(outcome(decoder("crash"), "failed").at("error"),
            "recording: cannot be read: its decoder was ended by signal 11 (Segmentation fault)");
  EXPECT_THAT(outcome(decoder("hang", milliseconds(200)), "failed").at("error").get<std::string>(),
              HasSubstr("does not get on with it"));
  DecoderCommand flood = decoder("flood");
  flood.max_sec = 100;
  EXPECT_THAT(outcome(flood, "failed").at("error").get<std::string>(), HasSubstr("longer than 100 s"));
  outcome(decoder("read"), "done");
}

TEST_F(WhileTranscribing, CancellingAJobEndsItsDecoder) {
  next_ = decoder("hang");
  const std::string id = server_.add();
  server_.wait_for(id, "running");
  EXPECT_EQ(server_.client().Post("/api/v1/jobs/" + id + "/cancel")->status, 202);
  server_.wait_for(id, "cancelled");
  outcome(decoder("read"), "done");
}

}  // namespace
}  // namespace yourmt3::testing
