// How many segments a second training takes in: the loader by itself, the update by itself, both together, and the same
// network as plain operations of libtorch. The ways take turns, so that other programs disturb all of them alike.

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/compose_store.h"
#include "torchnet/fused.h"
#include "torchnet/initialise.h"
#include "train/batch.h"
#include "train/example_source.h"
#include "train/loader.h"
#include "train/optimizer.h"
#include "train/step.h"
#include "train/toml_json.h"
#include "train/train_config.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

struct Settings {
  std::filesystem::path config = YOURMT3_DEFAULT_CONFIG;
  double seconds = 8;  ///< Of each turn.
  int rounds = 3;
  int tracks = 32;
};

/// Data in a folder that goes when we do.
class TemporaryStore {
 public:
  explicit TemporaryStore(int tracks)
      : folder_(std::filesystem::temp_directory_path() / fmt::format("yourmt3_train_bench.{}", ::getpid())) {
    ComposeStoreOptions options;
    options.output = folder_;
    options.tracks = tracks;
    options.seconds = 30;
    options.threads = 2;
    compose_store(options);
  }
  ~TemporaryStore() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryStore(const TemporaryStore&) = delete;
  TemporaryStore& operator=(const TemporaryStore&) = delete;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

class Bench {
 public:
  Bench(const TrainConfig& config, double seconds)
      : config_(config),
        seconds_(seconds),
        source_(config, config.data.split),
        network_(config.model),
        step_(network_, config.loss, config.run.bf16) {
    initialise(network_, 1);
    std::vector<NamedParameter> parameters;
    for (const auto& entry : network_.named_parameters()) {
      if (entry.value().requires_grad()) parameters.push_back({entry.key(), entry.value()});
    }
    optimizer_.emplace(parameters, config.optimizer);
    kept_ = make_group(0);
  }

  double loader_alone() {
    const std::unique_ptr<Loader> loader = start_loader();
    loader->next();
    return rate([&] { return loader->next().examples.size(); });
  }

  double step_alone() {
    return steps([&] { return &kept_; }, config_.run.workers, 1);
  }

  double together() {
    const std::unique_ptr<Loader> loader = start_loader();
    Loader::Group group = loader->next();
    return steps(
        [&] {
          group = loader->next();
          return &group.examples;
        },
        config_.run.workers, 1);
  }

  /// One pass at a time over the whole batch, parallel inside every operation: as libtorch is mostly used.
  double plain_step_alone() {
    const PlainOperations plain;
    return steps([&] { return &kept_; }, 1, config_.run.workers);
  }

  /// Plain operations in passes side by side, as step_alone() has them.
  double plain_team_alone() {
    const PlainOperations plain;
    return steps([&] { return &kept_; }, config_.run.workers, 1);
  }

  /// One pass at a time, and each group of batches is made between updates.
  double plain_in_turns() {
    const PlainOperations plain;
    std::vector<Example> examples;
    std::uint64_t group = 0;
    return steps(
        [&] {
          examples = make_group(group++);
          return &examples;
        },
        1, config_.run.workers);
  }

 private:
  std::size_t batch_size() const { return static_cast<std::size_t>(config_.batch.size); }
  std::size_t bundles_of_group() const {
    return batch_size() * static_cast<std::size_t>(config_.batch.group_batches) / source_.bundle_size();
  }

  std::vector<Example> make_group(std::uint64_t group) const {
    std::vector<Example> examples;
    for (std::size_t item = 0; item < bundles_of_group(); ++item) {
      for (Example& example : source_.make(0, group * bundles_of_group() + item))
        examples.push_back(std::move(example));
    }
    return examples;
  }

  std::unique_ptr<Loader> start_loader() const {
    return std::make_unique<Loader>(
        [this](std::uint64_t group) {
          return Loader::Request{group, 0, bundles_of_group()};
        },
        [this](const Loader::Request& group, std::size_t item) {
          return source_.make(0, group.index * group.size + item);
        },
        config_.loader.threads, config_.loader.groups_ahead);
  }

  /// Segments per second of `work`, which returns how many it took in.
  double rate(const std::function<std::size_t()>& work) const {
    const Clock::time_point start = Clock::now();
    std::size_t segments = 0;
    double elapsed = 0;
    while (elapsed < seconds_) {
      segments += work();
      elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    }
    return static_cast<double>(segments) / elapsed;
  }

  /// Segments per second of updates from groups of examples.
  double steps(const std::function<const std::vector<Example>*()>& next_group, int n_workers, int n_threads) {
    WorkerTeam team(n_workers);
    at::set_num_threads(n_threads);
    const std::vector<Example>* group = nullptr;
    std::vector<std::vector<std::size_t>> batches;
    const auto update = [&] {
      if (batches.empty()) {
        group = next_group();
        batches = plan_batches(*group, batch_size(), 1);
      }
      std::vector<Batch> shards;
      for (const auto& shard : deal(batches.back(), n_workers)) {
        std::vector<const Example*> chosen;
        for (const std::size_t member : shard) chosen.push_back(&(*group)[member]);
        if (!chosen.empty()) shards.push_back(stack(chosen, source_.n_frames()));
      }
      const std::size_t n_segments = batches.back().size();
      batches.pop_back();
      std::vector<at::Tensor> gradients;
      step_.gradients(shards, team, Peers(), {}, gradients);
      const double clip = std::min(1.0, config_.optimizer.clip_norm / (gradient_norm(gradients) + 1e-6));
      optimizer_->step(gradients, 1e-5, clip, team);
      return n_segments;
    };
    update();
    return rate(update);
  }

  TrainConfig config_;
  double seconds_;
  ExampleSource source_;
  Network network_;
  TrainingStep step_;
  std::optional<Optimizer> optimizer_;
  std::vector<Example> kept_;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run(const Settings& settings, const std::vector<std::string>& changes) {
  nlohmann::json document = read_toml(settings.config);
  for (const std::string& change : changes) apply_setting(document, change);
  const TemporaryStore store(settings.tracks);
  TrainConfig config = parse_train_config(document);
  config.data.stores = {store.folder().string()};
  config.data.sets.clear();
  config.phases = {config.phases.back()};
  if (config.phases[0].batch_size > 0) config.batch.size = config.phases[0].batch_size;
  Bench bench(config, settings.seconds);

  const std::vector<std::pair<const char*, std::function<double()>>> ways = {
      {"loader alone", [&] { return bench.loader_alone(); }},
      {"step alone", [&] { return bench.step_alone(); }},
      {"loader and step together", [&] { return bench.together(); }},
      {"plain libtorch, step alone", [&] { return bench.plain_step_alone(); }},
      {"plain libtorch, passes side by side", [&] { return bench.plain_team_alone(); }},
      {"plain libtorch, segments made in turns", [&] { return bench.plain_in_turns(); }},
  };
  std::vector<std::vector<double>> rates(ways.size());
  for (int round = 0; round < settings.rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) rates[i].push_back(ways[i].second());
  }
  fmt::print("{}: {} workers, {} loader threads, batches of {}; segments of 2.048 s per second, median of {} turns\n",
             settings.config.filename().string(), config.run.workers, config.loader.threads, config.batch.size,
             settings.rounds);
  std::vector<double> medians;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    medians.push_back(median(rates[i]));
    const auto [low, high] = std::minmax_element(rates[i].begin(), rates[i].end());
    fmt::print("  {:<40}{:>9.2f}   ({:.2f} to {:.2f})\n", ways[i].first, medians[i], *low, *high);
  }
  fmt::print(
      "  loader / step {:.1f}, together / step {:.2f}, step / plain step {:.2f}, together / plain in turns {:.2f}\n",
      medians[0] / medians[1], medians[2] / medians[1], medians[1] / medians[3], medians[2] / medians[5]);
}

}  // namespace
}  // namespace yourmt3

int main(int argc, char** argv) {
  CLI::App app("Measures how fast training goes, on music that it composes.", "yourmt3_train_bench");
  yourmt3::Settings settings;
  std::vector<std::string> changes;
  app.add_option("CONFIG", settings.config, "Configuration (TOML)")->capture_default_str();
  app.add_option("--set", changes, "KEY=VALUE in place of the file's; repeatable")->take_all();
  app.add_option("--seconds", settings.seconds, "Length of each turn")->capture_default_str();
  app.add_option("--rounds", settings.rounds, "Turns of each way")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--tracks", settings.tracks, "Pieces of 30 s to learn from")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    yourmt3::run(settings, changes);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "yourmt3_train_bench: {}\n", error.what());
    return 1;
  }
}
