#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/model_facts.h"
#include "cli/verb.h"
#include "core/fail.h"
#include "model/model_file.h"

namespace yourmt3::cli {
namespace {

struct ConvertVerbOptions {
  std::string input, output;
  std::string dtype;
  std::vector<std::string> inference, metadata;
  std::string scores, speed;
  bool force = false, quiet = false;
};

std::optional<DType> chosen_dtype(const std::string& name) {
  if (name == "f32") return DType::kF32;
  if (name == "f16") return DType::kF16;
  if (name == "bf16") return DType::kBF16;
  return std::nullopt;
}

/// "key=value" texts as a map.
std::map<std::string, std::string> pairs(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> result;
  for (const std::string& text : texts) {
    const std::size_t at = text.find('=');
    if (at == std::string::npos || at == 0) {
      fail(ErrorCode::kInvalidArgument, "'{}': expected KEY=VALUE", text);
    }
    result[text.substr(0, at)] = text.substr(at + 1);
  }
  return result;
}

int convert(const ConvertVerbOptions& options) {
  if (!options.force && std::filesystem::exists(options.output)) {
    fail(ErrorCode::kInvalidArgument, "{}: exists already; use --force to replace it", options.output);
  }
  ConvertOptions conversion;
  conversion.dtype = chosen_dtype(options.dtype);
  conversion.inference = pairs(options.inference);
  conversion.metadata = pairs(options.metadata);
  if (!options.scores.empty()) conversion.metadata[kScoresKey] = scores_text(options.scores, options.input);
  if (!options.speed.empty()) conversion.metadata[kSpeedKey] = speed_text(options.speed);
  conversion.existing = options.force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse;
  convert_model(options.input, options.output, conversion, [&options](LogLevel level, std::string_view text) {
    if (!options.quiet && level == LogLevel::kWarning) fmt::print(stderr, "yourmt3: warning: {}\n", text);
  });
  fmt::print("{}\n", options.output);
  return kExitDone;
}

}  // namespace

void add_convert_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("convert", "Convert an official checkpoint to a model file");
  auto options = std::make_shared<ConvertVerbOptions>();
  verb->add_option("INPUT", options->input, "Official .ckpt, or a .safetensors")->required();
  verb->add_option("OUTPUT", options->output, "Model file to write (.safetensors)")->required();
  verb->add_option("--dtype", options->dtype, "Element type of the weights: f32, f16, bf16 (default: as they are)")
      ->check(CLI::IsMember({"f32", "f16", "bf16"}));
  verb->add_option("--set-inference", options->inference,
                   "Change how tokens are drawn: a field of the model's inference configuration, as KEY=VALUE")
      ->allow_extra_args(false);
  verb->add_option("--metadata", options->metadata, "Add a text to the file, as KEY=TEXT: licence, provenance, ...")
      ->allow_extra_args(false);
  verb->add_option("--scores", options->scores, "Add what 'evaluate' found for INPUT: its report.json")
      ->type_name("FILE");
  verb->add_option("--speed", options->speed, "Add what 'bench --json' printed")->type_name("FILE");
  verb->add_flag("--force", options->force, "Replace an existing file");
  verb->add_flag("-q,--quiet", options->quiet, "Only errors on standard error");
  verb->footer(
      "Example:\n  yourmt3 convert last.ckpt yourmt3-large.safetensors --dtype f16\n"
      "  yourmt3 convert a.safetensors b.safetensors --set-inference certain_onset=0.5\n"
      "  yourmt3 convert a.safetensors models/a.safetensors --scores evaluation/report.json --speed bench.json \\\n"
      "      --metadata summary='Small and fast'");
  verb->callback([options, &invocation] { invocation.action = [options] { return convert(*options); }; });
}

}  // namespace yourmt3::cli
