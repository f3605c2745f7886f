#include "evaluate/report_folder.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "evaluate/report_html.h"

namespace yourmt3 {

void write_report(const EvaluationReport& report, const std::filesystem::path& folder, const ReportOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(ErrorCode::kIo, "{}: {}", folder.string(), error.message());
  // Names of files need not be UTF-8.
  write_file_atomically(folder / "report.json",
                        report_json(report).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  write_file_atomically(folder / "report.csv", report_csv(report));
  write_file_atomically(folder / "tracks.csv", tracks_csv(report));
  write_file_atomically(folder / "report.md", report_markdown(report));
  write_file_atomically(folder / "report.html", report_html(report, options));
}

}  // namespace yourmt3
