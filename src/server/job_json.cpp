#include "server/job_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace yourmt3 {

std::string time_text(double unix_sec) {
  const auto whole = static_cast<std::time_t>(std::floor(unix_sec));
  const int milliseconds = std::min(999, static_cast<int>((unix_sec - std::floor(unix_sec)) * 1000));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole), milliseconds);
}

nlohmann::json job_to_json(const JobStatus& status) {
  const Job& job = status.job;
  nlohmann::json json = {
      {"id", job.id},
      {"name", job.name},
      {"state", to_string(job.state)},
      {"progress", job.duration_sec > 0 ? std::clamp(status.done_sec / job.duration_sec, 0., 1.) : 0.},
      {"duration_sec", job.duration_sec},
      {"n_bytes", job.n_bytes},
      {"created", time_text(job.created_sec)},
      {"edited", job.edited}};
  if (status.queue_position > 0) json["queue_position"] = status.queue_position;
  if (job.started_sec > 0) json["started"] = time_text(job.started_sec);
  if (job.finished_sec > 0) json["finished"] = time_text(job.finished_sec);
  if (job.state == JobState::kDone) json["n_notes"] = job.n_notes;
  if (!job.only.empty()) json["only"] = job.only;
  if (!job.without.empty()) json["without"] = job.without;
  if (!job.error.empty()) json["error"] = job.error;
  return json;
}

nlohmann::json found_notes_to_json(std::span<const Note> notes) {
  nlohmann::json list = nlohmann::json::array();
  for (const Note& note : notes) {
    list.push_back({{"onset_sec", note.onset_sec},
                    {"offset_sec", note.offset_sec},
                    {"pitch", note.pitch},
                    {"program", note.program},
                    {"is_drum", note.is_drum}});
    if (note.confidence) list.back()["confidence"] = *note.confidence;
  }
  return {{"notes", std::move(list)}};
}

}  // namespace yourmt3
