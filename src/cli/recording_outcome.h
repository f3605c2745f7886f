#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/output_plan.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {

/// What became of one recording.
struct RecordingOutcome {
  enum class Kind { kDone, kSkipped, kFailed };
  Kind kind = Kind::kDone;
  std::string message = {};  ///< Why it failed.
  Transcription transcription = {};
  Precision precision = Precision::kAuto;  ///< In which it was done.
  double seconds = 0;                      ///< Of work.
  bool in_journal = false;                 ///< Of an earlier run, which wrote it down.
};

/// A failure whose message does not begin with the name of the recording, as those of readers do.
RecordingOutcome failed_outcome(const Job& job, const std::string& message);

/// What `transcribe --json` prints, see docs/formats.md.
nlohmann::json outcome_json(const Job& job, const RecordingOutcome& outcome);

/// Length, time and instruments of a recording that is done, on standard error; more when `verbose`.
void print_outcome(const Job& job, const RecordingOutcome& outcome, bool verbose);

}  // namespace yourmt3::cli
