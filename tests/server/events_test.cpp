// Streams of server-sent events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>

#include "test_server.h"

namespace yourmt3::testing {
namespace {

struct Event {
  std::string name;
  nlohmann::json data;
};

std::vector<Event> parse_events(const std::string& text) {
  std::vector<Event> events;
  std::size_t at = 0;
  for (std::size_t end; (end = text.find("\n\n", at)) != std::string::npos; at = end + 2) {
    const std::string one = text.substr(at, end - at);
    if (one.starts_with(':')) continue;
    const std::size_t data = one.find("\ndata: ");
    EXPECT_TRUE(one.starts_with("event: ") && data != std::string::npos) << one;
    events.push_back({one.substr(7, data - 7), nlohmann::json::parse(one.substr(data + 7))});
  }
  EXPECT_EQ(at, text.size()) << "the last event breaks off";
  return events;
}

/// All events of a job; `seen` is told what has arrived so far.
std::vector<Event> follow(
    const TestServer& server, const std::string& id,
    const std::function<void(const std::string&)>& seen = [](const std::string&) {}) {
  std::string text;
  const auto answer = server.client().Get("/api/v1/jobs/" + id + "/events", [&](const char* data, std::size_t size) {
    text.append(data, size);
    seen(text);
    return true;
  });
  EXPECT_TRUE(answer) << httplib::to_string(answer.error());
  return parse_events(text);
}

TEST(Events, TellOfProgressAndNotesAsTheyHappen) {
  TestServer server;
  server.transcriber.hold();
  const std::string id = server.add();
  bool notes_came_while_it_ran = false;
  const auto events = follow(server, id, [&](const std::string& text) {
    if (text.find("event: notes") == std::string::npos || text.find("\"progress\":0.5") == std::string::npos) return;
    notes_came_while_it_ran = notes_came_while_it_ran || server.job(id).at("state") == "running";
    server.transcriber.let_go();
  });
  EXPECT_TRUE(notes_came_while_it_ran);
  ASSERT_GE(events.size(), 3u);
  const auto notes = std::find_if(events.begin(), events.end(), [](const Event& e) { return e.name == "notes"; });
  ASSERT_NE(notes, events.end());
  EXPECT_EQ(notes->data.at("notes").size(), 1u);
  EXPECT_EQ(notes->data.at("notes")[0].at("pitch"), 60);
  EXPECT_EQ(events.back().name, "end");
  EXPECT_EQ(events.back().data.at("state"), "done");
  EXPECT_EQ(events.back().data.at("n_notes"), 2);
}

TEST(Events, TellLatecomersEverythingAndEnd) {
  TestServer server;
  server.transcriber.hold();
  const std::string id = server.add();
  server.wait_for(id, "running");
  while (server.job(id).at("progress") != 0.5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto late = follow(server, id, [&](const std::string&) { server.transcriber.let_go(); });
  EXPECT_EQ(late.front().name, "notes") << "found before this follower came";
  EXPECT_EQ(late.back().name, "end");
  const auto after = follow(server, id);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].name, "end");
  EXPECT_EQ(after[0].data.at("state"), "done");
}

TEST(Events, EndWhenTheJobIsCancelledOrDeleted) {
  TestServer server;
  server.transcriber.hold();
  const std::string first = server.add(), second = server.add();
  std::once_flag once;
  const auto cancelled = follow(server, first, [&](const std::string&) {
    std::call_once(once, [&] { server.client().Post("/api/v1/jobs/" + first + "/cancel"); });
  });
  EXPECT_EQ(cancelled.back().data.at("state"), "cancelled");
  std::once_flag again;
  const auto deleted = follow(server, second, [&](const std::string&) {
    std::call_once(again, [&] { server.client().Delete("/api/v1/jobs/" + second); });
  });
  EXPECT_NE(deleted.back().name, "end");
  EXPECT_EQ(server.client().Get("/api/v1/jobs/" + second + "/events")->status, 404);
}

TEST(Events, AreOfferedToAFewAtATime) {
  TestServer server;
  server.transcriber.hold();
  const std::string id = server.add();
  std::atomic<int> n_open = 0, n_refused = 0;
  std::vector<std::thread> followers;
  for (int i = 0; i < 45; ++i) {
    followers.emplace_back([&] {
      bool counted = false;
      const auto answer = server.client().Get(
          "/api/v1/jobs/" + id + "/events", [](const httplib::Response& response) { return response.status == 200; },
          [&](const char*, std::size_t) {
            if (!std::exchange(counted, true)) ++n_open;
            return true;
          });
      if (!counted) ++n_refused;
    });
  }
  while (n_open + n_refused < 45) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(n_open, 40);
  EXPECT_EQ(server.job(id).at("state"), "running") << "others are still answered";
  server.transcriber.let_go();
  for (std::thread& follower : followers) follower.join();
}

}  // namespace
}  // namespace yourmt3::testing
