#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "eval/score_report.h"
#include "evaluate/evaluate_set.h"

namespace yourmt3 {

/// A set as it was transcribed in one way, such as with products in bfloat16.
struct NamedRun {
  std::string name;
  SetResult result;
};

/// What a run heard, all tracks of the set pooled.
struct RunScores {
  std::string name;
  double seconds = 0;         ///< On the clock, of the transcriptions one by one.
  std::int64_t n_tokens = 0;  ///< That the network wrote.
  long n_notes = 0;           ///< Heard, of those that are scored.
  ScoreReport to_first;       ///< With the notes of the first run as reference: what changed.
  ScoreReport to_reference;   ///< With the notes of the set as reference: what that is worth.
};

/// How runs over one set differ, by the classes and drums of the set.
struct RunComparison {
  std::string set;
  std::size_t n_tracks = 0;
  double audio_sec = 0;
  std::vector<RunScores> runs;  ///< In the order given.
};

/// Throws Error(kInvalidArgument) without runs and when they are not of as many tracks.
RunComparison compare_runs(std::span<const NamedRun> runs);

/// Two tables: the runs, and each instrument in each run. Scores are percentages; a dash is where nothing could be
/// scored.
std::string comparison_markdown(const RunComparison& comparison);

/// The same counts as an object: "set", "tracks", "audio_seconds", and "runs" with "name", "seconds", "tokens",
/// "notes", and "to_first" and "to_reference" as `yourmt3 score --json` has them.
nlohmann::ordered_json comparison_json(const RunComparison& comparison);

}  // namespace yourmt3
