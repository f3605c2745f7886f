#include "experiment/runner.h"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "data/stem_mixer.h"
#include "data/store.h"
#include "data/track_mix.h"
#include "engine/engine.h"
#include "examine/expert_use.h"
#include "experiment/held_out.h"
#include "experiment/report.h"
#include "model/weights.h"
#include "yourmt3/version.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_json(const fs::path& path) {
  std::ifstream file(path);
  if (!file) fail(ErrorCode::kNotFound, "{}: no such file", path.string());
  try {
    return json::parse(file);
  } catch (const json::exception& error) {
    fail(ErrorCode::kMalformed, "{}: {}", path.string(), error.what());
  }
}

std::string machine_text() {
  std::ifstream file("/proc/cpuinfo");
  std::string processor = "unknown processor";
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      processor = line.substr(colon + 2);
      break;
    }
  }
  return fmt::format("{}, {} processors, yourmt3 {}", processor, available_processors(), YOURMT3_VERSION);
}

std::vector<json> read_metrics(const fs::path& path) {
  std::vector<json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    // The last line may be cut where a sitting was killed.
    json parsed = json::parse(line, nullptr, false);
    if (!parsed.is_discarded()) lines.push_back(std::move(parsed));
  }
  return lines;
}

/// What the first segments of a run are made of, at most so many.
json mixing_of(const TrainConfig& config, std::int64_t segments) {
  constexpr std::int64_t kEnough = 6000;
  const StemMixer mixer(config.data.sets, config.stems);
  MixCounts counts;
  std::int64_t n_mixes = 0, n_groups = 0, n_events = 0;
  const std::int64_t wanted = std::max<std::int64_t>(1, std::min(segments, kEnough));
  for (std::uint64_t bundle = 0; n_mixes < wanted; ++bundle) {
    for (const PlannedMix& mix : mixer.plan(bundle).mixes) {
      counts += mix.counts;
      n_groups += static_cast<std::int64_t>(mix.groups.size());
      n_events += static_cast<std::int64_t>(count_events(mix.notes));
      ++n_mixes;
    }
  }
  const auto mean = [&](std::int64_t sum) { return static_cast<double>(sum) / static_cast<double>(n_mixes); };
  return {{"segments", n_mixes},
          {"added", mean(counts.added)},
          {"skipped_unannotated", mean(counts.skipped_unannotated)},
          {"skipped_overlap", mean(counts.skipped_overlap)},
          {"skipped_singing", mean(counts.skipped_singing)},
          {"stopped_by_length", mean(counts.stopped_by_length)},
          {"rows_dropped", mean(counts.rows_dropped)},
          {"groups", mean(n_groups)},
          {"events", mean(n_events)}};
}

class Runner {
 public:
  Runner(const Experiment& experiment, const RunnerOptions& options, const std::atomic<bool>& stop, const LogSink& log)
      : experiment_(experiment), options_(options), stop_(stop), log_(log) {}

  bool run() {
    claim_folder();
    for (const ExperimentData& data : experiment_.data) compose(data);
    std::vector<RunResult> results;
    for (const ExperimentVariant& variant : experiment_.variants) {
      for (const std::uint64_t seed : seeds_of(experiment_, variant)) {
        std::optional<RunResult> result = result_for(variant, seed);
        if (!result) return false;
        results.push_back(std::move(*result));
      }
    }
    write_report(Results(std::move(results)));
    return true;
  }

 private:
  fs::path data_folder() const { return options_.folder / "data"; }

  void say(const std::string& text) const {
    if (log_) log_(LogLevel::kInfo, text);
  }

  /// Remembers what the folder is for, so that two experiments never end in one report.
  void claim_folder() const {
    const fs::path path = options_.folder / "experiment.json";
    const std::string hash = config_hash(experiment_.document);
    if (!fs::exists(path)) {
      fs::create_directories(options_.folder);
      const json claim = {{"name", experiment_.name},
                          {"scale", experiment_.scale},
                          {"config_hash", hash},
                          {"config", experiment_.document}};
      write_file_atomically(path, claim.dump(1) + "\n");
      return;
    }
    if (!options_.resume) {
      fail(ErrorCode::kInvalidArgument, "{} already holds an experiment; go on with --resume or choose another folder",
           options_.folder.string());
    }
    const json claim = read_json(path);
    const std::string found = claim.value("config_hash", "");
    if (found != hash || claim.value("scale", "") != experiment_.scale) {
      fail(ErrorCode::kInvalidArgument,
           "{} holds an experiment of other settings ({}, {}; asked for are {}, {}); choose another folder",
           options_.folder.string(), claim.value("scale", ""), found, experiment_.scale, hash);
    }
  }

  void compose(const ExperimentData& data) const {
    if (!data.compose) return;
    ComposeStoreOptions compose = *data.compose;
    compose.output = data_folder() / data.name;
    // The index is written last: without it the folder is what an interrupted sitting left.
    if (fs::exists(compose.output / "index.jsonl")) return;
    fs::remove_all(compose.output);
    say(fmt::format("composing {}", data.name));
    compose_store(compose, log_);
  }

  /// None when it was interrupted.
  std::optional<RunResult> result_for(const ExperimentVariant& variant, std::uint64_t seed) const {
    const std::string name = variant.model.empty() ? fmt::format("{}-{}", variant.name, seed) : variant.name;
    const fs::path folder = options_.folder / "runs" / name;
    const fs::path done = folder / "results.json";
    if (fs::exists(done)) return result_of(read_json(done));
    fs::create_directories(folder);
    RunResult result;
    result.variant = variant.name;
    result.seed = seed;
    const fs::path model = variant.model.empty() ? folder / "model.safetensors" : variant.model;
    if (variant.model.empty() && !train_variant(variant, seed, name, folder, result)) return std::nullopt;
    say(fmt::format("{}: transcribing held-out tracks", name));
    try {
      result.outcomes = evaluate_model(experiment_, model, data_folder(), 0, stop_, track_progress(name));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled) return std::nullopt;
      throw;
    }
    if (experiment_.evaluation.experts) result.experts = experts_of(model);
    if (stop_) return std::nullopt;
    write_file_atomically(done, to_json(result).dump() + "\n");
    return result;
  }

  /// Says every tenth of the tracks.
  ProgressCallback track_progress(const std::string& name) const {
    return [this, name, said = 0](const Progress& progress) mutable {
      const int tenth = static_cast<int>(10 * progress.done / progress.total);
      if (tenth > said && tenth < 10)
        say(fmt::format("{}: {:.0f} of {:.0f} tracks", name, progress.done, progress.total));
      said = tenth;
      return true;
    };
  }

  bool train_variant(const ExperimentVariant& variant, std::uint64_t seed, const std::string& name,
                     const fs::path& folder, RunResult& result) const {
    const json document = variant_config(experiment_, variant, seed, data_folder());
    const TrainConfig config = parse_train_config(document);
    TrainerOptions training;
    training.folder = folder;
    training.resume = fs::exists(folder / "checkpoint.safetensors");
    training.on_progress = [&](const TrainingProgress& now) {
      if (options_.on_progress) options_.on_progress(name, now);
    };
    say(fmt::format("{}: training{}", name, training.resume ? ", resumed" : ""));
    train(config, document.dump(), training, stop_, log_);
    if (stop_) return false;
    result.metrics = read_metrics(folder / "metrics.jsonl");
    const Model model = load_model(folder / "model.safetensors");
    std::int64_t parameters = 0;
    for (const TensorSpec& tensor : expected_tensors(config.model)) {
      if (tensor.kind != TensorSpec::Kind::kParameter || !tensor.alias_of.empty()) continue;
      std::int64_t size = 1;
      for (const std::int64_t length : tensor.shape) size *= length;
      parameters += size;
    }
    const auto of_model = [&](const char* field) {
      const auto found = model.weights.metadata.find(std::string("training.") + field);
      return found == model.weights.metadata.end() ? 0.0 : std::stod(found->second);
    };
    const auto segments = static_cast<std::int64_t>(of_model("segments"));
    const double seconds = result.metrics.empty() ? 0 : result.metrics.back().value("seconds", 0.0);
    result.training = {{"seconds", seconds},
                       {"steps", of_model("steps")},
                       {"segments", segments},
                       {"parameters", parameters},
                       {"workers", config.run.workers}};
    result.mixing = mixing_of(config, segments);
    return true;
  }

  json experts_of(const fs::path& path) const {
    const Model model = load_model(path);
    if (model.config.encoder.feed_forward != EncoderConfig::FeedForward::kMoe) return {};
    const Engine engine(model, {});
    ExpertUse use(model.config);
    for (const ExperimentData& data : experiment_.data) {
      if (!data.evaluate) continue;
      int left = experiment_.evaluation.tracks;
      for (const auto& folder : stores_of(data, data_folder())) {
        const Store store(folder, data.evaluate_split);
        for (const Store::Track& track : store.tracks()) {
          if (left-- <= 0 || stop_) break;
          const auto n_samples =
              static_cast<std::size_t>(experiment_.evaluation.seconds * model.config.front_end.sample_rate);
          use.add(engine, data.name, track_mix(track, n_samples), track_notes(track));
        }
      }
    }
    return use.json();
  }

  void write_report(const Results& results) const {
    const ExperimentReportFiles files = make_report(experiment_, results, {options_.command, machine_text()});
    for (const auto& [name, picture] : files.pictures) write_file_atomically(options_.folder / name, picture);
    write_file_atomically(options_.folder / "report.json", files.json);
    write_file_atomically(options_.folder / "report.md", files.markdown);
  }

  const Experiment& experiment_;
  const RunnerOptions& options_;
  const std::atomic<bool>& stop_;
  const LogSink& log_;
};

}  // namespace

bool run_experiment(const Experiment& experiment, const RunnerOptions& options, const std::atomic<bool>& stop,
                    const LogSink& log) {
  return Runner(experiment, options, stop, log).run();
}

}  // namespace yourmt3
