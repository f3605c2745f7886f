#include "experiment/report_text.h"

#include <fmt/format.h>

#include <cmath>

namespace yourmt3 {
namespace {

std::string row_text(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) {
    text += ' ';
    for (const char c : cell) text += c == '|' ? std::string("\\|") : std::string(1, c);
    text += " |";
  }
  return text + "\n";
}

std::string interval_text(const std::optional<Interval>& interval) {
  return interval ? fmt::format(" [{:.3f}, {:.3f}]", interval->low, interval->high) : "";
}

}  // namespace

std::string markdown_table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows) {
  std::string text = row_text(heading) + "|";
  for (std::size_t i = 0; i < heading.size(); ++i) text += "---|";
  text += "\n";
  for (const auto& row : rows) text += row_text(row);
  return text + "\n";
}

std::string score_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.3f}", value) : "-";
}

std::string score_text(const Spread& spread, const std::optional<Interval>& interval) {
  if (spread.count == 0) return "-";
  std::string text = score_text(spread.mean);
  if (spread.count > 1) text += fmt::format(" ± {:.3f}", spread.deviation);
  return text + interval_text(interval);
}

std::string difference_text(double difference, const std::optional<Interval>& interval) {
  if (!std::isfinite(difference)) return "-";
  const bool clear = interval && (interval->low > 0 || interval->high < 0);
  return fmt::format("{:+.3f}{}{}", difference, interval_text(interval), clear ? " *" : "");
}

}  // namespace yourmt3
