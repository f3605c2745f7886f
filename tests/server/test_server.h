#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "server/server.h"
#include "support/temporary_folder.h"
#include "support/wav_bytes.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {

inline const std::vector<Note> kHeardNotes = {{false, 0, 0.1, 0.4, 60, 1}, {true, kDrumProgram, 0.5, 0.51, 36, 1}};

/// Hears the same in every recording, when it is told to.
class FakeTranscriber {
 public:
  /// A job that runs does not get on until let_go().
  void hold() { held_ = true; }
  void let_go() { held_ = false; }

  /// The next job fails with this.
  void fail_with(const std::string& message) { failure_ = message; }

  /// Reads the recording of each job.
  void listen_by(std::function<void(const std::filesystem::path&, const std::function<bool()>& go_on)> listen) {
    listen_ = std::move(listen);
  }

  TranscribeFunction function() {
    return [this](const Job& job, const std::filesystem::path& recording, const Transcriber::Progress& progress,
                  const auto& on_notes) {
      jobs.push_back(job);
      recordings.push_back(recording);
      on_notes(std::span(kHeardNotes).first(1));
      do {
        if (!progress(0.5, 1)) throw Error(ErrorCode::kCancelled, "cancelled");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      } while (held_);
      if (listen_) listen_(recording, [&] { return progress(0.5, 1); });
      if (!failure_.empty()) {
        throw Error(ErrorCode::kMalformed, recording.string() + ": " + std::exchange(failure_, ""));
      }
      on_notes(std::span(kHeardNotes).last(1));
      Transcription heard;
      heard.notes = kHeardNotes;
      heard.duration_sec = 1;
      return heard;
    };
  }

  std::vector<Job> jobs;                          ///< That it was given.
  std::vector<std::filesystem::path> recordings;  ///< Theirs.

 private:
  std::atomic<bool> held_ = false;
  std::string failure_;
  std::function<void(const std::filesystem::path&, const std::function<bool()>&)> listen_;
};

/// Formats that show what they were given.
inline std::vector<ResultFormat> plain_formats() {
  const auto write = [](std::span<const Note> notes, const std::string& title, double duration_sec) {
    std::string text = title + " " + std::to_string(duration_sec);
    for (const Note& note : notes) text += " " + std::to_string(note.pitch);
    return text;
  };
  return {{"midi", "audio/midi", ".mid", write}, {"csv", "text/csv; charset=utf-8", ".csv", write}};
}

/// A server on a port of its own, with a client.
class TestServer {
 public:
  TestServer() { start(); }
  explicit TestServer(const ServerOptions& wanted) : options(wanted) { start(); }

  void start() {
    options.port = 0;
    options.data_folder = folder / "data";
    server = std::make_unique<Server>(options, transcriber.function(), plain_formats());
  }

  httplib::Client client() const {
    httplib::Client one("127.0.0.1", server->port());
    one.set_read_timeout(20);
    return one;
  }

  static std::string recording(double seconds = 1) { return wav_bytes(tones(seconds)); }

  httplib::Result post(const std::string& bytes, const std::string& file_name = "song.wav",
                       const std::string& field = "audio") const {
    return client().Post("/api/v1/jobs", httplib::MultipartFormDataItems{{field, bytes, file_name, "audio/wav"}});
  }

  /// Hands in a recording and gives the id of its job.
  std::string add(const std::string& file_name = "song.wav") const {
    const auto answer = post(recording(), file_name);
    if (!answer || answer->status != 202) throw std::runtime_error("the recording was not accepted");
    return nlohmann::json::parse(answer->body).at("id");
  }

  nlohmann::json job(const std::string& id) const { return json_of(client().Get("/api/v1/jobs/" + id)); }

  /// Waits until the job has that state.
  nlohmann::json wait_for(const std::string& id, const std::string& state) const {
    nlohmann::json found;
    for (int i = 0; i < 2000; ++i) {
      found = job(id);
      if (found.at("state") == state) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "not " << state << ": " << found.dump();
    return found;
  }

  /// With their folders.
  std::vector<std::filesystem::path> files_of_jobs() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "data" / "jobs")) {
      if (!entry.is_directory()) files.push_back(entry.path());
    }
    return files;
  }

  static nlohmann::json json_of(const httplib::Result& answer) {
    if (!answer) throw std::runtime_error("no answer: " + httplib::to_string(answer.error()));
    return nlohmann::json::parse(answer->body);
  }

  TemporaryFolder folder;
  ServerOptions options;
  FakeTranscriber transcriber;
  std::unique_ptr<Server> server;
};

/// An id that no job has.
inline const std::string kUnknownId(32, '0');

}  // namespace yourmt3::testing
