// What the server answers to those who use it as it is meant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "score/note_text.h"
#include "test_server.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

TEST(Api, TakesARecordingAndGivesItsNotes) {
  const TestServer server;
  const std::string bytes = TestServer::recording();
  const auto answer = server.post(bytes, "My song.wav");
  ASSERT_EQ(answer->status, 202);
  const auto accepted = nlohmann::json::parse(answer->body);
  const std::string id = accepted.at("id");
  EXPECT_THAT(id, MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(answer->get_header_value("Location"), "/api/v1/jobs/" + id);
  EXPECT_EQ(accepted.at("name"), "My song.wav");
  EXPECT_EQ(accepted.at("duration_sec"), 1);

  const auto done = server.wait_for(id, "done");
  EXPECT_EQ(done.at("progress"), 1);
  EXPECT_EQ(done.at("n_notes"), 2);
  EXPECT_EQ(done.at("n_bytes"), bytes.size());
  EXPECT_EQ(done.at("edited"), false);
  EXPECT_THAT(done.at("finished").get<std::string>(), MatchesRegex("20..-..-..T..:..:..\\....Z"));

  const auto midi = server.client().Get("/api/v1/jobs/" + id + "/result?format=midi");
  EXPECT_EQ(midi->status, 200);
  EXPECT_EQ(midi->body, "My song.wav 1.000000 60 36");
  EXPECT_EQ(midi->get_header_value("Content-Type"), "audio/midi");
  EXPECT_THAT(midi->get_header_value("Content-Disposition"), HasSubstr("filename=\"My song.mid\""));
  EXPECT_EQ(server.client().Get("/api/v1/jobs/" + id + "/result")->body, midi->body) << "MIDI unless told";
}

TEST(Api, ListsJobsInTheOrderTheyCame) {
  TestServer server;
  EXPECT_THAT(TestServer::json_of(server.client().Get("/api/v1/jobs")).at("jobs"), IsEmpty());
  server.transcriber.hold();
  const std::string first = server.add("a.wav");
  server.wait_for(first, "running");
  const std::string second = server.add("b.wav"), third = server.add("c.wav");
  const auto jobs = TestServer::json_of(server.client().Get("/api/v1/jobs")).at("jobs");
  ASSERT_EQ(jobs.size(), 3u);
  EXPECT_EQ(jobs[0].at("id"), first);
  EXPECT_EQ(jobs[0].at("progress"), 0.5);
  EXPECT_FALSE(jobs[0].contains("queue_position"));
  EXPECT_EQ(jobs[1].at("id"), second);
  EXPECT_EQ(jobs[1].at("queue_position"), 1);
  EXPECT_EQ(jobs[2].at("queue_position"), 2);
  server.transcriber.let_go();
  server.wait_for(third, "done");
}

TEST(Api, CancelsJobsThatWaitOrRun) {
  TestServer server;
  server.transcriber.hold();
  const std::string first = server.add(), second = server.add();
  server.wait_for(first, "running");
  const auto cancel = [&](const std::string& id) {
    return server.client().Post("/api/v1/jobs/" + id + "/cancel")->status;
  };
  EXPECT_EQ(cancel(second), 202);
  EXPECT_EQ(server.job(second).at("state"), "cancelled");
  EXPECT_EQ(cancel(first), 202);
  server.wait_for(first, "cancelled");
  EXPECT_EQ(cancel(first), 409);
  EXPECT_EQ(cancel(kUnknownId), 404);
  EXPECT_EQ(server.client().Get("/api/v1/jobs/" + first + "/result")->status, 409);
  EXPECT_EQ(server.transcriber.recordings.size(), 1u) << "the one that waited was never begun";
}

TEST(Api, DeletesJobsWithTheirFilesWhateverTheyDo) {
  TestServer server;
  const std::string done = server.add();
  server.wait_for(done, "done");
  server.transcriber.hold();
  const std::string running = server.add(), waiting = server.add();
  server.wait_for(running, "running");
  for (const std::string& id : {done, running, waiting}) {
    EXPECT_EQ(server.client().Delete("/api/v1/jobs/" + id)->status, 204);
    EXPECT_EQ(server.client().Get("/api/v1/jobs/" + id)->status, 404);
    EXPECT_EQ(server.client().Delete("/api/v1/jobs/" + id)->status, 404);
  }
  server.transcriber.let_go();
  const std::string next = server.add();
  server.wait_for(next, "done");
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(server.folder / "data" / "jobs")) {
    folders.push_back(entry.path().filename());
  }
  EXPECT_THAT(folders, ElementsAre(next));
}

TEST(Api, SaysWhyAJobFailedAndGoesOn) {
  TestServer server;
  server.transcriber.fail_with("breaks off");
  const std::string bad = server.add();
  const auto failed = server.wait_for(bad, "failed");
  EXPECT_EQ(failed.at("error"), "recording: breaks off") << "without the folder it is in";
  EXPECT_EQ(server.client().Get("/api/v1/jobs/" + bad + "/result")->status, 409);
  server.wait_for(server.add(), "done");
}

TEST(Api, KeepsEditedNotesBesideThoseThatWereHeard) {
  const TestServer server;
  const std::string id = server.add("song.wav"), address = "/api/v1/jobs/" + id;
  server.wait_for(id, "done");
  const std::vector<Note> edited = {{false, 40, 0, 1, 70, 1}, {false, 40, 1, 2, 71, 1}, {false, 40, 2, 3, 72, 1}};
  const auto put = server.client().Put(address + "/notes", notes_to_json(edited), "application/json");
  ASSERT_EQ(put->status, 200);
  EXPECT_EQ(nlohmann::json::parse(put->body).at("edited"), true);
  EXPECT_EQ(nlohmann::json::parse(put->body).at("n_notes"), 3);
  EXPECT_EQ(server.client().Get(address + "/result")->body, "song.wav 1.000000 70 71 72");

  EXPECT_EQ(server.client().Put(address + "/notes", "{}", "application/json")->status, 400);
  EXPECT_EQ(server.client().Put(address + "/notes", "[[[[", "application/json")->status, 400);
  for (const double wrong_sec : {-0.5, 61.5, 1e300}) {
    const std::vector<Note> outside = {{false, 40, wrong_sec, std::max(wrong_sec, 1.), 70, 1}};
    const auto refused = server.client().Put(address + "/notes", notes_to_json(outside), "application/json");
    EXPECT_EQ(refused->status, 400) << wrong_sec;
    EXPECT_THAT(refused->body, HasSubstr("outside the recording of 1.000 s"));
  }
  EXPECT_EQ(server.client().Get(address + "/result")->body, "song.wav 1.000000 70 71 72") << "as it was";

  const auto back = server.client().Delete(address + "/notes");
  ASSERT_EQ(back->status, 200);
  EXPECT_EQ(nlohmann::json::parse(back->body).at("edited"), false);
  EXPECT_EQ(nlohmann::json::parse(back->body).at("n_notes"), 2);
  EXPECT_EQ(server.client().Get(address + "/result")->body, "song.wav 1.000000 60 36");
}

TEST(Api, GivesTheRecordingBackWholeOrInParts) {
  const TestServer server;
  const std::string address = "/api/v1/jobs/" + server.add() + "/recording", bytes = TestServer::recording();
  const auto whole = server.client().Get(address);
  EXPECT_EQ(whole->status, 200);
  EXPECT_EQ(whole->body, bytes);
  EXPECT_EQ(whole->get_header_value("Content-Type"), "audio/wav");
  EXPECT_EQ(whole->get_header_value("Accept-Ranges"), "bytes") << "players seek";
  const auto part = server.client().Get(address, {httplib::make_range_header({{100, 1099}})});
  EXPECT_EQ(part->status, 206);
  EXPECT_EQ(part->body, bytes.substr(100, 1000));
  EXPECT_EQ(server.client().Get(address, {httplib::make_range_header({{1, 2}, {3, 4}})})->status, 416);
}

TEST(Api, GivesTheWaveform) {
  const TestServer server;
  const auto answer = server.client().Get("/api/v1/jobs/" + server.add() + "/waveform");
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body.size(), 200u);
}

TEST(Api, TellsWhatItIs) {
  const TestServer server;
  const auto info = TestServer::json_of(server.client().Get("/api/v1/info"));
  EXPECT_EQ(info.at("max_duration_sec"), 7200);
  EXPECT_EQ(info.at("formats").size(), 2u);
  EXPECT_EQ(info.at("formats")[0].at("name"), "midi");
  ASSERT_EQ(info.at("instruments").size(), 129u);
  EXPECT_EQ(info.at("instruments")[0], "Acoustic Piano");
  EXPECT_EQ(info.at("instruments")[128], "Drums");
}

TEST(Api, TellsHowItIs) {
  const TestServer server;
  const auto health = server.client().Get("/healthz");
  EXPECT_EQ(health->status, 200);
  EXPECT_EQ(nlohmann::json::parse(health->body).at("status"), "ok");
  server.wait_for(server.add(), "done");
  const auto metrics = server.client().Get("/metrics");
  EXPECT_EQ(metrics->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics->body, HasSubstr("\n# TYPE yourmt3_jobs gauge\nyourmt3_jobs{state=\"queued\"} 0\n"));
  EXPECT_THAT(metrics->body, HasSubstr("\nyourmt3_jobs{state=\"done\"} 1\n"));
  EXPECT_THAT(metrics->body, HasSubstr("\nyourmt3_jobs_finished_total{state=\"done\"} 1\n"));
  EXPECT_THAT(metrics->body, HasSubstr("\nyourmt3_audio_seconds_total 1\n"));
  EXPECT_THAT(metrics->body, HasSubstr("\nyourmt3_upload_bytes_total 32044\n"));
  EXPECT_THAT(metrics->body, HasSubstr("\nyourmt3_http_responses_total{status=\"202\"} 1\n"));
}

/// Every address of the description, with the id of a job in it.
TEST(Api, IsWhatItsDescriptionSays) {
  const TestServer server;
  const auto description = TestServer::json_of(server.client().Get("/api/v1/openapi.json"));
  EXPECT_EQ(description.at("openapi"), "3.0.3");
  int n_calls = 0;
  for (const auto& [pattern, methods] : description.at("paths").items()) {
    for (const auto& [method, call] : methods.items()) {
      if (method == "parameters") continue;
      const std::string id = server.add();
      server.wait_for(id, "done");
      std::string path = pattern;
      if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, id);
      httplib::Client client = server.client();
      const auto answer = method == "get"    ? client.Get(path)
                          : method == "post" ? client.Post(path)
                          : method == "put"  ? client.Put(path, "", "application/json")
                                             : client.Delete(path);
      ASSERT_TRUE(answer) << method << " " << path;
      EXPECT_TRUE(call.at("responses").contains(std::to_string(answer->status)))
          << method << " " << path << ": " << answer->status << " " << answer->body;
      EXPECT_NE(answer->status, 404) << method << " " << path;
      ++n_calls;
    }
  }
  EXPECT_EQ(n_calls, 15);
}

}  // namespace
}  // namespace yourmt3::testing
