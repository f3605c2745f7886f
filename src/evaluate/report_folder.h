#pragma once

#include <filesystem>

#include "evaluate/report.h"
#include "evaluate/worst_tracks.h"

namespace yourmt3 {

/// Writes report.json, report.csv, tracks.csv, report.md and report.html into the folder, which is made when missing;
/// each appears whole or not at all and replaces an older one. Throws Error(kIo).
void write_report(const EvaluationReport& report, const std::filesystem::path& folder, const ReportOptions& options);

}  // namespace yourmt3
