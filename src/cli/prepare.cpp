#include "prepare/prepare_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/interrupt.h"
#include "cli/nearest_name.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "core/parallel.h"
#include "prepare/data_sets.h"
#include "prepare/store_summary.h"

namespace yourmt3::cli {
namespace {

struct PrepareVerbOptions {
  std::string name;
  PrepareOptions prepare;
  bool list = false;
  bool json = false;
  bool quiet = false;
};

const DataSet& chosen_data_set(const std::string& name) {
  std::vector<std::string> names;
  for (const DataSet* set : data_sets()) {
    if (set->name() == name) return *set;
    names.push_back(set->name());
  }
  const auto nearest = nearest_name(name, names);
  throw UsageError(fmt::format("no data set is called '{}'{}; see 'yourmt3 prepare --list'", name,
                               nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
}

std::string indented(const std::string& text) {
  std::string out = "    ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out;
}

int list_data_sets(bool as_json) {
  for (const DataSet* set : data_sets()) {
    if (as_json) {
      fmt::print(
          "{}\n",
          nlohmann::json{
              {"name", set->name()}, {"title", set->title()}, {"licence", set->licence()}, {"layout", set->layout()}}
              .dump());
    } else {
      fmt::print("{}: {}\n  licence: {}\n  below --source:\n{}\n", set->name(), set->title(), set->licence(),
                 indented(set->layout()));
    }
  }
  return kExitDone;
}

int prepare(const PrepareVerbOptions& options) {
  if (options.list) return list_data_sets(options.json);
  if (options.name.empty() || options.prepare.source.empty() || options.prepare.output.empty()) {
    throw UsageError("NAME, --source and --out are needed; 'yourmt3 prepare --list' tells the names");
  }
  const DataSet& set = chosen_data_set(options.name);
  if (!options.quiet) fmt::print(stderr, "{}, licence: {}\n", set.title(), set.licence());
  catch_interrupts();
  ProgressLine line("prepare", !options.quiet);
  prepare_store(set, options.prepare, [&line](const Progress& progress) {
    line.update(progress.done, progress.total);
    return !interrupted();
  });
  line.clear();
  const StoreSummary summary = summarize_store(options.prepare.output);
  fmt::print("{}", options.json ? summary_json(summary) + "\n" : summary_text(summary));
  return kExitDone;
}

}  // namespace

void add_prepare_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("prepare", "Make a store for training and evaluation of a published data set");
  auto options = std::make_shared<PrepareVerbOptions>();
  auto& prepare_options = options->prepare;
  prepare_options.threads = available_processors();
  verb->add_option("NAME", options->name, "Data set, see --list");
  verb->add_option("--source", prepare_options.source, "Folder of the data set as it was distributed, unpacked");
  verb->add_option("--out", prepare_options.output,
                   "Folder to be written; what an earlier run finished there is taken as it is");
  verb->add_flag("--list", options->list, "Tell names, titles, licences and layouts, then stop");
  verb->add_option("--seed", prepare_options.data_set.seed, "Of splits that are drawn")->capture_default_str();
  verb->add_flag("--shifted-copies", prepare_options.data_set.shifted_copies,
                 "GuitarSet: also copies shifted by -5 to 5 semitones");
  verb->add_flag("--as-reference", prepare_options.data_set.as_reference,
                 "Keep the known mistakes of the reference implementation's data, to compare with its results");
  verb->add_option("--threads", prepare_options.threads, "Recordings at a time; each is in memory whole")
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  verb->add_flag("--strict", prepare_options.strict, "Stop at the first file that is missing or broken");
  verb->add_flag("--force", prepare_options.start_over, "Begin anew, replacing what was prepared there");
  verb->add_flag("--json", options->json, "Print the summary, or the list, as JSON");
  verb->add_flag("-q,--quiet", options->quiet, "Only errors on standard error");
  verb->footer(
      "Nothing is downloaded: get the data set where its authors offer it, and mind its licence.\n"
      "\nExamples:\n"
      "  yourmt3 prepare --list\n"
      "  yourmt3 prepare maestro --source ~/maestro-v3.0.0 --out data/maestro\n"
      "  yourmt3 prepare folder --source ~/my-songs --out data/mine    recordings beside their MIDI");
  verb->callback([options, &invocation] { invocation.action = [options] { return prepare(*options); }; });
}

}  // namespace yourmt3::cli
