#include "train_cli/train_verb.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "settings/merge_settings.h"
#include "settings/toml_json.h"
#include "train/trainer.h"
#include "train_cli/progress_text.h"
#include "train_cli/stop.h"

namespace yourmt3 {
namespace {

struct TrainVerbOptions {
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> settings;
  TrainerOptions training;
};

int run_train(const TrainVerbOptions& options) {
  nlohmann::json document = read_merged_toml(options.configs);
  for (const std::string& setting : options.settings) apply_setting(document, setting);
  const TrainConfig config = parse_train_config(document);
  ProgressText progress;
  TrainerOptions all = options.training;
  all.place = peer_place();
  all.on_progress = [&](const TrainingProgress& now) { progress.show(now); };
  train(config, document.dump(), all, stop_requested(), [&](LogLevel, std::string_view text) { progress.say(text); });
  return stop_status();
}

}  // namespace

void add_train_verb(CLI::App& app, TrainAction& action) {
  CLI::App* train = app.add_subcommand("train", "Train a network on prepared data");
  auto options = std::make_shared<TrainVerbOptions>();
  train
      ->add_option("CONFIG", options->configs,
                   "Configuration (TOML); of several, later ones replace what earlier ones say")
      ->required();
  train->add_option("--out", options->training.folder, "Folder of the run: metrics, checkpoint, model")->required();
  train->add_flag("--resume", options->training.resume, "Go on from the folder's checkpoint");
  train->add_option("--init", options->training.init_model, "Model file whose weights to begin with");
  train
      ->add_option("--set", options->settings, "KEY=VALUE in place of the file's, such as schedule.lr=1e-3; repeatable")
      ->take_all();
  train->add_option("--max-steps", options->training.max_steps,
                    "Stop after this many updates (0: when the schedule ends)");
  train->callback([options, &action] { action = [options] { return run_train(*options); }; });
}

}  // namespace yourmt3
