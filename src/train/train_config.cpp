#include "train/train_config.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "core/fail.h"
#include "settings/json_fields.h"

namespace yourmt3 {
namespace {

/// A range of two numbers, such as [0.8, 1.1].
template <class T>
void read_range(JsonFields& fields, const char* name, T& low, T& high) {
  std::vector<T> range = {low, high};
  fields.read(name, range);
  if (range.size() != 2) fail(ErrorCode::kInvalidArgument, "'{}' has {} numbers, expected two", name, range.size());
  low = range[0];
  high = range[1];
}

LineOptions parse_lines(const nlohmann::json& json) {
  LineOptions lines;
  JsonFields fields(json, "compose.lines");
  fields.read("ensembles", lines.ensembles);
  read_range(fields, "pitches", lines.pitches.low, lines.pitches.high);
  read_range(fields, "step_sec", lines.shortest_step_sec, lines.longest_step_sec);
  fields.read("drums", lines.drums);
  fields.finish();
  check(lines);
  return lines;
}

}  // namespace

ComposeStoreOptions parse_compose(const nlohmann::json& json) {
  ComposeStoreOptions compose;
  JsonFields fields(json, "data.compose");
  std::vector<std::string> fonts;
  fields.read("fonts", fonts);
  compose.fonts.assign(fonts.begin(), fonts.end());
  fields.read("tracks", compose.tracks);
  fields.read("validation_tracks", compose.validation_tracks);
  fields.read("seconds", compose.seconds);
  fields.read("seed", compose.seed);
  fields.read("max_parts", compose.max_parts);
  fields.read("min_gap_sec", compose.min_gap_sec);
  fields.read("practice_share", compose.practice_share);
  fields.read("unannotated_share", compose.unannotated_share);
  fields.read("threads", compose.threads);
  if (const auto* lines = fields.find("lines")) compose.lines = parse_lines(*lines);
  fields.finish();
  return compose;
}

namespace {

InitialiseOptions parse_initialise(const nlohmann::json& json) {
  InitialiseOptions initialise;
  JsonFields fields(json, "initialise");
  fields.read("router_scale", initialise.router_scale);
  fields.read("expert_scale", initialise.expert_scale);
  fields.finish();
  require("initialise.router_scale", initialise.router_scale, 0.0, 1e3);
  require("initialise.expert_scale", initialise.expert_scale, 0.0, 1e3);
  return initialise;
}

FineTuneOptions parse_fine_tune(const nlohmann::json& json) {
  FineTuneOptions fine_tune;
  JsonFields fields(json, "fine_tune");
  fields.read("frozen", fine_tune.frozen);
  if (const auto* table = fields.find("lora")) {
    LoraOptions lora;
    JsonFields lora_fields(*table, "fine_tune.lora");
    lora_fields.read("rank", lora.rank);
    lora_fields.read("alpha", lora.alpha);
    lora_fields.read("patterns", lora.patterns);
    lora_fields.read("also_trained", lora.also_trained);
    lora_fields.finish();
    fine_tune.lora = std::move(lora);
  }
  fields.finish();
  return fine_tune;
}

void parse_sets(const nlohmann::json& json, DataOptions& data) {
  if (!json.is_array() || json.empty()) fail(ErrorCode::kMalformed, "'data.set' is no list of tables ([[data.set]])");
  for (const nlohmann::json& entry : json) {
    StemDataSet set;
    std::vector<std::string> stores;
    JsonFields fields(entry, "data.set");
    fields.read("name", set.name);
    fields.read("stores", stores);
    fields.read("weight", set.weight);
    const auto splits = fields.read_names("split");
    const auto held_out = fields.read_names("validation_split");
    fields.finish();
    if (stores.empty()) fail(ErrorCode::kInvalidArgument, "the data set '{}' names no 'stores'", set.name);
    if (splits && splits->empty()) fail(ErrorCode::kInvalidArgument, "the data set '{}' names no 'split'", set.name);
    set.stores.assign(stores.begin(), stores.end());
    if (!held_out || !held_out->empty()) {
      data.held_out_sets.push_back(set);
      if (held_out) data.held_out_sets.back().splits = *held_out;
    }
    if (splits) set.splits = *splits;
    data.sets.push_back(std::move(set));
  }
}

ProductionOptions parse_production(const nlohmann::json& json) {
  ProductionOptions production;
  JsonFields fields(json, "production");
  const auto read = [&](const char* name, ProductionOptions::Range& range) {
    read_range(fields, name, range.low, range.high);
  };
  fields.read("equalise", production.equalise);
  fields.read("equalise_db", production.equalise_db);
  fields.read("reverb", production.reverb);
  read("reverb_sec", production.reverb_sec);
  read("reverb_db", production.reverb_db);
  fields.read("compress", production.compress);
  read("compress_threshold_db", production.compress_threshold_db);
  read("compress_ratio", production.compress_ratio);
  fields.read("clip", production.clip);
  read("clip_db", production.clip_db);
  fields.read("noise", production.noise);
  read("noise_db", production.noise_db);
  fields.read("band_limit", production.band_limit);
  read("band_low_hz", production.band_low_hz);
  read("band_high_hz", production.band_high_hz);
  fields.read("codec", production.codec);
  read("codec_hz", production.codec_hz);
  read("codec_db", production.codec_db);
  fields.read("loudness", production.loudness);
  read("loudness_db", production.loudness_db);
  fields.finish();
  check(production);
  return production;
}

StemMixOptions parse_stems(const nlohmann::json& json) {
  StemMixOptions stems;
  CrossStemPolicy& policy = stems.policy;
  JsonFields fields(json, "stems");
  read_choice<WeightMode>(fields, "weight_mode", stems.weight_mode,
                          {{"reference", WeightMode::kReference},
                           {"exact", WeightMode::kExact},
                           {"temperature", WeightMode::kTemperature}});
  fields.read("temperature", stems.temperature);
  fields.read("bundle", stems.bundle);
  fields.read("samplers", stems.samplers);
  fields.read("always_mix", stems.always_mix);
  read_choice<UnannotatedRule>(fields, "unannotated", stems.unannotated,
                               {{"reference", UnannotatedRule::kReference},
                                {"mix", UnannotatedRule::kMix},
                                {"exclude", UnannotatedRule::kExclude}});
  fields.read("levelled", stems.levelled);
  fields.read("max_k", policy.max_k);
  fields.read("tau", policy.tau);
  fields.read("alpha", policy.alpha);
  fields.read("max_groups", policy.max_groups);
  fields.read("no_instrument_overlap", policy.no_instrument_overlap);
  fields.read("no_drum_overlap", policy.no_drum_overlap);
  fields.read("overlap_by_group", policy.overlap_by_group);
  fields.read("drop_stems_of_added", policy.drop_stems_of_added);
  fields.read("keep", policy.keep);
  fields.read("max_events", policy.max_events);
  read_range(fields, "amplitude", policy.min_amplitude, policy.max_amplitude);
  if (fields.find("keep_singing") != nullptr) fields.read("keep_singing", policy.keep_singing.emplace());
  read_range(fields, "pitch_shift", stems.pitch_shift.low, stems.pitch_shift.high);
  fields.read("pitch_shift_labels", stems.pitch_shift.labels);
  fields.finish();
  return stems;
}

DataOptions parse_data(const nlohmann::json& json) {
  DataOptions data;
  JsonFields fields(json, "data");
  fields.read("stores", data.stores);
  fields.read("seed", data.seed);
  fields.read("split", data.split);
  fields.read("validation_split", data.validation_split);
  if (const auto* sets = fields.find("set")) parse_sets(*sets, data);
  fields.read("segments", data.segments);
  fields.read("mask_unannotated", data.mask_unannotated);
  if (const auto* compose = fields.find("compose")) data.compose = parse_compose(*compose);
  if (const auto* replay = fields.find("replay")) {
    JsonFields replay_fields(*replay, "data.replay");
    replay_fields.read("stores", data.replay_stores);
    replay_fields.read("share", data.replay_share);
    replay_fields.finish();
  }
  fields.finish();
  require("data.segments", data.segments, std::int64_t{0}, std::int64_t{1} << 32);
  require("data.replay.share", data.replay_share, 0.0, 1.0);
  return data;
}

LoaderOptions parse_loader(const nlohmann::json& json) {
  LoaderOptions loader;
  JsonFields fields(json, "loader");
  fields.read("threads", loader.threads);
  fields.read("groups_ahead", loader.groups_ahead);
  fields.finish();
  require("loader.threads", loader.threads, 1, 1024);
  require("loader.groups_ahead", loader.groups_ahead, 1, 1024);
  return loader;
}

BatchOptions parse_batch(const nlohmann::json& json) {
  BatchOptions batch;
  JsonFields fields(json, "batch");
  fields.read("size", batch.size);
  fields.read("group_batches", batch.group_batches);
  fields.read("accumulate", batch.accumulate);
  fields.finish();
  require("batch.accumulate", batch.accumulate, 1, 65536);
  require("batch.size", batch.size, 1, 65536);
  require("batch.group_batches", batch.group_batches, 1, 1024);
  return batch;
}

LossOptions parse_loss(const nlohmann::json& json) {
  LossOptions loss;
  JsonFields fields(json, "loss");
  fields.read("label_smoothing", loss.label_smoothing);
  fields.read("balance", loss.balance);
  fields.read("auxiliary", loss.auxiliary);
  fields.read("positive_weight", loss.positive_weight);
  fields.read("guided_attention", loss.guided_attention);
  fields.read("guided_radius", loss.guided_radius);
  fields.finish();
  require("loss.label_smoothing", loss.label_smoothing, 0.0, 0.999);
  require("loss.balance", loss.balance, 0.0, 1e6);
  require("loss.auxiliary", loss.auxiliary, 0.0, 1e6);
  require("loss.positive_weight", loss.positive_weight, 0.0, 1e6);
  require("loss.guided_attention", loss.guided_attention, 0.0, 1e6);
  require("loss.guided_radius", loss.guided_radius, 0, 1000);
  return loss;
}

ScheduleOptions parse_schedule(const nlohmann::json& json) {
  using Kind = ScheduleOptions::Kind;
  ScheduleOptions schedule;
  JsonFields fields(json, "schedule");
  read_choice<Kind>(fields, "kind", schedule.kind,
                    {{"elapsed", Kind::kElapsed},
                     {"cosine", Kind::kCosine},
                     {"legacy", Kind::kLegacy},
                     {"constant", Kind::kConstant}});
  fields.read("lr", schedule.lr);
  fields.read("warmup_steps", schedule.warmup_steps);
  fields.read("total_steps", schedule.total_steps);
  fields.read("duration_minutes", schedule.duration_minutes);
  fields.read("final_share", schedule.final_share);
  fields.read("final_lr", schedule.final_lr);
  fields.finish();
  require("schedule.lr", schedule.lr, 0.0, 1e3);
  require("schedule.warmup_steps", schedule.warmup_steps, std::int64_t{0}, std::int64_t{1} << 40);
  require("schedule.total_steps", schedule.total_steps, std::int64_t{1}, std::int64_t{1} << 40);
  require("schedule.duration_minutes", schedule.duration_minutes, 0.0, 1e7);
  return schedule;
}

std::vector<PhaseOptions> parse_phases(const nlohmann::json& json) {
  if (!json.is_array() || json.empty()) fail(ErrorCode::kMalformed, "'phase' is no list of tables ([[phase]])");
  std::vector<PhaseOptions> phases;
  for (const nlohmann::json& entry : json) {
    PhaseOptions phase;
    JsonFields fields(entry, "phase");
    fields.read("share", phase.share);
    fields.read("min_stems", phase.min_stems);
    fields.read("max_stems", phase.max_stems);
    fields.read("onset_share", phase.onset_share);
    fields.read("coherent_share", phase.coherent_share);
    fields.read("batch_size", phase.batch_size);
    fields.finish();
    require("phase.share", phase.share, 1e-9, 1e9);
    require("phase.min_stems", phase.min_stems, 1, 64);
    require("phase.max_stems", phase.max_stems, phase.min_stems, 64);
    require("phase.onset_share", phase.onset_share, 0.0, 1.0);
    require("phase.coherent_share", phase.coherent_share, 0.0, 1.0);
    require("phase.batch_size", phase.batch_size, 0, 65536);
    phases.push_back(phase);
  }
  return phases;
}

RunOptions parse_run(const nlohmann::json& json) {
  RunOptions run;
  JsonFields fields(json, "run");
  fields.read("device", run.device);
  fields.read("workers", run.workers);
  fields.read("bf16", run.bf16);
  fields.read("seed", run.seed);
  fields.read("log_steps", run.log_steps);
  fields.read("validation_steps", run.validation_steps);
  fields.read("validation_segments", run.validation_segments);
  fields.read("validation_exact", run.validation_exact);
  fields.read("validation_tracks", run.validation_tracks);
  fields.read("validation_seconds", run.validation_seconds);
  fields.read("monitor", run.monitor);
  fields.read("keep_best", run.keep_best);
  fields.read("checkpoint_minutes", run.checkpoint_minutes);
  fields.read("average_decay", run.average_decay);
  fields.read("divergence", run.divergence);
  fields.read("tensorboard", run.tensorboard);
  fields.read("peer_timeout_minutes", run.peer_timeout_minutes);
  fields.finish();
  require("run.validation_tracks", run.validation_tracks, 0, 1 << 20);
  require("run.validation_seconds", run.validation_seconds, 1.0, 1e6);
  require("run.keep_best", run.keep_best, 0, 1000);
  require("run.average_decay", run.average_decay, 0.0, 0.9999999);
  require("run.divergence", run.divergence, 0.01, 1e6);
  require("run.peer_timeout_minutes", run.peer_timeout_minutes, 0.01, 1e6);
  require("run.workers", run.workers, 1, 1024);
  require("run.log_steps", run.log_steps, std::int64_t{1}, std::int64_t{1} << 40);
  require("run.validation_steps", run.validation_steps, std::int64_t{1}, std::int64_t{1} << 40);
  require("run.validation_segments", run.validation_segments, 0, 1 << 20);
  require("run.checkpoint_minutes", run.checkpoint_minutes, 0.0, 1e7);
  return run;
}

}  // namespace

TrainConfig parse_train_config(const nlohmann::json& json) {
  TrainConfig config;
  JsonFields fields(json, "configuration");
  const nlohmann::json* model = fields.find("model");
  if (model == nullptr) fail(ErrorCode::kMalformed, "the configuration has no 'model'");
  config.model = model->is_string() ? published_config(model->get<std::string>()) : model->get<ModelConfig>();
  if (const auto* data = fields.find("data")) config.data = parse_data(*data);
  if (const auto* stems = fields.find("stems")) config.stems = parse_stems(*stems);
  if (const auto* production = fields.find("production")) config.production = parse_production(*production);
  config.stems.seed = config.data.seed;
  config.stems.production = config.production;
  if (const auto* loader = fields.find("loader")) config.loader = parse_loader(*loader);
  if (const auto* batch = fields.find("batch")) config.batch = parse_batch(*batch);
  if (const auto* loss = fields.find("loss")) config.loss = parse_loss(*loss);
  if (const auto* optimizer = fields.find("optimizer")) config.optimizer = parse_optimizer(*optimizer);
  if (const auto* schedule = fields.find("schedule")) config.schedule = parse_schedule(*schedule);
  if (const auto* phases = fields.find("phase")) config.phases = parse_phases(*phases);
  if (const auto* fine_tune = fields.find("fine_tune")) config.fine_tune = parse_fine_tune(*fine_tune);
  if (const auto* initialise = fields.find("initialise")) config.initialise = parse_initialise(*initialise);
  if (const auto* run = fields.find("run")) config.run = parse_run(*run);
  fields.read("provenance", config.provenance);
  fields.finish();
  validate(config.model);
  return config;
}

}  // namespace yourmt3
