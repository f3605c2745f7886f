#include "cli/recording_outcome.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/note_files.h"
#include "cli/progress_line.h"

namespace yourmt3::cli {

RecordingOutcome failed_outcome(const Job& job, const std::string& message) {
  const std::string name = job.input.string() + ": ";
  RecordingOutcome outcome;
  outcome.kind = RecordingOutcome::Kind::kFailed;
  outcome.message = message.starts_with(name) ? message.substr(name.size()) : message;
  return outcome;
}

nlohmann::json outcome_json(const Job& job, const RecordingOutcome& outcome) {
  static constexpr const char* kNames[] = {"done", "skipped", "failed"};
  nlohmann::json json = {{"input", job.input.string()}, {"status", kNames[static_cast<int>(outcome.kind)]}};
  if (outcome.kind == RecordingOutcome::Kind::kFailed) json["error"] = outcome.message;
  if (outcome.kind != RecordingOutcome::Kind::kDone) return json;
  const Transcription& heard = outcome.transcription;
  for (const PlannedFile& file : job.files) {
    json["outputs"][note_format_names()[static_cast<std::size_t>(file.format)]] = file.path.string();
  }
  json["duration_sec"] = heard.duration_sec;
  json["n_notes"] = heard.notes.size();
  json["n_tokens"] = heard.n_tokens;
  json["instruments"] = nlohmann::json::array();
  for (const InstrumentCount& count : count_instruments(heard.notes)) {
    json["instruments"].push_back({{"name", count.name}, {"program", count.program}, {"n_notes", count.n_notes}});
  }
  json["decode_errors"] = heard.decode_errors;
  json["precision"] = precision_name(outcome.precision);
  json["seconds"] = outcome.seconds;
  json["stage_seconds"] = {{"read", heard.seconds.read},
                           {"encode", heard.seconds.encode},
                           {"decode", heard.seconds.decode},
                           {"notes", heard.seconds.notes}};
  return json;
}

void print_outcome(const Job& job, const RecordingOutcome& outcome, bool verbose) {
  const Transcription& heard = outcome.transcription;
  fmt::print(stderr, "{}: {} of music in {:.1f} s, {} notes\n", job.input.string(), clock_text(heard.duration_sec),
             outcome.seconds, heard.notes.size());
  for (const InstrumentCount& count : count_instruments(heard.notes)) {
    fmt::print(stderr, "  {:<28} {:>6}\n", count.name, count.n_notes);
  }
  if (!verbose) return;
  fmt::print(stderr, "  seconds: read {:.2f}, encode {:.2f}, decode {:.2f}, notes {:.2f}; {} tokens\n",
             heard.seconds.read, heard.seconds.encode, heard.seconds.decode, heard.seconds.notes, heard.n_tokens);
  for (const auto& [kind, count] : heard.decode_errors) fmt::print(stderr, "  {}: {}\n", kind, count);
}

}  // namespace yourmt3::cli
