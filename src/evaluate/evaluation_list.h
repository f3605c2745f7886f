#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "evaluate/evaluation_set.h"

namespace yourmt3 {

/// Several sets under one title, such as those of the paper.
struct EvaluationList {
  std::string title;
  std::vector<EvaluationSet> sets;
};

/// Reads a TOML file: `title`, and a `[[set]]` for each with `name`, `store` and, where they are not the defaults of
/// EvaluationSet, `split`, `classes`, `drums`, `pitch_class_for`, `melody_for`, `score_unannotated`, `limit_tracks` and
/// `max_seconds`. Stores are relative to `root`. Throws Error naming file and set.
EvaluationList read_evaluation_list(const std::filesystem::path& path, const std::filesystem::path& root);

}  // namespace yourmt3
