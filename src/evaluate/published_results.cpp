#include "evaluate/published_results.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluate/embedded_texts.h"

namespace yourmt3 {
namespace {

const nlohmann::json& document() {
  static const nlohmann::json parsed = nlohmann::json::parse(kPublishedResultsJson);
  return parsed;
}

std::map<std::string, PublishedSet, std::less<>> read_sets() {
  std::map<std::string, PublishedSet, std::less<>> sets;
  for (const auto& [name, results] : document().at("results").items()) {
    PublishedSet& set = sets[name];
    // In the order of the list of systems.
    for (const auto& system : document().at("systems")) {
      const auto found = results.find(system.at("name").get<std::string>());
      if (found == results.end()) continue;
      PublishedSystem& one = set.systems.emplace_back();
      one.name = found.key();
      for (const auto& [metric, percent] : found->items()) one.values[metric] = percent.get<double>() / 100;
    }
  }
  for (const auto& note : document().at("notes")) {
    sets.at(note.at("set").get<std::string>())
        .notes.push_back({note.at("text").get<std::string>(), note.at("system").get<std::string>(),
                          note.at("meaningless").get<std::vector<std::string>>()});
  }
  return sets;
}

const std::map<std::string, PublishedSet, std::less<>>& all_sets() {
  static const auto sets = read_sets();
  return sets;
}

}  // namespace

bool PublishedSet::meaningless(const std::string& system, const std::string& metric) const {
  return std::any_of(notes.begin(), notes.end(), [&](const PublishedNote& note) {
    return (note.system.empty() || note.system == system) &&
           std::find(note.meaningless.begin(), note.meaningless.end(), metric) != note.meaningless.end();
  });
}

const PublishedSet* published_results(std::string_view set) {
  const auto found = all_sets().find(set);
  return found == all_sets().end() ? nullptr : &found->second;
}

std::vector<std::string> published_sets() {
  std::vector<std::string> names;
  for (const auto& [name, set] : all_sets()) names.push_back(name);
  return names;
}

std::string published_source() {
  return document().at("source").get<std::string>();
}

}  // namespace yourmt3
