#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eval/bootstrap.h"
#include "eval/score_report.h"

namespace yourmt3 {

/// The lines of a report by the names they have in JSON, without "_f1".
struct NamedLine {
  std::string_view name;
  ScoreLine ScoreReport::*line;
};
inline constexpr std::array<NamedLine, 7> kReportLines{{{"onset", &ScoreReport::onset},
                                                        {"onset_offset", &ScoreReport::onset_offset},
                                                        {"multi", &ScoreReport::multi},
                                                        {"multi_onset", &ScoreReport::multi_onset},
                                                        {"drum_onset", &ScoreReport::drum_onset},
                                                        {"drum_onset_ksh", &ScoreReport::drum_onset_ksh},
                                                        {"frame", &ScoreReport::frame}}};

/// One line over several files, with intervals from resampled files.
struct LineSummary {
  std::string name;
  ScoreLine pooled;    ///< Counts added up: long files weigh more.
  Interval pooled_f1;  ///< Of pooled.f1().
  double mean_f1 = 0;  ///< Of the files that have something to score; NaN when none has.
  Interval mean_f1_interval;
  std::size_t n_files = 0;  ///< Those files.
};

/// The counts of several files added up; instruments are sorted by name, drums among them.
ScoreReport pool_scores(std::span<const ScoreReport> reports);

/// One summary for each of kReportLines.
std::vector<LineSummary> summarise_scores(std::span<const ScoreReport> reports, const BootstrapOptions& options = {});

/// The onsets of each instrument that occurs, sorted by name, drums among them. A file without the instrument has
/// nothing to score.
std::vector<LineSummary> summarise_instruments(std::span<const ScoreReport> reports,
                                               const BootstrapOptions& options = {});

}  // namespace yourmt3
