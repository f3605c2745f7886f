// Limits of disk, time and connections.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raw_client.h"
#include "score/note_text.h"
#include "server/client_patience.h"
#include "test_server.h"

namespace yourmt3::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using std::chrono::milliseconds;

constexpr const char* kHealth = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(ClientPatience, IsUsedUpByWaitingAndEarnedByBytes) {
  ClientPatience patience({.max_wait = std::chrono::seconds(10), .min_bytes_per_sec = 1000});
  patience.waited(std::chrono::seconds(9));
  EXPECT_DOUBLE_EQ(patience.left().count(), 1);
  patience.moved(2000);
  EXPECT_DOUBLE_EQ(patience.left().count(), 3);
  patience.moved(1 << 30);
  EXPECT_DOUBLE_EQ(patience.left().count(), 10) << "a fast beginning earns no long pause";
  patience.waited(std::chrono::seconds(11));
  EXPECT_LT(patience.left().count(), 0);
}

ServerOptions with_disk(std::int64_t max_bytes) {
  ServerOptions options;
  options.max_disk_bytes = max_bytes;
  return options;
}

TEST(Disk, WhatHasNoRoomIsRefusedAndLeavesNothing) {
  // A second of sound has 32044 bytes, its peaks 200.
  const TestServer server(with_disk(80000));
  const std::string first = server.add();
  server.wait_for(first, "done");
  server.wait_for(server.add(), "done");
  const auto files = server.files_of_jobs();
  const auto refused = server.post(TestServer::recording());
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 507);
  EXPECT_THAT(refused->body, AllOf(HasSubstr("of at most 80000 bytes"), HasSubstr("--max-disk")));
  EXPECT_EQ(server.files_of_jobs().size(), files.size());
  EXPECT_EQ(server.client().Delete("/api/v1/jobs/" + first)->status, 204);
  EXPECT_NO_THROW(server.add()) << "there is room again";
}

TEST(Disk, AnUploadOfUnknownLengthIsRefusedWhenItHasNoRoom) {
  const TestServer server(with_disk(80000));
  const RawClient client(server.server->port());
  client.send(
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  const auto send_chunk = [&](const std::string& bytes) {
    return client.send(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
  };
  send_chunk("--x\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n\r\n");
  for (int i = 0; i < 100; ++i) send_chunk(std::string(1000, 'x'));
  send_chunk("\r\n--x--\r\n");
  client.send("0\r\n\r\n");
  EXPECT_EQ(status_in(client.answer()), 507);
  EXPECT_THAT(server.files_of_jobs(), IsEmpty());
  EXPECT_NO_THROW(server.add()) << "what was taken for it was given back";
}

TEST(Disk, EditedNotesCountAndWhatWasKeptCountsAfterARestart) {
  TestServer server(with_disk(60000));
  const std::string id = server.add();
  server.wait_for(id, "done");
  const std::vector<Note> many(1000, {false, 40, 0, 1, 70, 1});
  const std::string address = "/api/v1/jobs/" + id + "/notes";
  EXPECT_EQ(server.client().Put(address, notes_to_json(many), "application/json")->status, 507);
  EXPECT_EQ(server.job(id).at("edited"), false);
  EXPECT_EQ(server.client().Put(address, notes_to_json(kHeardNotes), "application/json")->status, 200);
  server.server.reset();
  server.start();
  EXPECT_EQ(server.post(TestServer::recording())->status, 507);
  const auto metrics = server.client().Get("/metrics")->body;
  std::uintmax_t n_bytes = 0;
  for (const auto& file : server.files_of_jobs()) n_bytes += std::filesystem::file_size(file);
  EXPECT_THAT(metrics, HasSubstr(fmt::format("\nyourmt3_disk_bytes {}\n", n_bytes)));
}

ServerOptions impatient() {
  ServerOptions options;
  options.connections.client.max_wait = milliseconds(500);
  return options;
}

/// The answer to a request that is repeated while this machine is too busy for it.
std::string get(const TestServer& server, const std::string& path) {
  for (int i = 0; i < 100; ++i) {
    const auto answer = server.client().Get(path);
    if (answer && answer->status == 200) return answer->body;
  }
  ADD_FAILURE() << path << " is not answered";
  return {};
}

TEST(SlowClients, AreToldSo) {
  const TestServer server(impatient());
  const RawClient upload(server.server->port());
  upload.send(upload_head(1000) + "RIFF");
  EXPECT_EQ(status_in(upload.answer()), 408);
  EXPECT_THAT(server.files_of_jobs(), IsEmpty());
  const RawClient head(server.server->port());
  head.send("GET /healthz HTT");
  EXPECT_EQ(status_in(head.answer()), 408);
  const RawClient silent(server.server->port());
  EXPECT_THAT(silent.answer(), IsEmpty());
  EXPECT_THAT(get(server, "/metrics"), HasSubstr("{status=\"408\"}"));
}

TEST(SlowClients, DripsDoNotHelpThem) {
  const TestServer server(impatient());
  const RawClient client(server.server->port());
  client.send(upload_head(1 << 30));
  // A byte each 10 ms would keep a limit of silence alone from ever being reached.
  int n_sent = 0;
  while (n_sent < 6000 && client.send("x")) {
    std::this_thread::sleep_for(milliseconds(10));
    ++n_sent;
  }
  EXPECT_LT(n_sent, 6000);
  EXPECT_THAT(get(server, "/metrics"), HasSubstr("{status=\"408\"}"));
}

TEST(SlowClients, EndWithTheServer) {
  TestServer server;
  const RawClient client(server.server->port());
  client.send(upload_head(1000));
  while (server.files_of_jobs().empty()) std::this_thread::sleep_for(milliseconds(1));
  server.server.reset();
  const std::string answer = client.answer();
  EXPECT_EQ(status_in(answer), 503);
  EXPECT_THAT(answer, HasSubstr("Retry-After: "));
}

TEST(BusyServer, TurnsOthersAwayAndRecovers) {
  ServerOptions options;
  options.connections.n_threads = 2;
  options.connections.max_queued = 3;
  options.connections.max_queue_time = milliseconds(200);
  options.connections.client.max_wait = std::chrono::minutes(2);
  const TestServer server(options);
  {
    std::vector<RawClient> slow;
    for (int i = 0; i < 2; ++i) {
      slow.emplace_back(server.server->port());
      slow.back().send("GET /healthz");
    }
    // The threads may take a while to take those; until then others may be answered.
    std::string answer;
    do {
      const RawClient client(server.server->port());
      client.send(kHealth);
      answer = client.answer();
    } while (status_in(answer) == 200);
    EXPECT_EQ(status_in(answer), 503);
    EXPECT_THAT(answer, AllOf(HasSubstr("Retry-After: 10\r\n"), HasSubstr("\"status\": 503")));
    // More than may wait are told at once, and what they sent does not cut their answer off.
    std::vector<RawClient> others;
    for (int i = 0; i < 20; ++i) {
      others.emplace_back(server.server->port());
      others.back().send("POST /api/v1/jobs HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + std::string(500, 'x'));
    }
    for (const RawClient& other : others) EXPECT_EQ(status_in(other.answer()), 503);
  }
  EXPECT_THAT(get(server, "/healthz"), HasSubstr("ok"));
}

TEST(BusyServer, TakesManyConnectionsAtOnce) {
  const TestServer server;
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) clients.emplace_back(server.server->port());
  for (const RawClient& client : clients) client.send(kHealth);
  for (const RawClient& client : clients) {
    const int status = status_in(client.answer());
    EXPECT_TRUE(status == 200 || status == 503) << status;
  }
}

TEST(BusyServer, AnswersThoseWhoSayThatTheySentAll) {
  const TestServer server;
  const RawClient client(server.server->port());
  client.send(kHealth);
  client.hang_up();
  EXPECT_EQ(status_in(client.answer()), 200);
  const std::string recording = TestServer::recording(), end = "\r\n--x--\r\n";
  const std::string head = upload_head(0), part = head.substr(head.find("\r\n\r\n") + 4);
  const RawClient upload(server.server->port());
  upload.send(upload_head(part.size() + recording.size() + end.size()) + recording + end);
  upload.hang_up();
  EXPECT_EQ(status_in(upload.answer()), 202);
}

TEST(BusyServer, LinesHaveAnEnd) {
  const TestServer server;
  const auto status_of = [&](const std::string& beginning) {
    const RawClient client(server.server->port());
    client.send(beginning + std::string(1 << 20, 'x'));
    return status_in(client.answer());
  };
  EXPECT_EQ(status_of("GET /"), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: localhost\r\nX: "), 431);
  EXPECT_EQ(status_of("PUT /api/v1/jobs/" + kUnknownId +
                      "/notes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"),
            431);
}

TEST(BusyServer, HasItsPortAlone) {
  const TestServer server;
  ServerOptions options = server.options;
  const TemporaryFolder folder;
  options.data_folder = folder.path();
  options.port = server.server->port();
  FakeTranscriber transcriber;
  EXPECT_THROW(Server(options, transcriber.function(), plain_formats()), Error);
}

}  // namespace
}  // namespace yourmt3::testing
