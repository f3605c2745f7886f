// Any bytes as what a client sends: an answer in HTTP or none, never the status of a fault of the server. "{id}" stands
// for a job that is done, whose name nobody could guess.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "server/server.h"
#include "yourmt3/error.h"

namespace {

namespace fs = std::filesystem;
using namespace yourmt3;

/// Two seconds of silence at 8 kHz.
std::string recording() {
  std::string wav("RIFF\xa4\x3e\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x80\x3e\0\0",
                  44);
  return wav.append(16000, '\x80');
}

/// A server with a job that is done.
class Target {
 public:
  Target() : folder_(fs::temp_directory_path() / ("yourmt3_http_request." + std::to_string(::getpid()))) {
    ::setenv("PATH", "/nonexistent", 1);  // Without ffmpeg, which is not ours and slow to start.
    fs::remove_all(folder_);
    ServerOptions options;
    options.port = 0;
    options.data_folder = folder_;
    options.max_upload_bytes = 1 << 20;
    options.max_duration_sec = 60;
    const auto hear = [](const Job&, const fs::path&, const Transcriber::Progress&, const auto& on_notes) {
      Transcription heard;
      heard.notes = {{false, 0, 0.1, 0.4, 60, 1}};
      heard.duration_sec = 2;
      on_notes(std::span<const Note>(heard.notes));
      return heard;
    };
    const auto write = [](std::span<const Note> notes, const std::string& title, double) {
      return title + std::to_string(notes.size());
    };
    server_ = std::make_unique<Server>(options, hear, std::vector<ResultFormat>{{"midi", "audio/midi", ".mid", write}});
    add_job();
  }
  ~Target() {
    server_.reset();
    fs::remove_all(folder_);
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  const std::string& id() const { return id_; }

  /// Sends that, and when nothing comes back for `patience_ms`, or for a moment behind the answer, tells that nothing
  /// more is sent: whatever is missing, the server then waits for it no longer. Gives all that comes back.
  std::string answer_to(const std::string& request, int patience_ms = 20) const {
    const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
    std::string answer;
    char block[4096];
    // What the server does not want to read it refuses; then the rest cannot be sent.
    for (std::size_t sent = 0; sent < request.size();) {
      const ssize_t n =
          ::send(peer, request.data() + sent, std::min(request.size() - sent, sizeof block), MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
    for (bool is_done = false;;) {
      pollfd readable = {peer, POLLIN, 0};
      if (!is_done && ::poll(&readable, 1, answer.empty() ? patience_ms : 20) == 0) {
        ::shutdown(peer, SHUT_WR);
        is_done = true;
      }
      const ssize_t n = ::recv(peer, block, sizeof block, 0);
      if (n <= 0) break;
      answer.append(block, static_cast<std::size_t>(n));
    }
    ::close(peer);
    return answer;
  }

 private:
  void add_job() {
    constexpr int kLong = 10000;
    const std::string form = "--x\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n\r\n" +
                             recording() + "\r\n--x--\r\n";
    const std::string answer = answer_to(
        "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        "Content-Length: " +
            std::to_string(form.size()) + "\r\n\r\n" + form,
        kLong);
    const std::string_view key = "\"id\": \"";
    const std::size_t at = answer.find(key);
    if (!answer.starts_with("HTTP/1.1 202") || at == std::string::npos) std::abort();
    id_ = answer.substr(at + key.size(), 32);
    while (answer_to("GET /api/v1/jobs/" + id_ + " HTTP/1.1\r\nHost: localhost\r\n\r\n", kLong).find("\"done\"") ==
           std::string::npos) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  fs::path folder_;
  std::unique_ptr<Server> server_;
  std::string id_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto target = std::make_unique<Target>();
  std::string request(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kPlaceholder = "{id}";
  for (std::size_t at = 0; (at = request.find(kPlaceholder, at)) != std::string::npos;) {
    request.replace(at, kPlaceholder.size(), target->id());
  }
  const std::string answer = target->answer_to(request);
  if (!answer.empty() && !answer.starts_with("HTTP/1.1 ")) std::abort();
  const std::string_view status = std::string_view(answer).substr(0, 12);
  if (status.ends_with("500")) std::abort();
  // Where something changed, the next input finds a new server.
  const bool is_get = request.starts_with("GET") || request.starts_with("HEAD");
  if (status.size() == 12 && status[9] == '2' && !is_get) {
    target.reset();
    target = std::make_unique<Target>();
  }
  return 0;
}
