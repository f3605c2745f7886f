// What is left of the jobs when the server is stopped and started again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "score/note_text.h"
#include "test_server.h"

namespace yourmt3::testing {
namespace {

using ::testing::ElementsAre;

TEST(Restart, KeepsJobsAndTakesUpWhatWasNotDone) {
  TestServer server;
  const std::string done = server.add("done.wav");
  server.wait_for(done, "done");
  const std::vector<Note> edited = {{false, 40, 0, 1, 70, 1}};
  server.client().Put("/api/v1/jobs/" + done + "/notes", notes_to_json(edited), "application/json");
  server.transcriber.hold();
  const std::string running = server.add("running.wav"), waiting = server.add("waiting.wav");
  server.wait_for(running, "running");
  server.server.reset();
  server.transcriber.let_go();

  server.start();
  EXPECT_EQ(server.client().Get("/api/v1/jobs/" + done + "/result")->body, "done.wav 1.000000 70");
  server.wait_for(running, "done");
  server.wait_for(waiting, "done");
  EXPECT_EQ(server.transcriber.recordings.size(), 4u) << "the one that ran was begun twice";
  EXPECT_EQ(server.transcriber.recordings[1], server.transcriber.recordings[2]);
}

TEST(Restart, RemovesWhatInterruptedUploadsLeft) {
  TestServer server;
  const std::string id = server.add();
  server.wait_for(id, "done");
  server.server.reset();
  const auto jobs = server.folder / "data" / "jobs";
  std::filesystem::create_directories(jobs / "0123456789abcdef0123456789abcdef");
  server.start();
  std::vector<std::string> folders;
  for (const auto& entry : std::filesystem::directory_iterator(jobs)) folders.push_back(entry.path().filename());
  EXPECT_THAT(folders, ElementsAre(id));
}

TEST(Restart, EndsStreamsOfEventsAndUploads) {
  TestServer server;
  server.transcriber.hold();
  const std::string id = server.add();
  std::atomic<bool> followed = false, ended = false;
  std::thread follower([&] {
    server.client().Get("/api/v1/jobs/" + id + "/events", [&](const char*, std::size_t) { return followed = true; });
    ended = true;
  });
  while (!followed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server.server.reset();
  follower.join();
  EXPECT_TRUE(ended);
}

TEST(Restart, FoldersBelongToOneServer) {
  TestServer server;
  EXPECT_THROW(Server(server.options, server.transcriber.function(), plain_formats()), Error);
}

}  // namespace
}  // namespace yourmt3::testing
