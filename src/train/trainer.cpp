#include "train/trainer.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <regex>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "data/random.h"
#include "model/weights.h"
#include "torchnet/fine_tuning.h"
#include "torchnet/initialise.h"
#include "torchnet/network_weights.h"
#include "train/best_models.h"
#include "train/checkpoint.h"
#include "train/example_source.h"
#include "train/loader.h"
#include "train/schedule.h"
#include "train/step.h"
#include "train/tensorboard.h"
#include "train/validation.h"
#include "train/weight_average.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

namespace fs = std::filesystem;

double rounded(double value) {
  return std::round(value * 1e5) / 1e5;
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What held-out tracks are taken from.
std::vector<StemDataSet> held_out_sets(const DataOptions& data) {
  if (!data.sets.empty()) return data.held_out_sets;
  return {{"data.stores", {data.stores.begin(), data.stores.end()}}};
}

class Run {
 public:
  Run(const TrainConfig& config, const std::string& config_json, const TrainerOptions& options, const Peers& peers,
      const std::atomic<bool>& stop, const LogSink& log)
      : config_(config),
        config_json_(config_json),
        options_(options),
        peers_(peers),
        stop_(stop),
        log_(log),
        device_(device_of(config.run.device)),
        network_(config.model),
        optimizer_(prepared_parameters(), config.optimizer),
        step_(network_, config.loss, config.run.bf16),
        team_(device_.is_cuda() ? 1 : config.run.workers),
        source_(config, config.data.split) {
    for (int phase = 0; phase < static_cast<int>(config_.phases.size()); ++phase) bundles_of_group(phase);
    if (config_.run.average_decay > 0) average_.emplace(optimizer_.parameters(), config_.run.average_decay);
    if (options_.resume) {
      state_ = load_checkpoint(checkpoint_path(), network_, optimizer_, average());
      resumed_ = state_;
    }
    sitting_start_ = window_start_sec_ = last_save_sec_ = state_.elapsed_sec;
    if (config_.run.validation_segments > 0) make_validation_segments();
    validation_tracks_.emplace(held_out_sets(config_.data), config_.data.validation_split,
                               config_.run.validation_tracks, config_.run.validation_seconds);
    if (!peers_.first()) return;
    metrics_.open(metrics_path(), std::ios::app);
    if (!metrics_) fail(ErrorCode::kIo, "{}: cannot be written", metrics_path().string());
    if (config_.run.tensorboard) events_.emplace(options_.folder, seconds_since_1970(), state_.step);
  }

  void go() {
    say(fmt::format("{} parameters, {} stems, {:.1f} hours", count_parameters(), source_.stem_count(),
                    source_.stem_hours()));
    began_ = Clock::now();
    agree();
    Loader loader([this](std::uint64_t group) { return plan(group); },
                  [this](const Loader::Request& group, std::size_t item) {
                    return source_.make(group.phase, bundle_index(group, item));
                  },
                  config_.loader.threads, config_.loader.groups_ahead, state_.group);
    bool resumed = resumed_.group_batch > 0;
    const std::int64_t first_step = state_.step;
    while (!finished(first_step)) {
      const Loader::Group group = loader.next();
      state_.group = group.request.index;
      state_.group_phase = group.request.phase;
      const auto batches = plan_batches(group.examples, update_size(group.request.phase),
                                        Random(config_.data.seed + 2, state_.group).bits());
      if (!resumed) state_.group_batch = 0;
      resumed = false;
      while (state_.group_batch < batches.size() && !finished(first_step)) {
        update(group, batches[state_.group_batch]);
        ++state_.group_batch;
        if (state_.step % config_.run.validation_steps == 0) validate();
        if (state_.elapsed_sec - last_save_sec_ >= 60 * config_.run.checkpoint_minutes) save();
      }
      if (state_.group_batch >= batches.size()) {
        ++state_.group;
        state_.group_batch = 0;
      }
    }
    save();
  }

 private:
  static constexpr std::uint64_t kGroupStride = 1u << 20;  // Room for the bundles of a group among the indices.

  fs::path checkpoint_path() const { return options_.folder / "checkpoint.safetensors"; }
  fs::path model_path() const { return options_.folder / "model.safetensors"; }
  fs::path metrics_path() const { return options_.folder / "metrics.jsonl"; }

  void say(const std::string& text) const {
    if (log_ && peers_.first()) log_(LogLevel::kInfo, text);
  }

  at::Device device_of(const std::string& name) const {
    if (!std::regex_match(name, std::regex("cpu|cuda(:[0-9]{1,3})?"))) {
      fail(ErrorCode::kInvalidArgument, "run.device is '{}', expected \"cpu\", \"cuda\" or \"cuda:N\"", name);
    }
    const at::Device device(name == "cuda" ? fmt::format("cuda:{}", options_.place.local_rank) : name);
    if (!device.is_cpu() && !at::globalContext().hasCUDA()) {
      fail(ErrorCode::kUnsupported, "run.device is '{}', but this libtorch has no CUDA or finds no GPU; use \"cpu\"",
           name);
    }
    return device;
  }

  WeightAverage* average() { return average_ ? &*average_ : nullptr; }

  /// Initial weights, and the parameters that will be trained.
  std::vector<NamedParameter> prepared_parameters() {
    initialise(network_, config_.run.seed, config_.initialise);
    const EncoderConfig& encoder = config_.model.encoder;
    if (encoder.type == EncoderConfig::Type::kT5 && encoder.d_model == config_.model.decoder.d_model &&
        config_.loss.guided_attention > 0) {
      const EventRange& shifts = task(config_.model.task).vocabulary.range(EventType::kShift);
      initialise_time_embeddings(network_, shifts.first_id, shifts.count, 1.0 / kTicksPerSecond);
    }
    if (!options_.init_model.empty()) {
      load_weights(network_, load_model(options_.init_model, log_).weights, {"auxiliary.*"});
    }
    freeze(network_, config_.fine_tune.frozen);
    if (config_.fine_tune.lora) add_lora(network_, *config_.fine_tune.lora, Random(config_.run.seed, 2).bits());
    network_.to(device_);
    std::vector<NamedParameter> parameters;
    for (const auto& entry : network_.named_parameters()) {
      if (entry.value().requires_grad()) parameters.push_back({entry.key(), entry.value()});
    }
    return parameters;
  }

  std::int64_t count_parameters() const {
    std::int64_t count = 0;
    for (const NamedParameter& parameter : optimizer_.parameters()) count += parameter.tensor.numel();
    return count;
  }

  /// Segments of one update in this process.
  std::size_t update_size(int phase) const {
    const int own = config_.phases[static_cast<std::size_t>(phase)].batch_size;
    return static_cast<std::size_t>((own > 0 ? own : config_.batch.size) * config_.batch.accumulate);
  }

  /// Bundles that this process makes for a group.
  std::size_t bundles_of_group(int phase) const {
    const std::size_t segments = update_size(phase) * static_cast<std::size_t>(config_.batch.group_batches);
    if (segments % source_.bundle_size() != 0) {
      fail(ErrorCode::kInvalidArgument,
           "batch.size * batch.accumulate * batch.group_batches is {}, expected a multiple of the {} segments that are "
           "drawn together",
           segments, source_.bundle_size());
    }
    return segments / source_.bundle_size();
  }

  Loader::Request plan(std::uint64_t group) {
    // A group that was begun before keeps its phase, so that a resumed run sees the same batches.
    const bool continued = group == resumed_.group && resumed_.group_batch > 0;
    const int phase = continued ? resumed_.group_phase : phase_at(config_.phases, progress_at(group));
    return {group, phase, bundles_of_group(phase)};
  }

  /// Each process takes the next stretch, so that n of them learn what one with n times the batch does.
  std::uint64_t bundle_index(const Loader::Request& group, std::size_t item) const {
    const auto rank = static_cast<std::uint64_t>(peers_.rank()), size = static_cast<std::uint64_t>(peers_.size());
    // Segments that come again follow each other without a gap, or some would never come.
    const std::uint64_t stride = config_.data.segments > 0 ? group.size * size : kGroupStride;
    return group.index * stride + rank * group.size + item;
  }

  /// By steps, a group's phase follows from its number alone, so that a run can be repeated exactly.
  double progress_at(std::uint64_t group) const {
    if (config_.schedule.duration_minutes > 0) return progress_;
    return run_progress(config_.schedule, static_cast<std::int64_t>(group) * config_.batch.group_batches, 0);
  }

  /// All processes stop at the same update and follow the clock of the first.
  void agree() {
    double values[] = {stop_ ? 1.0 : 0.0, peers_.first() ? sitting_start_ + seconds_since(began_) : 0.0};
    peers_.sum(values);
    stopping_ = values[0] > 0;
    state_.elapsed_sec = values[1];
    progress_ = run_progress(config_.schedule, state_.step, state_.elapsed_sec);
  }

  bool finished(std::int64_t first_step) const {
    return stopping_ || progress_ >= 1 || (options_.max_steps > 0 && state_.step - first_step >= options_.max_steps);
  }

  std::vector<Batch> make_shards(std::span<const Example> examples, std::span<const std::size_t> members) const {
    std::vector<Batch> shards;
    for (const auto& shard : deal(members, team_.size() * config_.batch.accumulate)) {
      if (shard.empty()) continue;
      std::vector<const Example*> chosen;
      for (const std::size_t member : shard) chosen.push_back(&examples[member]);
      shards.push_back(stack(chosen, source_.n_frames()).to(device_));
    }
    return shards;
  }

  void update(const Loader::Group& group, std::span<const std::size_t> members) {
    const double lr = learning_rate(config_.schedule, state_.step, progress_);
    const bool logs = (state_.step + 1) % config_.run.log_steps == 0;
    std::vector<at::Tensor> gradients;
    const TrainingStep::Options options = {Random(config_.run.seed + 1, static_cast<std::uint64_t>(state_.step)).bits(),
                                           logs};
    const StepReport report = step_.gradients(make_shards(group.examples, members), team_, peers_, options, gradients);
    const double norm = gradient_norm(gradients);
    if (!std::isfinite(norm)) {
      fail(ErrorCode::kMalformed,
           "step {}: the loss is {} and the gradient's norm {}; the last checkpoint is kept. A lower schedule.lr may "
           "help",
           state_.step, report.mean_token_loss(), norm);
    }
    const double clip = config_.optimizer.clip_norm;
    optimizer_.step(gradients, lr, clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1.0, team_);
    if (average_) average_->update();

    ++state_.step;
    state_.segments += report.segments * peers_.size();
    window_ += report;
    window_norm_ += norm;
    ++window_steps_;
    agree();
    if (logs) write_window(group.request.phase, lr);
  }

  nlohmann::json describe(const char* kind, const StepReport& report) const {
    return {{"kind", kind},
            {"step", state_.step},
            {"segments", state_.segments},
            {"seconds", std::round(state_.elapsed_sec * 10) / 10},
            {"progress", rounded(progress_)},
            {"loss", rounded(report.mean_token_loss())},
            {"auxiliary_loss", rounded(report.mean_auxiliary_loss())},
            {"guided_loss", rounded(report.mean_guided_loss())},
            {"attention_mass", rounded(report.mean_attention_mass())},
            {"aux_onset_f1", rounded(report.pitch_onsets.f1())},
            {"aux_drum_f1", rounded(report.drum_onsets.f1())}};
  }

  void write_window(int phase, double lr) {
    window_.sum(peers_);
    nlohmann::json line = describe("train", window_);
    const double span = state_.elapsed_sec - window_start_sec_;
    const double steps_per_sec = span > 0 ? static_cast<double>(window_steps_) / span : 0;
    line["phase"] = phase;
    line["lr"] = lr;
    line["gradient_norm"] = rounded(window_norm_ / static_cast<double>(window_steps_));
    line["segments_per_sec"] = rounded(span > 0 ? static_cast<double>(window_.segments) / span : 0);
    line["steps_per_sec"] = rounded(steps_per_sec);
    line["tokens_per_segment"] = rounded(static_cast<double>(window_.tokens) / static_cast<double>(window_.segments));
    for (const auto& [layer, counts] : window_.expert_loads) {
      const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
      for (const std::int64_t count : counts) {
        line["experts"][layer].push_back(rounded(static_cast<double>(count) / all));
      }
    }
    write_line(line);
    const double loss = window_.mean_token_loss();
    lowest_loss_ = std::min(lowest_loss_, loss);
    if (loss > lowest_loss_ + config_.run.divergence) {
      fail(ErrorCode::kMalformed,
           "step {}: the loss has risen from {:.3f} to {:.3f} (run.divergence is {}); the last checkpoint is kept. A "
           "lower schedule.lr may help",
           state_.step, lowest_loss_, loss, config_.run.divergence);
    }
    if (options_.on_progress && peers_.first()) {
      options_.on_progress({state_.step, progress_, loss, steps_per_sec,
                            progress_ > 0 ? (1 - progress_) * state_.elapsed_sec / progress_ : 0});
    }
    window_ = {};
    window_norm_ = 0;
    window_steps_ = 0;
    window_start_sec_ = state_.elapsed_sec;
  }

  void write_line(const nlohmann::json& line) {
    if (!peers_.first()) return;
    metrics_ << line.dump() << std::endl;
    if (!metrics_) fail(ErrorCode::kIo, "{}: cannot be written", metrics_path().string());
    if (!events_) return;
    const std::string kind = line.at("kind").get<std::string>();
    for (const auto& [name, value] : line.items()) {
      if (value.is_number() && name != "step") {
        events_->add_scalar(kind + "/" + name, value.get<double>(), state_.step, seconds_since_1970());
      }
    }
    events_->flush();
  }

  ExampleSource held_out_source() const {
    TrainConfig held_out = config_;
    held_out.data.sets = config_.data.held_out_sets;
    try {
      if (held_out.data.sets.empty() && !config_.data.sets.empty()) {
        fail(ErrorCode::kInvalidArgument, "no data set has a validation_split");
      }
      return {held_out, held_out.data.validation_split};
    } catch (const Error& error) {
      fail(error.code(), "{} (held-out segments for validation; run.validation_segments=0 does without)", error.what());
    }
  }

  void make_validation_segments() {
    const ExampleSource held_out = held_out_source();
    const auto n = static_cast<std::size_t>(config_.run.validation_segments);
    const int last_phase = static_cast<int>(config_.phases.size()) - 1;
    std::vector<Example> examples;
    for (std::uint64_t bundle = 0; bundle * held_out.bundle_size() < n; ++bundle) {
      if (bundle % static_cast<std::uint64_t>(peers_.size()) != static_cast<std::uint64_t>(peers_.rank())) continue;
      for (Example& example : held_out.make(last_phase, bundle)) examples.push_back(std::move(example));
    }
    for (const auto& members : plan_batches(examples, static_cast<std::size_t>(config_.batch.size), 0)) {
      for (Batch& shard : make_shards(examples, members)) validation_segments_.push_back(std::move(shard));
    }
  }

  /// Scores the averaged weights where there are such, as those are what is exported.
  void validate() {
    if (average_) average_->swap();
    nlohmann::json line;
    if (config_.run.validation_segments > 0) {
      StepReport report = step_.evaluate(validation_segments_, team_);
      report.sum(peers_);
      line = describe("validation", report);
      if (config_.run.validation_exact) {
        double exact = static_cast<double>(step_.count_exact(validation_segments_, team_));
        peers_.sum({&exact, 1});
        line["exact"] = exact / static_cast<double>(report.segments);
      }
    } else {
      line = {{"kind", "validation"}, {"step", state_.step}};
    }
    if (!validation_tracks_->empty()) {
      export_now();
      peers_.meet();
      const auto scores = validation_tracks_->score(model_path(), config_.run.workers, peers_);
      for (const auto& [name, value] : scores) line[name] = rounded(value);
      const auto watched = scores.find(config_.run.monitor);
      if (watched != scores.end() && peers_.first()) {
        BestModels(options_.folder / "best", config_.run.keep_best).offer(model_path(), state_.step, watched->second);
      }
    }
    if (average_) average_->swap();
    write_line(line);
    say(line.dump());
  }

  void export_now() {
    average_statistics();
    if (!peers_.first()) return;
    std::map<std::string, std::string> provenance = config_.provenance;
    provenance["training.steps"] = std::to_string(state_.step);
    provenance["training.segments"] = std::to_string(state_.segments);
    provenance["training.minutes"] = fmt::format("{:.1f}", state_.elapsed_sec / 60);
    provenance["training.stem_hours"] = fmt::format("{:.1f}", source_.stem_hours());
    provenance["training.config"] = config_json_;
    export_model(model_path(), network_, provenance);
  }

  /// Each process has seen its own batches; the running statistics of all are one as good as the other.
  void average_statistics() {
    if (peers_.alone()) return;
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> statistics;
    for (const auto& entry : network_.named_buffers()) {
      if (entry.key().find(".running_") != std::string::npos) statistics.push_back(entry.value());
    }
    std::vector<at::Tensor> sums = statistics;
    peers_.sum(sums, statistics);
    for (std::size_t i = 0; i < sums.size(); ++i) statistics[i].copy_(sums[i] / peers_.size());
  }

  void save() {
    if (average_) average_->swap();
    export_now();
    if (average_) average_->swap();
    if (peers_.first()) {
      save_checkpoint(checkpoint_path(), network_, optimizer_, state_, config_json_, average());
    }
    last_save_sec_ = state_.elapsed_sec;
  }

  TrainConfig config_;
  std::string config_json_;
  TrainerOptions options_;
  const Peers& peers_;
  const std::atomic<bool>& stop_;
  LogSink log_;
  at::Device device_;
  Network network_;
  Optimizer optimizer_;
  std::optional<WeightAverage> average_;
  TrainingStep step_;
  WorkerTeam team_;
  ExampleSource source_;
  RunState state_;
  RunState resumed_;  // As it was when this sitting began.
  std::vector<Batch> validation_segments_;
  std::optional<Validation> validation_tracks_;
  std::ofstream metrics_;
  std::optional<EventFile> events_;
  Clock::time_point began_;
  double sitting_start_ = 0;
  std::atomic<double> progress_ = 0;
  bool stopping_ = false;
  double last_save_sec_ = 0;
  StepReport window_;
  double window_norm_ = 0, window_start_sec_ = 0;
  std::int64_t window_steps_ = 0;
  double lowest_loss_ = std::numeric_limits<double>::infinity();
};

/// Music of the run's own, made once: where it is there from an earlier sitting, it is the same.
void compose_data(TrainConfig& config, const fs::path& folder, const Peers& peers) {
  if (!config.data.compose) return;
  const fs::path store = folder / "data";
  if (peers.first() && !fs::exists(store / "index.jsonl")) {
    config.data.compose->output = store;
    compose_store(*config.data.compose);
  }
  peers.meet();
  if (config.data.sets.empty()) {
    config.data.stores.push_back(store.string());
  } else {
    config.data.sets.push_back({"composed", {store}, 1});
  }
}

}  // namespace

void train(const TrainConfig& given, const std::string& config_json, const TrainerOptions& options,
           const std::atomic<bool>& stop, const LogSink& log) {
  TrainConfig config = given;
  if (config.data.stores.empty() && config.data.sets.empty() && !config.data.compose) {
    fail(ErrorCode::kInvalidArgument,
         "no data to learn from: name prepared data in 'data.stores' or '[[data.set]]', or let 'data.compose' make "
         "some");
  }
  const Peers peers = options.place.size > 1 ? Peers(options.place, 60 * config.run.peer_timeout_minutes) : Peers();
  fs::create_directories(options.folder);
  const bool exists = fs::exists(options.folder / "checkpoint.safetensors");
  if (exists && !options.resume) {
    fail(ErrorCode::kInvalidArgument, "{} already holds a checkpoint; go on with --resume or choose another folder",
         options.folder.string());
  }
  if (options.resume && !exists) {
    fail(ErrorCode::kNotFound, "{} holds no checkpoint to resume from", options.folder.string());
  }
  if (peers.first()) write_file_atomically(options.folder / "config.json", config_json);
  compose_data(config, options.folder, peers);
  Run(config, config_json, options, peers, stop, log).go();
}

}  // namespace yourmt3
