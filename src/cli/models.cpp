#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "cli/model_facts.h"
#include "cli/program_files.h"
#include "cli/verb.h"
#include "evaluate/report.h"
#include "yourmt3/error.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

/// Model files that find_model() finds by their names; of several with one name the first.
std::vector<fs::path> named_models() {
  std::vector<fs::path> found;
  std::set<std::string> names;
  for (const fs::path& folder : model_folders()) {
    std::vector<fs::path> here;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".safetensors") here.push_back(entry.path());
    }
    std::sort(here.begin(), here.end());
    for (const fs::path& file : here) {
      if (names.insert(file.stem().string()).second) found.push_back(file);
    }
  }
  return found;
}

std::string count_text(std::int64_t n) {
  return n >= 1'000'000 ? fmt::format("{:.1f} M", static_cast<double>(n) * 1e-6)
                        : fmt::format("{:.0f} k", static_cast<double>(n) * 1e-3);
}

void print_table(const std::vector<ModelFacts>& models) {
  std::size_t width = 4;
  for (const ModelFacts& facts : models) width = std::max(width, facts.name.size());
  fmt::print("{:<{}}  {:>9}  {:>10}  {:>15}\n", "name", width, "size", "parameters", "times real time");
  for (const ModelFacts& facts : models) {
    const std::string speed = facts.speed ? fmt::format("{:.0f}", facts.speed->times_real_time) : "-";
    fmt::print("{:<{}}  {:>6.1f} MB  {:>10}  {:>15}\n", facts.name, width, static_cast<double>(facts.n_bytes) * 1e-6,
               count_text(facts.n_parameters), speed);
    if (!facts.summary.empty()) fmt::print("    {}\n", facts.summary);
    for (const ModelFacts::Scores& scores : facts.scores) {
      std::string line;
      for (const auto& [metric, heading] : kSummaryColumns) {
        const auto value = scores.means.find(std::string(metric));
        if (value == scores.means.end()) continue;
        line += fmt::format("{}{} {:.1f}", line.empty() ? "" : ", ", heading, 100 * value->second);
      }
      fmt::print("    {}: {}\n", scores.set, line);
    }
    if (facts.speed) fmt::print("    speed: {}, {}\n", facts.speed->precision, facts.speed->machine);
    fmt::print("    {}\n", facts.file.string());
  }
}

int list_models(bool json) {
  std::vector<ModelFacts> models;
  int n_failed = 0;
  for (const fs::path& file : named_models()) {
    try {
      models.push_back(model_facts(file));
    } catch (const Error& error) {
      fmt::print(stderr, "yourmt3: {}\n", error.what());
      ++n_failed;
    }
  }
  if (json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ModelFacts& facts : models) list.push_back(to_json(facts));
    fmt::print("{}\n", list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else if (!models.empty()) {
    print_table(models);
  } else if (n_failed == 0) {
    fmt::print(stderr, "yourmt3: no models in:\n");
    for (const fs::path& folder : model_folders()) fmt::print(stderr, "  {}\n", folder.string());
  }
  return n_failed == 0 ? kExitDone : kExitFailed;
}

}  // namespace

void add_models_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb =
      app.add_subcommand("models", "List the models that --model knows by name, with size, speed and scores");
  auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Print JSON");
  verb->footer(
      "A model is a file NAME.safetensors in one of the folders of YOURMT3_MODELS, in\n"
      "~/.local/share/yourmt3/models, or where the program's own are.\n\n"
      "Example:\n  yourmt3 transcribe song.mp3 --model default");
  verb->callback([json, &invocation] { invocation.action = [json] { return list_models(*json); }; });
}

}  // namespace yourmt3::cli
