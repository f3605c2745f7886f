// What the server answers to those who use it as it is not meant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "raw_client.h"
#include "test_server.h"

namespace yourmt3::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// All that comes back for these bytes until the connection is closed.
std::string raw(const TestServer& server, const std::string& bytes, bool hang_up = false) {
  const RawClient client(server.server->port());
  EXPECT_TRUE(client.send(bytes));
  if (hang_up) client.hang_up();
  return client.answer();
}

std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    files.push_back(entry.path().filename());
  return files;
}

int status_of(const httplib::Result& answer) {
  return answer ? answer->status : -1;
}

TEST(Hostile, RecordingsThatAreNoneLeaveNothingBehind) {
  const TestServer server;
  EXPECT_EQ(status_of(server.post("no sound at all", "song.mp3")), 415);
  EXPECT_EQ(status_of(server.post("", "song.wav")), 415);
  EXPECT_EQ(status_of(server.post(TestServer::recording().substr(0, 20))), 415);
  EXPECT_EQ(status_of(server.post("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n", "list.m3u8")),
            415);
  EXPECT_THAT(files_in(server.folder / "data" / "jobs"), IsEmpty());
  EXPECT_THAT(server.transcriber.recordings, IsEmpty());
}

TEST(Hostile, FormsWithoutOneRecordingAreRefused) {
  const TestServer server;
  EXPECT_EQ(status_of(server.post(TestServer::recording(), "song.wav", "video")), 400);
  const httplib::MultipartFormDataItems twice(2, {"audio", TestServer::recording(), "song.wav", "audio/wav"});
  EXPECT_EQ(status_of(server.client().Post("/api/v1/jobs", twice)), 400);
  EXPECT_EQ(status_of(server.client().Post("/api/v1/jobs", "audio=1", "application/x-www-form-urlencoded")), 415);
  EXPECT_EQ(status_of(server.client().Post("/api/v1/jobs", "{}", "application/json")), 415);
  EXPECT_EQ(status_of(server.client().Post("/api/v1/jobs", "--x", "multipart/form-data; boundary=y")), 400);
  EXPECT_EQ(status_of(server.client().Post("/api/v1/jobs", "--x", "multipart/form-data")), 400);
  EXPECT_THAT(files_in(server.folder / "data" / "jobs"), IsEmpty());
}

TEST(Hostile, RecordingsThatAreTooLargeOrTooLongAreRefused) {
  ServerOptions options;
  options.max_upload_bytes = 100000;
  options.max_duration_sec = 2;
  const TestServer server(options);
  const auto large = server.post(TestServer::recording(5));
  EXPECT_EQ(status_of(large), 413);
  EXPECT_THAT(large->body, HasSubstr("more than 100000 bytes"));
  const auto much_larger = server.post(std::string(20 << 20, 'x'));
  EXPECT_EQ(status_of(much_larger), 413) << "told although all was sent before the answer was read";
  const auto lengthy = server.post(TestServer::recording(2.5));
  EXPECT_EQ(status_of(lengthy), 413);
  EXPECT_THAT(lengthy->body, HasSubstr("longer than 2 s"));
  // 16 MiB of other fields are skipped, not kept.
  const httplib::MultipartFormDataItems ballast = {{"other", std::string(16 << 20, 'x'), "", ""},
                                                   {"audio", TestServer::recording(), "song.wav", ""}};
  EXPECT_EQ(status_of(server.client().Post("/api/v1/jobs", ballast)), 202);
}

TEST(Hostile, ALongLineTurnsOthersAway) {
  ServerOptions options;
  options.max_waiting = 2;
  TestServer server(options);
  server.transcriber.hold();
  const std::string running = server.add();
  server.wait_for(running, "running");
  server.add();
  server.add();
  const auto refused = server.post(TestServer::recording());
  EXPECT_EQ(status_of(refused), 429);
  EXPECT_EQ(refused->get_header_value("Retry-After"), "10");
  server.transcriber.let_go();
  server.wait_for(running, "done");
  EXPECT_NO_THROW(server.add()) << "there is room again";
}

TEST(Hostile, NamesAreOnlyForShow) {
  const TestServer server;
  const std::vector<std::pair<std::string, std::string>> names = {{"../../../etc/passwd", "passwd"},
                                                                  {"C:\\music\\song.wav", "song.wav"},
                                                                  {"/", "recording"},
                                                                  {"..", ".."},
                                                                  {"<script>alert(1)</script>", "script>"},
                                                                  {std::string(5000, 'a'), std::string(200, 'a')}};
  for (const auto& [name, shown] : names) {
    const std::string id = server.add(name);
    EXPECT_EQ(server.wait_for(id, "done").at("name"), shown);
    const auto result = server.client().Get("/api/v1/jobs/" + id + "/result");
    EXPECT_EQ(status_of(result), 200);
    EXPECT_THAT(result->get_header_value("Content-Disposition"), Not(HasSubstr("/")));
  }
  for (const auto& recording : server.transcriber.recordings) {
    EXPECT_EQ(recording.filename(), "recording");
    EXPECT_EQ(recording.parent_path().parent_path(), server.folder / "data" / "jobs");
  }
}

TEST(Hostile, IdsThatAreNoneReachNoFile) {
  const TestServer server;
  for (const char* id : {"..", "../..", "%2e%2e", "..%2f..%2fjobs.sqlite", "jobs.sqlite", "0123", "%00",
                         "0000000000000000000000000000000G", "'; DROP TABLE jobs; --"}) {
    for (const char* what : {"", "/result", "/recording", "/waveform", "/events"}) {
      EXPECT_EQ(status_of(server.client().Get("/api/v1/jobs/" + std::string(id) + what)), 404) << id << what;
    }
    EXPECT_EQ(status_of(server.client().Delete("/api/v1/jobs/" + std::string(id))), 404) << id;
  }
  for (const char* what : {"", "/result", "/recording", "/waveform", "/events"}) {
    EXPECT_EQ(status_of(server.client().Get("/api/v1/jobs/" + kUnknownId + what)), 404) << what;
  }
  EXPECT_THAT(raw(server, "GET /../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 404"));
  EXPECT_EQ(status_of(server.client().Get("/" + std::string(8000, 'a'))), 404);
  EXPECT_EQ(status_of(server.client().Post("/" + std::string(8000, 'a'))), 404);
}

TEST(Hostile, FormatsThatAreNoneAreRefused) {
  const TestServer server;
  const std::string id = server.add();
  server.wait_for(id, "done");
  for (const char* format : {"", "exe", "../midi", "MIDI"}) {
    EXPECT_EQ(status_of(server.client().Get("/api/v1/jobs/" + id + "/result?format=" + format)), 400) << format;
  }
}

TEST(Hostile, PagesFromElsewhereChangeNothing) {
  const TestServer server;
  const httplib::MultipartFormDataItems form = {{"audio", TestServer::recording(), "song.wav", "audio/wav"}};
  EXPECT_EQ(status_of(server.client().Post("/api/v1/jobs", {{"Origin", "http://evil.example"}}, form)), 403);
  EXPECT_EQ(status_of(server.client().Get("/api/v1/jobs", {{"Host", "evil.example"}})), 403);
  EXPECT_EQ(status_of(server.client().Get("/healthz", {{"Host", "evil.example"}})), 200) << "tells nothing";
  const auto plain = server.client().Get("/api/v1/jobs", {{"Origin", "http://evil.example"}});
  EXPECT_FALSE(plain->has_header("Access-Control-Allow-Origin"));
  EXPECT_EQ(plain->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_THAT(plain->get_header_value("Content-Security-Policy"), HasSubstr("default-src 'none'"));
}

TEST(Hostile, WithoutTheTokenNothingIsTold) {
  ServerOptions options;
  options.token = "correct-horse-battery";
  const TestServer server(options);
  EXPECT_THAT(server.server->url(), HasSubstr("/?token=correct-horse-battery"));
  for (const char* path :
       {"/", "/api/v1/jobs", "/api/v1/info", "/metrics", "/?token=wrong", "/api/v1/jobs?token=correct-horse-battery"}) {
    const auto refused = server.client().Get(path);
    EXPECT_EQ(status_of(refused), 401) << path;
    EXPECT_EQ(refused->get_header_value("WWW-Authenticate"), "Bearer");
  }
  EXPECT_EQ(status_of(server.client().Get("/healthz")), 200);
  EXPECT_EQ(status_of(server.client().Get("/api/v1/jobs", {{"Authorization", "Bearer correct-horse-battery"}})), 200);
  const auto welcome = server.client().Get("/?token=correct-horse-battery");
  EXPECT_EQ(status_of(welcome), 303);
  EXPECT_EQ(welcome->get_header_value("Location"), "/");
  const std::string cookie = welcome->get_header_value("Set-Cookie");
  EXPECT_THAT(cookie, HasSubstr("HttpOnly; SameSite=Strict"));
  EXPECT_EQ(status_of(server.client().Get("/api/v1/jobs", {{"Cookie", cookie.substr(0, cookie.find(';'))}})), 200);
}

TEST(Hostile, OddRequestsAreAnsweredAndTheServerLives) {
  const TestServer server;
  EXPECT_THAT(raw(server, "BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n"), StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(raw(server, "PATCH /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\nx"),
              StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(raw(server, "POST /elsewhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\nx"),
              StartsWith("HTTP/1.1 404"));
  raw(server, "PUT /api/v1/jobs/" + kUnknownId + "/notes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nx",
      true);
  raw(server,
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
      "Content-Length: 1000\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"audio\"\r\n\r\nRIFF",
      true);
  raw(server, std::string(100000, '\xFF'), true);
  raw(server, "", true);
  EXPECT_THAT(files_in(server.folder / "data" / "jobs"), IsEmpty());
  server.wait_for(server.add(), "done");
}

TEST(Hostile, ARefusedBodyIsNotTakenForARequest) {
  const TestServer server;
  const std::string answer = raw(server,
                                 "POST /elsewhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
                                 "GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(answer, Not(HasSubstr("HTTP/1.1 200")));
}

}  // namespace
}  // namespace yourmt3::testing
