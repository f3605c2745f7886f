#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "audio/audio_reader.h"
#include "cli/machine.h"
#include "cli/note_files.h"
#include "cli/program_files.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "core/fail.h"
#include "model/describe.h"
#include "model/weights.h"
#include "score/note_file.h"

namespace yourmt3::cli {
namespace {

struct InfoOptions {
  std::string file;
  bool json = false;
};

std::string value_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:.6g}", value.get<double>());
  return value.dump();
}

/// One "name  value" line for each fact; nested objects and lists are indented.
void print_facts(const nlohmann::json& facts, int indent) {
  for (const auto& [name, value] : facts.items()) {
    if (value.is_object()) {
      fmt::print("{:{}}{}\n", "", indent, name);
      print_facts(value, indent + 2);
    } else if (value.is_array()) {
      fmt::print("{:{}}{}\n", "", indent, name);
      for (const auto& item : value) print_facts(item, indent + 2);
    } else {
      fmt::print("{:{}}{:<{}} {}\n", "", indent, name, std::max(1, 24 - indent), value_text(value));
    }
  }
}

void print_result(const nlohmann::json& facts, bool json) {
  if (json) {
    fmt::print("{}\n", facts.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    print_facts(facts, 0);
  }
}

int describe_machine(bool json) {
  nlohmann::json facts = machine_facts();
  try {
    facts["default_model"] = find_model("").string();
  } catch (const Error&) {
    facts["default_model"] = "none found";
  }
  print_result(facts, json);
  return kExitDone;
}

int describe_model(const std::string& file, bool json) {
  const ModelDescription description = describe(load_model(file));
  if (json) {
    fmt::print("{}\n", nlohmann::json(description).dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    fmt::print("{}", to_text(description));
  }
  return kExitDone;
}

int describe_notes(const std::string& file, bool json) {
  const std::vector<Note> notes = read_note_file(file);
  double end_sec = 0;
  for (const Note& note : notes) end_sec = std::max(end_sec, note.offset_sec);
  const std::vector<InstrumentCount> counts = count_instruments(notes);
  if (!json) {
    fmt::print("{} notes of {} instruments in {}\n", notes.size(), counts.size(), clock_text(end_sec));
    for (const InstrumentCount& count : counts) fmt::print("  {:<28} {:>6}\n", count.name, count.n_notes);
    return kExitDone;
  }
  nlohmann::json facts = {{"n_notes", notes.size()}, {"end_sec", end_sec}, {"instruments", nlohmann::json::array()}};
  for (const InstrumentCount& count : counts) {
    facts["instruments"].push_back({{"name", count.name}, {"program", count.program}, {"n_notes", count.n_notes}});
  }
  print_result(facts, true);
  return kExitDone;
}

int describe_audio(const std::string& file, bool json) {
  const AudioReader reader(file);
  const AudioInfo& info = reader.info();
  nlohmann::json facts = {{"format", info.format}, {"sample_rate", info.sample_rate}, {"channels", info.n_channels}};
  facts["duration_sec"] = info.duration_sec ? nlohmann::json(*info.duration_sec) : nlohmann::json();
  print_result(facts, json);
  return kExitDone;
}

int run_info(const InfoOptions& options) {
  if (options.file.empty()) return describe_machine(options.json);
  std::filesystem::path path(options.file);
  if (!std::filesystem::exists(path) && !path.has_parent_path() && !path.has_extension())
    path = find_model(options.file);
  if (!std::filesystem::exists(path)) fail(ErrorCode::kNotFound, "{}: no such file", options.file);
  const std::string extension = path.extension().string();
  if (extension == ".safetensors" || extension == ".ckpt") return describe_model(path.string(), options.json);
  if (const auto format = note_format_of(path); format && holds_notes(*format)) {
    return describe_notes(options.file, options.json);
  }
  return describe_audio(options.file, options.json);
}

}  // namespace

void add_info_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("info", "Describe a model, a recording, notes, or this machine");
  auto options = std::make_shared<InfoOptions>();
  verb->add_option("FILE", options->file,
                   "Model (file or name), audio file, or notes (.mid, .json, .csv); without it: this machine");
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer("Examples:\n  yourmt3 info\n  yourmt3 info song.mid --json");
  verb->callback([options, &invocation] { invocation.action = [options] { return run_info(*options); }; });
}

}  // namespace yourmt3::cli
