#include "evaluate/report_html.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "evaluate/embedded_texts.h"

namespace yourmt3 {
namespace {

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
  }
  return safe;
}

/// JSON that cannot end the element that it stands in: "<" is only met inside of its strings.
std::string embedded(const nlohmann::ordered_json& data) {
  std::string safe;
  for (const char c : data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) {
    safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  }
  return safe;
}

/// The template with the values put where {{name}} stands; values are not searched.
std::string filled(std::string_view page, const std::map<std::string, std::string, std::less<>>& values) {
  std::string text;
  for (std::size_t at = 0;;) {
    const std::size_t begin = page.find("{{", at);
    text += page.substr(at, begin - at);
    if (begin == std::string_view::npos) return text;
    const std::size_t end = page.find("}}", begin);
    text += values.at(std::string(page.substr(begin + 2, end - begin - 2)));
    at = end + 2;
  }
}

}  // namespace

std::string report_html(const EvaluationReport& report, const ReportOptions& options) {
  nlohmann::ordered_json data = report_json(report);
  data["pictures"] = nlohmann::ordered_json::array();
  std::size_t audio_bytes_left = options.max_audio_bytes;
  for (const SetResult& result : report.sets) {
    for (const std::size_t track : worst_tracks(result, options.n_worst)) {
      data["pictures"].push_back(track_picture(result, track, options, audio_bytes_left));
    }
  }
  std::string script;
  for (const std::string_view part : {kPageElements, kPageTables, kPageCharts, kPageMistakes, kPageRolls, kPageMain}) {
    script += part;
  }
  return filled(kPage, {{"title", escaped(report.title)},
                        {"style", std::string(kPageStyle)},
                        {"data", embedded(data)},
                        {"script", script}});
}

}  // namespace yourmt3
