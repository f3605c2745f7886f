#include "train/trainer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "data/segment_mixer.h"
#include "model/weights.h"
#include "torchnet/initialise.h"
#include "torchnet/network_weights.h"
#include "train/checkpoint.h"
#include "train/loader.h"
#include "train/schedule.h"
#include "train/step.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A well mixed number from two, so that neighbouring seeds share nothing. Source: Steele et al. 2014, splitmix64.
std::uint64_t mix(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed * 0x9E3779B97F4A7C15u + index;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// Segments of the stores as examples, for each phase of a run.
class Source {
 public:
  Source(const TrainConfig& config, const std::string& split) : config_(config), maker_(config.model) {
    std::vector<std::filesystem::path> stores(config.data.stores.begin(), config.data.stores.end());
    SegmentMixer::Options options;
    options.seed = config.data.seed;
    options.split = split;
    const SegmentMixer mixer(stores, options);
    for (const PhaseOptions& phase : config.phases) {
      options.min_stems = phase.min_stems;
      options.max_stems = phase.max_stems;
      options.coherent_share = phase.coherent_share;
      mixers_.push_back(mixer.with_options(options));
    }
  }

  /// A pure function of its arguments and the configuration.
  Example make(int phase, std::uint64_t index) const {
    const MixedSegment segment = mixers_[static_cast<std::size_t>(phase)].mix(index);
    const double share = static_cast<double>(mix(config_.data.seed + 1, index) >> 11) * 0x1p-53;
    const bool onsets_only = share < config_.phases[static_cast<std::size_t>(phase)].onset_share;
    return maker_.make(segment.samples, segment.notes, onsets_only ? TokenMode::kOnsets : TokenMode::kNotes);
  }

  int n_frames() const { return maker_.front_end().n_frames(); }
  std::size_t stem_count() const { return mixers_.front().stem_count(); }
  double stem_hours() const { return mixers_.front().stem_hours(); }

 private:
  TrainConfig config_;
  ExampleMaker maker_;
  std::vector<SegmentMixer> mixers_;
};

class Run {
 public:
  Run(const TrainConfig& config, const std::string& config_json, const TrainerOptions& options,
      const std::atomic<bool>& stop, const LogSink& log)
      : config_(config),
        config_json_(config_json),
        options_(options),
        stop_(stop),
        log_(log),
        network_(config.model),
        optimizer_(prepared_parameters(), config.optimizer),
        step_(network_, config.loss, config.run.bf16),
        team_(config.run.workers),
        source_(config, config.data.split) {
    if (options_.resume) {
      state_ = load_checkpoint(checkpoint_path(), network_, optimizer_);
      resumed_ = state_;
    }
    sitting_start_ = window_start_sec_ = last_save_sec_ = state_.elapsed_sec;
    if (config_.run.validation_segments > 0) make_validation();
    metrics_.open(options_.folder / "metrics.jsonl", std::ios::app);
    if (!metrics_) fail(ErrorCode::kIo, "{}: cannot be written", (options_.folder / "metrics.jsonl").string());
  }

  void go() {
    say(fmt::format("{} parameters, {} stems, {:.1f} hours", count_parameters(), source_.stem_count(),
                    source_.stem_hours()));
    began_ = Clock::now();
    progress_ = run_progress(config_.schedule, state_.step, state_.elapsed_sec);
    Loader loader([this](std::uint64_t group) { return plan(group); },
                  [this](const Loader::Request& group, std::size_t item) {
                    return source_.make(group.phase, group.index * kGroupStride + item);
                  },
                  config_.loader.threads, config_.loader.groups_ahead, state_.group);
    bool resumed = resumed_.group_batch > 0;
    const std::int64_t first_step = state_.step;
    while (!finished(first_step)) {
      const Loader::Group group = loader.next();
      state_.group = group.request.index;
      state_.group_phase = group.request.phase;
      const auto batches =
          plan_batches(group.examples, batch_size(group.request.phase), mix(config_.data.seed + 2, state_.group));
      if (!resumed) state_.group_batch = 0;
      resumed = false;
      while (state_.group_batch < batches.size() && !finished(first_step)) {
        update(group, batches[state_.group_batch]);
        ++state_.group_batch;
      }
      if (state_.group_batch >= batches.size()) {
        ++state_.group;
        state_.group_batch = 0;
      }
    }
    save();
  }

 private:
  static constexpr std::uint64_t kGroupStride = 1u << 16;  // Room for the items of a group among the indices.

  std::filesystem::path checkpoint_path() const { return options_.folder / "checkpoint.safetensors"; }

  void say(const std::string& text) const {
    if (log_) log_(LogLevel::kInfo, text);
  }

  /// Initial weights, and the parameters that will be trained.
  std::vector<NamedParameter> prepared_parameters() {
    initialise(network_, config_.run.seed);
    const EncoderConfig& encoder = config_.model.encoder;
    if (encoder.type == EncoderConfig::Type::kT5 && encoder.d_model == config_.model.decoder.d_model &&
        config_.loss.guided_attention > 0) {
      const EventRange& shifts = task(config_.model.task).vocabulary.range(EventType::kShift);
      initialise_time_embeddings(network_, shifts.first_id, shifts.count, 1.0 / kTicksPerSecond);
    }
    if (!options_.init_model.empty()) {
      load_weights(network_, load_model(options_.init_model, log_).weights, {"auxiliary.*"});
    }
    std::vector<NamedParameter> parameters;
    for (const auto& entry : network_.named_parameters()) {
      if (entry.value().requires_grad()) parameters.push_back({entry.key(), entry.value()});
    }
    return parameters;
  }

  std::int64_t count_parameters() const {
    std::int64_t count = 0;
    for (const at::Tensor& parameter : network_.parameters()) {
      if (parameter.requires_grad()) count += parameter.numel();
    }
    return count;
  }

  std::size_t batch_size(int phase) const {
    const int own = config_.phases[static_cast<std::size_t>(phase)].batch_size;
    return static_cast<std::size_t>(own > 0 ? own : config_.batch.size);
  }

  Loader::Request plan(std::uint64_t group) {
    // A group that was begun before keeps its phase, so that a resumed run sees the same batches.
    const bool continued = group == resumed_.group && resumed_.group_batch > 0;
    const int phase = continued ? resumed_.group_phase : phase_at(config_.phases, progress_at(group));
    return {group, phase, batch_size(phase) * static_cast<std::size_t>(config_.batch.group_batches)};
  }

  /// By steps, a group's phase follows from its number alone, so that a run can be repeated exactly.
  double progress_at(std::uint64_t group) const {
    if (config_.schedule.duration_minutes > 0) return progress_;
    return run_progress(config_.schedule, static_cast<std::int64_t>(group) * config_.batch.group_batches, 0);
  }

  bool finished(std::int64_t first_step) const {
    return stop_ || progress_ >= 1 || (options_.max_steps > 0 && state_.step - first_step >= options_.max_steps);
  }

  std::vector<Batch> make_shards(std::span<const Example> examples, std::span<const std::size_t> members) const {
    std::vector<Batch> shards;
    for (const auto& shard : deal(members, team_.size())) {
      if (shard.empty()) continue;
      std::vector<const Example*> chosen;
      for (const std::size_t member : shard) chosen.push_back(&examples[member]);
      shards.push_back(stack(chosen, source_.n_frames()));
    }
    return shards;
  }

  void update(const Loader::Group& group, std::span<const std::size_t> members) {
    const double lr = learning_rate(config_.schedule, state_.step, progress_);
    const bool logs = (state_.step + 1) % config_.run.log_steps == 0;
    std::vector<at::Tensor> gradients;
    const StepReport report = step_.gradients(make_shards(group.examples, members), team_, logs, gradients);
    const double norm = gradient_norm(gradients);
    if (!std::isfinite(norm) || !std::isfinite(report.token_loss)) {
      fail(ErrorCode::kMalformed, "step {}: the loss is {} and the gradient's norm {}; the last checkpoint is kept",
           state_.step, report.mean_token_loss(), norm);
    }
    const double clip = config_.optimizer.clip_norm;
    optimizer_.step(gradients, lr, clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1.0, team_);

    ++state_.step;
    state_.segments += report.segments;
    state_.elapsed_sec = sitting_start_ + seconds_since(began_);
    progress_ = run_progress(config_.schedule, state_.step, state_.elapsed_sec);
    window_ += report;
    window_norm_ += norm;
    ++window_steps_;
    if (logs) write_metrics(group.request.phase, lr);
    if (state_.step % config_.run.validation_steps == 0) validate();
    if (state_.elapsed_sec - last_save_sec_ >= 60 * config_.run.checkpoint_minutes) save();
  }

  nlohmann::json describe(const char* kind, const StepReport& report) const {
    const auto rounded = [](double value) { return std::round(value * 1e5) / 1e5; };
    return {{"kind", kind},
            {"step", state_.step},
            {"segments", state_.segments},
            {"seconds", std::round(state_.elapsed_sec * 10) / 10},
            {"progress", rounded(progress_)},
            {"token_loss", rounded(report.mean_token_loss())},
            {"auxiliary_loss", rounded(report.mean_auxiliary_loss())},
            {"guided_loss", rounded(report.mean_guided_loss())},
            {"attention_mass", rounded(report.mean_attention_mass())},
            {"onset_f1", rounded(report.pitch_onsets.f1())},
            {"drum_f1", rounded(report.drum_onsets.f1())}};
  }

  void write_metrics(int phase, double lr) {
    nlohmann::json line = describe("train", window_);
    const double span = state_.elapsed_sec - window_start_sec_;
    line["phase"] = phase;
    line["lr"] = lr;
    line["gradient_norm"] = window_norm_ / static_cast<double>(window_steps_);
    line["segments_per_sec"] = span > 0 ? static_cast<double>(window_.segments) / span : 0;
    line["tokens_per_segment"] = static_cast<double>(window_.tokens) / static_cast<double>(window_.segments);
    write_line(line);
    window_ = {};
    window_norm_ = 0;
    window_steps_ = 0;
    window_start_sec_ = state_.elapsed_sec;
  }

  void write_line(const nlohmann::json& line) {
    metrics_ << line.dump() << std::endl;
    if (!metrics_) fail(ErrorCode::kIo, "{}: cannot be written", (options_.folder / "metrics.jsonl").string());
    say(line.dump());
  }

  void make_validation() {
    const Source held_out(config_, config_.data.validation_split);
    const auto n = static_cast<std::size_t>(config_.run.validation_segments);
    std::vector<Example> examples;
    const int last_phase = static_cast<int>(config_.phases.size()) - 1;
    for (std::size_t i = 0; i < n; ++i) examples.push_back(held_out.make(last_phase, i));
    for (const auto& members : plan_batches(examples, static_cast<std::size_t>(config_.batch.size), 0)) {
      for (Batch& shard : make_shards(examples, members)) validation_.push_back(std::move(shard));
    }
  }

  void validate() {
    if (!validation_.empty()) write_line(describe("validation", step_.evaluate(validation_, team_)));
  }

  void save() {
    save_checkpoint(checkpoint_path(), network_, optimizer_, state_, config_json_);
    std::map<std::string, std::string> provenance = config_.provenance;
    provenance["training.steps"] = std::to_string(state_.step);
    provenance["training.segments"] = std::to_string(state_.segments);
    provenance["training.minutes"] = fmt::format("{:.1f}", state_.elapsed_sec / 60);
    provenance["training.stem_hours"] = fmt::format("{:.1f}", source_.stem_hours());
    provenance["training.config"] = config_json_;
    export_model(options_.folder / "model.safetensors", network_, provenance);
    last_save_sec_ = state_.elapsed_sec;
  }

  TrainConfig config_;
  std::string config_json_;
  TrainerOptions options_;
  const std::atomic<bool>& stop_;
  LogSink log_;
  Network network_;
  Optimizer optimizer_;
  TrainingStep step_;
  WorkerTeam team_;
  Source source_;
  RunState state_;
  RunState resumed_;  // As it was when this sitting began.
  std::vector<Batch> validation_;
  std::ofstream metrics_;
  Clock::time_point began_;
  double sitting_start_ = 0;
  std::atomic<double> progress_ = 0;
  double last_save_sec_ = 0;
  StepReport window_;
  double window_norm_ = 0, window_start_sec_ = 0;
  std::int64_t window_steps_ = 0;
};

}  // namespace

void train(const TrainConfig& config, const std::string& config_json, const TrainerOptions& options,
           const std::atomic<bool>& stop, const LogSink& log) {
  if (config.data.stores.empty()) fail(ErrorCode::kInvalidArgument, "'data.stores' names no prepared data");
  std::filesystem::create_directories(options.folder);
  const bool exists = std::filesystem::exists(options.folder / "checkpoint.safetensors");
  if (exists && !options.resume) {
    fail(ErrorCode::kInvalidArgument, "{} already holds a checkpoint; go on with --resume or choose another folder",
         options.folder.string());
  }
  if (options.resume && !exists) {
    fail(ErrorCode::kNotFound, "{} holds no checkpoint to resume from", options.folder.string());
  }
  write_file_atomically(options.folder / "config.json", config_json);
  Run(config, config_json, options, stop, log).go();
}

}  // namespace yourmt3
