#pragma once

#include <string>

#include "evaluate/report.h"
#include "evaluate/worst_tracks.h"

namespace yourmt3 {

/// The report as one page that needs nothing else: tables with published values, charts, and the worst tracks with
/// their notes and sound. All its text and behaviour is in report.html, report.css and the scripts; here data is put
/// in.
std::string report_html(const EvaluationReport& report, const ReportOptions& options = {});

}  // namespace yourmt3
