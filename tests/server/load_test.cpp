// Hundreds of clients at once, few of which mean well.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/child_process.h"
#include "raw_client.h"
#include "support/wav_bytes.h"

namespace yourmt3::testing {
namespace {

using ::testing::IsSubsetOf;

using std::chrono::milliseconds;

#ifdef YOURMT3_SANITIZED
constexpr bool kMemoryIsComparable = false;
#else
constexpr bool kMemoryIsComparable = true;
#endif

/// The program load_target.
class Target {
 public:
  Target() : process_({.own_group = true}) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const FileDescriptor input(ends[0]);
    stop_ = FileDescriptor(ends[1]);
    if (process_.start({YOURMT3_LOAD_TARGET}, input.get()) != 0) throw std::runtime_error("no server");
    port_ = static_cast<int>(read_number());
  }

  int port() const { return port_; }

  httplib::Client client() const {
    httplib::Client one("127.0.0.1", port_);
    one.set_read_timeout(120);
    return one;
  }

  /// Its first job, and then all others, may get on.
  void let_go() const {
    if (::write(stop_.get(), "g", 1) != 1) throw std::runtime_error("no server");
  }

  /// Stops it and gives the growth of its memory in MiB.
  double stop() {
    stop_.reset();
    return static_cast<double>(read_number()) / 1024;
  }

 private:
  long read_number() {
    std::string text;
    for (char c = 0; c != '\n' && process_.read(std::as_writable_bytes(std::span(&c, 1))) == 1;) text += c;
    return std::stol(text);
  }

  ChildProcess process_;
  FileDescriptor stop_;
  int port_ = 0;
};

/// The statuses that clients of one kind were given.
class Statuses {
 public:
  void add(int status) {
    const std::lock_guard lock(mutex_);
    seen_.insert(status);
  }
  std::set<int> seen() const { return seen_; }

 private:
  std::mutex mutex_;
  std::set<int> seen_;
};

class Crowd {
 public:
  /// That many clients, on threads of their own.
  void add(int n_clients, const std::function<void()>& client) {
    constexpr int kClientsAThread = 10;
    for (int first = 0; first < n_clients; first += kClientsAThread) {
      threads_.emplace_back([client, n = std::min(kClientsAThread, n_clients - first)] {
        for (int i = 0; i < n; ++i) client();
      });
    }
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::vector<std::thread> threads_;
};

httplib::Result post(const Target& target, const std::string& bytes) {
  return target.client().Post("/api/v1/jobs",
                              httplib::MultipartFormDataItems{{"audio", bytes, "song.wav", "audio/wav"}});
}

TEST(Load, LosesNoJobAndRecovers) {
  Target target;
  const std::string recording = wav_bytes(tones(1));
  Statuses uploads, noise, oversized, slow, reads, events, odd;
  std::mutex mutex;
  std::set<std::string> accepted;
  const auto hand_in = [&] {
    const auto answer = post(target, recording);
    uploads.add(answer ? answer->status : 0);
    if (!answer || answer->status != 202) return;
    const std::lock_guard lock(mutex);
    accepted.insert(nlohmann::json::parse(answer->body).at("id"));
  };
  hand_in();
  ASSERT_FALSE(accepted.empty());
  const std::string first = *accepted.begin();

  std::vector<RawClient> followers;
  for (int i = 0; i < 60; ++i) {
    followers.emplace_back(target.port());
    followers.back().send("GET /api/v1/jobs/" + first + "/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  std::vector<RawClient> senders;
  for (int i = 0; i < 60; ++i) {
    senders.emplace_back(target.port());
    senders.back().send(upload_head(100000) + "RIFF");
  }
  Crowd crowd;
  crowd.add(120, hand_in);
  crowd.add(60, [&] {
    const auto answer = post(target, "no sound at all");
    noise.add(answer ? answer->status : 0);
  });
  crowd.add(40, [&] {
    const RawClient client(target.port());
    client.send(upload_head(8 << 20) + std::string(8 << 20, 'x'));
    oversized.add(status_in(client.answer()));
  });
  crowd.add(60, [&] {
    const RawClient client(target.port());
    client.send(upload_head(100000) + recording.substr(0, 1000));
  });
  crowd.add(200, [&] {
    static std::atomic<int> n = 0;
    const char* path = std::array{"/healthz", "/api/v1/jobs", "/api/v1/info", "/metrics"}[n++ % 4];
    const auto answer = target.client().Get(path);
    reads.add(answer ? answer->status : 0);
  });
  crowd.add(40, [&] {
    const RawClient client(target.port());
    client.send("\x16\x03\x01 no request\r\n\r\n");
    odd.add(status_in(client.answer()));
  });
  for (const RawClient& sender : senders) slow.add(status_in(sender.answer()));
  crowd.join();
  target.let_go();
  Crowd latecomers;
  latecomers.add(60, hand_in);
  latecomers.join();
  for (const RawClient& follower : followers) events.add(status_in(follower.answer()));

  // 503: all threads were busy. A machine that is busy enough makes any client slow.
  EXPECT_THAT(uploads.seen(), IsSubsetOf({202, 408, 429, 503}));
  EXPECT_THAT(noise.seen(), IsSubsetOf({408, 415, 429, 503}));
  EXPECT_THAT(oversized.seen(), IsSubsetOf({408, 413, 429, 503}));
  EXPECT_THAT(slow.seen(), IsSubsetOf({408, 429, 503}));
  EXPECT_THAT(reads.seen(), IsSubsetOf({200, 408, 503}));
  EXPECT_THAT(events.seen(), IsSubsetOf({200, 408, 429, 503}));
  EXPECT_THAT(odd.seen(), IsSubsetOf({400, 408, 503}));

  // Everybody has gone: it is well, and answers each who comes alone.
  for (int i = 0; i < 20; ++i) {
    const auto answer = target.client().Get("/healthz");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
  }
  for (std::size_t n_done = 0; n_done < accepted.size();) {
    n_done = 0;
    const auto answer = target.client().Get("/api/v1/jobs");
    ASSERT_TRUE(answer);
    const auto list = nlohmann::json::parse(answer->body);
    std::set<std::string> listed;
    for (const auto& job : list.at("jobs")) {
      listed.insert(job.at("id"));
      const std::string state = job.at("state");
      ASSERT_TRUE(state == "queued" || state == "running" || state == "done") << job.dump();
      n_done += state == "done";
    }
    ASSERT_EQ(listed, accepted) << "what was accepted is kept, and nothing else";
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(post(target, recording)->status, 202);

  // 320 MiB were sent; threads and their buffers take some 10 MiB.
  const double growth_mib = target.stop();
  if (kMemoryIsComparable) {
    EXPECT_LT(growth_mib, 64);
  }
  RecordProperty("growth_mib", std::to_string(growth_mib));
}

}  // namespace
}  // namespace yourmt3::testing
