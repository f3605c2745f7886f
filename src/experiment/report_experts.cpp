#include "experiment/report_experts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "chart/heat_map.h"
#include "examine/expert_use.h"
#include "experiment/report_text.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

/// Mean over layers and seeds of a figure of each layer.
Spread over_layers(const std::vector<const RunResult*>& runs, const std::function<double(const json&)>& figure) {
  std::vector<double> means;
  for (const RunResult* run : runs) {
    if (!run->experts.is_object()) continue;
    std::vector<double> layers;
    for (const json& layer : run->experts.at("layers")) layers.push_back(figure(layer));
    means.push_back(spread_of(layers).mean);
  }
  return spread_of(means);
}

std::string layer_table(const json& experts) {
  std::vector<std::vector<std::string>> rows;
  for (const json& layer : experts.at("layers")) {
    std::string load, weight;
    for (const json& share : layer.at("load")) load += fmt::format("{:.2f} ", share.get<double>());
    for (const json& share : layer.at("router_weight")) weight += fmt::format("{:.2f} ", share.get<double>());
    rows.push_back({layer.at("layer"), load, weight, score_text(layer.at("entropy").get<double>())});
    for (int c = 0; c < kExpertCategories; ++c) {
      const json& table = layer.at(name_of(static_cast<ExpertCategory>(c)));
      rows.back().push_back(score_text(table.at("information_bits").get<double>()));
    }
  }
  return markdown_table({"layer", "share of each expert", "router weight", "entropy", "bits: data set",
                         "bits: instrument group", "bits: token type", "bits: latent"},
                        rows);
}

/// All layers of a run: a field for each category and expert.
std::string picture_of(const json& experts, const char* category) {
  std::vector<HeatMap> maps;
  for (const json& layer : experts.at("layers")) {
    HeatMap map;
    map.title = fmt::format("{}: share of each expert by {}", layer.at("layer").get<std::string>(), category);
    map.high = 0;
    for (std::size_t e = 0; e < layer.at("load").size(); ++e) map.columns.push_back(std::to_string(e));
    for (const auto& [name, row] : layer.at(category).at("rows").items()) {
      map.rows.push_back(name);
      map.values.push_back(row.at("load").get<std::vector<double>>());
      for (const double share : map.values.back()) map.high = std::max(map.high, share);
    }
    if (!map.rows.empty()) maps.push_back(std::move(map));
  }
  return maps.empty() ? "" : to_svg(maps);
}

}  // namespace

std::string experts_section(const Experiment& experiment, const Results& results,
                            std::map<std::string, std::string>& pictures, json& facts) {
  std::vector<std::vector<std::string>> rows;
  std::string details;
  for (const ExperimentVariant& variant : experiment.variants) {
    const auto runs = results.of(variant.name);
    if (runs.empty() || !runs.front()->experts.is_object()) continue;
    const auto bits = [&](ExpertCategory category) {
      return score_text(over_layers(runs,
                                    [&](const json& layer) {
                                      return layer.at(name_of(category)).at("information_bits").get<double>();
                                    }),
                        std::nullopt);
    };
    rows.push_back({variant.name,
                    score_text(over_layers(runs, [](const json& layer) { return layer.at("entropy").get<double>(); }),
                               std::nullopt),
                    bits(ExpertCategory::kDataSet), bits(ExpertCategory::kInstrumentGroup),
                    bits(ExpertCategory::kTokenType), bits(ExpertCategory::kLatent)});
    const json& first = runs.front()->experts;
    facts["experts"][variant.name] = first;
    details += fmt::format("### Experts of {}, seed {}\n\n{}", variant.name, runs.front()->seed, layer_table(first));
    for (int c = 0; c < kExpertCategories; ++c) {
      const char* category = name_of(static_cast<ExpertCategory>(c));
      const std::string picture = picture_of(first, category);
      if (picture.empty()) continue;
      const std::string file = fmt::format("experts-{}-{}.svg", variant.name, category);
      pictures[file] = picture;
      details += fmt::format("[by {}]({}) ", category, file);
    }
    details += "\n\n";
  }
  if (rows.empty()) return "";
  return "## Experts\n\nEntropy is 1 when the experts of a layer are used alike and 0 when one does everything. Bits "
         "say "
         "how much better one guesses the expert who knows the category (mutual information). Means over layers, ± "
         "over "
         "seeds; held-out tracks.\n\n" +
         markdown_table(
             {"variant", "entropy", "bits: data set", "bits: instrument group", "bits: token type", "bits: latent"},
             rows) +
         details;
}

}  // namespace yourmt3
