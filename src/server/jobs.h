#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/log.h"
#include "server/job.h"
#include "server/waveform.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {

/// Turns the recording of a job into notes, as Transcriber::transcribe_file() does.
using TranscribeFunction =
    std::function<Transcription(const Job& job, const std::filesystem::path& recording,
                                const Transcriber::Progress& progress, const Transcriber::OnNotes& on_notes)>;

/// A job and what is known of it while it waits or runs.
struct JobStatus {
  Job job;
  double done_sec = 0;     ///< Of the recording, transcribed so far.
  int queue_position = 0;  ///< 1 is next; 0 when it does not wait.
};

/// What changed since a follower last asked.
struct JobNews {
  JobStatus status;
  std::uint64_t version = 0;  ///< To be handed in the next time.
  std::vector<Note> notes;    ///< That were found since.
  std::size_t n_notes = 0;    ///< Found by this run in all; to be handed in the next time.
};

/// The jobs of a server: they wait in line, are done one after the other by a thread of its own, and are kept in a
/// folder until they are removed. Every job has a folder there for its files, whose name is drawn at random.
///
/// A job that fails, whatever its recording does, leaves the others alone. All methods may be called from several
/// threads.
class Jobs {
 public:
  struct Options {
    std::filesystem::path folder;  ///< Made when missing.
    int max_waiting = 16;          ///< Jobs in line, recordings that are still arriving included.
    /// What the folder may hold. Notes that were heard are kept even beyond.
    std::int64_t max_disk_bytes = std::numeric_limits<std::int64_t>::max();
    LogSink log = {};
  };

  /// Opens the folder; jobs that waited or ran when it was last used stand in line again. Throws as JobStore.
  Jobs(const Options& options, TranscribeFunction transcribe);

  /// Stops; a job that runs then stands in line again when the folder is next opened.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Cancels the job that runs and begins no other; followers are woken. May be called more than once.
  void stop();
  bool stopping() const;

  /// A place in line for a recording that is about to arrive. Given up when it is destroyed before it is taken.
  class Place {
   public:
    Place(Jobs& jobs, std::string id);
    ~Place();
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;

    std::filesystem::path recording() const;  ///< Where the recording belongs; its folder exists.

    /// So many bytes more are about to be written there. Throws HttpError(507).
    void take_room(std::int64_t n_bytes);

   private:
    friend class Jobs;
    Jobs* jobs_;
    std::string id_;
    std::int64_t n_bytes_ = 0;
  };

  /// None while the line is full or the server stops. Throws Error(kIo).
  std::optional<Place> take_place();

  /// Is there room for so many bytes more? Throws HttpError(507).
  void require_room(std::int64_t n_bytes) const;
  std::int64_t n_bytes_kept() const;

  /// What a client wants to have transcribed, and what is known of it.
  struct Order {
    std::string name;
    std::int64_t n_bytes = 0;
    Waveform waveform;
    Transcriber::Decoding decoding = {};  ///< Its instruments only.
  };

  /// The recording is there: the job waits. Throws Error(kIo) and HttpError(507).
  JobStatus enqueue(Place place, const Order& order);

  std::optional<JobStatus> find(const std::string& id) const;
  std::vector<JobStatus> all() const;  ///< The oldest first.

  enum class CancelOutcome { kCancelled, kUnknown, kFinished };

  /// A job that waits is cancelled at once, one that runs soon after.
  CancelOutcome cancel(const std::string& id);

  /// Forgets a job with all its files, whatever its state. False for an unknown one.
  bool remove(const std::string& id);

  /// The notes of a job that is done, as edited. Throws Error(kNotFound) for another.
  std::vector<Note> notes(const std::string& id) const;

  /// Keeps edited notes besides those that were heard; nothing in their place brings those back. Throws
  /// Error(kNotFound) for a job that is not done, and HttpError(507).
  JobStatus edit(const std::string& id, const std::optional<std::vector<Note>>& notes);

  /// Files of a job. Throws Error(kNotFound) for an unknown one.
  std::filesystem::path recording(const std::string& id) const;
  std::filesystem::path peaks(const std::string& id) const;

  /// Waits until something changed since `version` (0: returns at once) or the time is over. None for an unknown job.
  std::optional<JobNews> wait_for_news(const std::string& id, std::uint64_t version, std::size_t n_notes,
                                       std::chrono::milliseconds time) const;

  /// Since the start, for metrics.
  struct Totals {
    std::int64_t n_done = 0, n_failed = 0, n_cancelled = 0;
    double audio_sec = 0;       ///< Of recordings transcribed to their end.
    double transcribe_sec = 0;  ///< Time that took.
  };
  Totals totals() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yourmt3
