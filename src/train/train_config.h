#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/compose_store.h"
#include "data/stem_mixer.h"
#include "model/model_config.h"
#include "torchnet/initialise_options.h"
#include "torchnet/lora_options.h"
#include "train/optimizer_options.h"

namespace yourmt3 {

struct DataOptions {
  std::vector<std::string> stores;  ///< Folders of prepared data, from which SegmentMixer draws.
  /// Data sets for StemMixer, the reference's way to mix; `stores`, phases' stems and replay then do not matter.
  std::vector<StemDataSet> sets;
  std::vector<StemDataSet> held_out_sets;  ///< Those of `sets` that have held-out tracks, with the splits of these.
  std::uint64_t seed = 1;
  std::string split = "train";  ///< Part of the stores to learn from.
  std::string validation_split = "validation";
  std::int64_t segments = 0;  ///< Learn the first so many segments again and again; 0 for ever new ones.
  /// Channels whose notes are not all known teach nothing; otherwise, as in the reference, they teach silence.
  bool mask_unannotated = true;
  /// Music to compose and play before the run, into the folder "data" of the run; it joins `stores`.
  std::optional<ComposeStoreOptions> compose;
  std::vector<std::string> replay_stores;  ///< Data of an earlier training, mixed in so that it is not forgotten.
  double replay_share = 0.2;               ///< Of the segments, where there are such stores.
};

struct LoaderOptions {
  int threads = 1;       ///< Threads that mix and analyse segments beside the network.
  int groups_ahead = 2;  ///< Groups of batches held ready.
};

struct BatchOptions {
  int size = 8;           ///< Segments in one update.
  int group_batches = 8;  ///< Batches drawn at once and sorted by length, which leaves little padding.
  int accumulate = 1;     ///< Batches whose gradients are added up for one update.
};

struct LossOptions {
  double label_smoothing = 0;   ///< Of the tokens: the share of a label's weight that goes to all tokens alike.
  double balance = 0;           ///< Weight of the loss that keeps the experts of a mixture evenly busy, such as 0.01.
  double auxiliary = 0.1;       ///< Weight of the per-frame heads, summed over their outputs.
  double positive_weight = 5;   ///< Of ones in the targets of the per-frame heads.
  double guided_attention = 1;  ///< Weight of -log of the attention mass at the frame of the token to be predicted.
  int guided_radius = 1;        ///< Frames to either side that count as hit.
};

struct ScheduleOptions {
  enum class Kind {
    kElapsed,  ///< Linear warm-up from 0, cosine over the run down to final_share of the rate.
    kCosine,   ///< The reference's: warm-up from half the rate, cosine down to final_lr at total_steps.
    kLegacy,   ///< T5's: inverse square root, then linear to zero.
    kConstant,
  };
  Kind kind = Kind::kElapsed;
  double lr = 8e-4;
  std::int64_t warmup_steps = 300;
  std::int64_t total_steps = 100000;
  double duration_minutes = 0;  ///< Length of the run in minutes of training, instead of total_steps; 0 for none.
  double final_share = 0.02;    ///< kElapsed.
  double final_lr = 1e-5;       ///< kCosine.
};

/// A part of the run with its own diet.
struct PhaseOptions {
  double share = 1;  ///< Of the whole run; the shares are scaled to sum to one.
  int min_stems = 1;
  int max_stems = 6;
  double onset_share = 1;        ///< Segments whose target tells onsets only (tasks that have that mode).
  double coherent_share = 0.25;  ///< Segments whose stems belong to one piece.
  int batch_size = 0;            ///< In place of batch.size; 0 keeps that.
};

struct RunOptions {
  std::string device = "cpu";  ///< "cpu", "cuda" or "cuda:N"; of several processes each takes the GPU of its own.
  int workers = 2;             ///< Threads that share every batch, each with its own passes; one on a GPU.
  bool bf16 = true;            ///< Matrix products in bfloat16, where they are faster.
  std::uint64_t seed = 1;      ///< Of the initial weights and of dropout.
  std::int64_t log_steps = 50;
  std::int64_t validation_steps = 1000;
  int validation_segments = 64;   ///< Held-out segments whose losses are taken.
  bool validation_exact = false;  ///< Also count those that greedy decoding writes without a mistake.
  /// Held-out tracks that are transcribed and scored as `yourmt3` would; so many of each of `data.sets`.
  int validation_tracks = 0;
  double validation_seconds = 60;   ///< Of each of them, from its start.
  std::string monitor = "onset_f";  ///< The score of these tracks by which the best models are kept.
  int keep_best = 4;
  double checkpoint_minutes = 5;
  double average_decay = 0;  ///< Of a moving average of the weights, which is validated and exported; 0 for none.
  double divergence = 4;     ///< Stop when the mean loss rises by so much above the lowest there was, in nats.
  bool tensorboard = true;
  double peer_timeout_minutes = 30;  ///< How long a process waits for the others.
};

/// What is learnt when a run begins with a trained model; see torchnet/fine_tuning.h for patterns.
struct FineTuneOptions {
  std::vector<std::string> frozen;  ///< Patterns of parameters that stay as they are.
  std::optional<LoraOptions> lora;  ///< Low-rank differences are learnt instead of whole matrices.
};

/// Everything that determines a training run.
struct TrainConfig {
  ModelConfig model;
  DataOptions data;
  StemMixOptions stems;          ///< Seed and split are those of `data`, `production` the one below.
  ProductionOptions production;  ///< Makes mixes of either kind more like recordings.
  LoaderOptions loader;
  BatchOptions batch;
  LossOptions loss;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  std::vector<PhaseOptions> phases = {PhaseOptions{}};
  InitialiseOptions initialise;
  RunOptions run;
  FineTuneOptions fine_tune;
  /// Goes into the metadata of the exported model: licence, music, sounds, author ...
  std::map<std::string, std::string> provenance;
};

/// Throws Error(kMalformed) naming an unknown field or a wrong type and Error(kInvalidArgument) for a value out of
/// range. `model` is either the table of a model file's configuration or the name of a published variant.
TrainConfig parse_train_config(const nlohmann::json& json);

/// A table such as `data.compose`, without a folder to write to. Throws as parse_train_config() does.
ComposeStoreOptions parse_compose(const nlohmann::json& json);

}  // namespace yourmt3
