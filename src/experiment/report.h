#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "experiment/experiment_config.h"
#include "experiment/results.h"

namespace yourmt3 {

/// How the results came about.
struct ReportContext {
  std::string command;
  std::string machine;  ///< Processor, number of cores, versions.
};

/// A finished report: text, the same facts for programs, and pictures by the names that the text refers to.
struct ExperimentReportFiles {
  std::string markdown;
  std::string json;
  std::map<std::string, std::string> pictures;
};

/// Builds the report of what was found. Scores are means over held-out tracks; with several seeds mean and standard
/// deviation over them, and always a 95 % interval by bootstrap over the tracks.
ExperimentReportFiles make_report(const Experiment& experiment, const Results& results, const ReportContext& context);

}  // namespace yourmt3
