#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yourmt3 {

enum class JobState { kQueued, kRunning, kDone, kFailed, kCancelled };

/// "queued", "running", "done", "failed" or "cancelled".
const char* to_string(JobState state);

/// Throws Error(kMalformed) for other names.
JobState job_state_named(const std::string& name);

/// Done, failed or cancelled: nothing will happen to it any more.
inline bool is_final(JobState state) {
  return state != JobState::kQueued && state != JobState::kRunning;
}

/// One recording that was handed in, as it is remembered over a restart.
struct Job {
  std::string id;    ///< 32 hexadecimal digits drawn at random; names the folder of its files.
  std::string name;  ///< What the client calls the recording. For people only: it is never part of a path.
  JobState state = JobState::kQueued;
  double created_sec = 0;                 ///< Unix time, as the next two.
  double started_sec = 0;                 ///< 0: not yet.
  double finished_sec = 0;                ///< 0: not yet.
  std::int64_t n_bytes = 0;               ///< Of the recording.
  double duration_sec = 0;                ///< Of the recording.
  std::int64_t n_notes = 0;               ///< As heard or as edited.
  bool edited = false;                    ///< Somebody changed the notes.
  std::string error;                      ///< Why it failed.
  std::vector<std::string> only = {};     ///< Instruments, as Transcriber::Decoding has them.
  std::vector<std::string> without = {};  ///< The same.

  friend bool operator==(const Job&, const Job&) = default;
};

}  // namespace yourmt3
