#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/statistics.h"

namespace yourmt3 {

/// A table in Markdown; all rows are as long as the heading. Bars in cells are escaped.
std::string markdown_table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows);

/// "0.123", or "-" for what is not finite.
std::string score_text(double value);
/// "0.123 ± 0.010 [0.101, 0.140]": mean, deviation over seeds where there are several, interval where there is one.
std::string score_text(const Spread& spread, const std::optional<Interval>& interval);
/// "+0.123 [0.101, 0.140]", with an asterisk where the interval leaves out 0.
std::string difference_text(double difference, const std::optional<Interval>& interval);

}  // namespace yourmt3
