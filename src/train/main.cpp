#include <unistd.h>

#include <csignal>

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "settings/merge_settings.h"
#include "settings/toml_json.h"
#include "train/trainer.h"
#include "yourmt3/error.h"

namespace {

std::atomic<bool> stop_requested = false;
std::atomic<int> stop_signal = 0;

extern "C" void request_stop(int signal) {
  stop_signal = signal;
  stop_requested = true;
}

std::string duration(double seconds) {
  const auto minutes = static_cast<long>(std::min(seconds, 1e9) / 60);
  if (minutes < 1) return fmt::format("{:.0f} s", seconds);
  return minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

/// One line that is written anew on a terminal, and one line after the other elsewhere.
class ProgressText {
 public:
  ProgressText() : terminal_(isatty(STDERR_FILENO) == 1) {}
  ~ProgressText() {
    if (open_) fmt::print(stderr, "\n");
  }

  void show(const yourmt3::TrainingProgress& now) {
    const std::string text = fmt::format("step {}  {:.1f} %  loss {:.4f}  {:.2f} steps/s  {} left", now.step,
                                         100 * now.done, now.loss, now.steps_per_sec, duration(now.seconds_left));
    if (!terminal_) return say(text);
    fmt::print(stderr, "\r{:<78}", text);
    open_ = true;
  }

  void say(std::string_view text) {
    fmt::print(stderr, "{}{}\n", open_ ? "\n" : "", text);
    open_ = false;
  }

 private:
  bool terminal_;
  bool open_ = false;
};

int run_train(const std::vector<std::filesystem::path>& configs, const std::vector<std::string>& settings,
              const yourmt3::TrainerOptions& options) {
  nlohmann::json document = yourmt3::read_merged_toml(configs);
  for (const std::string& setting : settings) yourmt3::apply_setting(document, setting);
  const yourmt3::TrainConfig config = yourmt3::parse_train_config(document);
  ProgressText progress;
  yourmt3::TrainerOptions all = options;
  all.place = yourmt3::peer_place();
  all.on_progress = [&](const yourmt3::TrainingProgress& now) { progress.show(now); };
  yourmt3::train(config, document.dump(), all, stop_requested,
                 [&](yourmt3::LogLevel, std::string_view text) { progress.say(text); });
  return stop_requested ? 128 + stop_signal : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Trains networks for yourmt3.", "yourmt3-train");
  app.require_subcommand(1);

  CLI::App* train = app.add_subcommand("train", "Train a network on prepared data");
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> settings;
  yourmt3::TrainerOptions options;
  train->add_option("CONFIG", configs, "Configuration (TOML); of several, later ones replace what earlier ones say")
      ->required();
  train->add_option("--out", options.folder, "Folder of the run: metrics, checkpoint, model")->required();
  train->add_flag("--resume", options.resume, "Go on from the folder's checkpoint");
  train->add_option("--init", options.init_model, "Model file whose weights to begin with");
  train->add_option("--set", settings, "KEY=VALUE in place of the file's, such as schedule.lr=1e-3; repeatable")
      ->take_all();
  train->add_option("--max-steps", options.max_steps, "Stop after this many updates (0: when the schedule ends)");
  CLI11_PARSE(app, argc, argv);

  std::signal(SIGTERM, request_stop);
  std::signal(SIGINT, request_stop);
  try {
    return run_train(configs, settings, options);
  } catch (const yourmt3::Error& error) {
    fmt::print(stderr, "yourmt3-train: {}\n", error.what());
    return error.code() == yourmt3::ErrorCode::kInvalidArgument ? 2 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "yourmt3-train: {}\n", error.what());
    return 1;
  }
}
