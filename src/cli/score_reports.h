#pragma once

#include <span>
#include <string>
#include <vector>

#include "eval/bootstrap.h"
#include "eval/note_analysis.h"
#include "eval/score_report.h"

namespace yourmt3::cli {

/// One pair of files, judged.
struct ScoredPair {
  std::string name;
  ScoreReport report;
  NoteAnalysis analysis;
};

// Texts of `yourmt3 score`. Each ends with a line break.

/// Scores of one pair and what is wrong with it.
std::string one_pair_text(const ScoredPair& scored, const BootstrapOptions& bootstrap);
/// The members of to_json(ScoreReport), and "analysis".
std::string one_pair_json(const ScoredPair& scored, const BootstrapOptions& bootstrap);

/// A row for each pair, pooled and mean scores with intervals over files, and what is wrong with all of them together.
std::string many_pairs_text(std::span<const ScoredPair> scored, const BootstrapOptions& bootstrap);
/// "files" by name, each as one_pair_json(), and "scores", "instruments", "analysis" and "mean_detection" over
/// all.
std::string many_pairs_json(std::span<const ScoredPair> scored, const BootstrapOptions& bootstrap);

/// A line for each pair and score, and, where there are several pairs, for each pooled and mean one:
/// row,name,score,f1,low,high,precision,recall,reference,estimate,matched. What does not apply is empty.
std::string pairs_csv(std::span<const ScoredPair> scored, bool several, const BootstrapOptions& bootstrap);

}  // namespace yourmt3::cli
