#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/compose_store.h"
#include "experiment/effect.h"
#include "train/train_config.h"

namespace yourmt3 {

/// A data set of an experiment: composed for it, or prepared before.
struct ExperimentData {
  std::string name;
  std::vector<std::string> stores;             ///< Folders of prepared data.
  std::optional<ComposeStoreOptions> compose;  ///< Or music to compose, into the folder data/NAME of the experiment.
  double weight = 1;                           ///< In training, see WeightMode.
  std::vector<std::string> splits;             ///< To learn from, in place of data.split.
  bool train = true;                           ///< Learnt from, unless a variant names its data itself.
  bool evaluate = true;                        ///< Held-out tracks are transcribed.
  std::string evaluate_split = "validation";
};

/// What an experiment compares.
struct ExperimentVariant {
  std::string name;
  std::string says;                  ///< What is different, in words.
  std::filesystem::path model;       ///< A model file to examine instead of training one.
  nlohmann::json set;                ///< Laid over the training configuration of all.
  std::vector<std::string> data;     ///< Names of what it learns from; empty: all that is for training.
  std::vector<std::uint64_t> seeds;  ///< In place of the experiment's.
  std::map<std::string, double> at;  ///< Its place on the axes of the curves that it belongs to.
};

struct ExperimentEvaluation {
  int tracks = 16;                   ///< Of each data set at most.
  double seconds = 30;               ///< Of each track at most, from its start.
  bool by_instrument = false;        ///< Also a table by instrument.
  bool experts = false;              ///< Which experts are active, see examine/expert_use.h.
  std::vector<EffectSweep> effects;  ///< Besides the sound as it is.
};

struct ExperimentReport {
  std::vector<std::string> scores = {"onset_f"};  ///< Columns of the tables; the first is the one that is drawn.
  std::vector<std::string> can_conclude;          ///< Written by the author, item by item.
  std::vector<std::string> cannot_conclude;
};

/// An experiment at one size.
struct Experiment {
  std::string name;  ///< Of the file, without its ending.
  std::string title;
  std::string question;
  std::string scale;    ///< "small" or "full".
  nlohmann::json base;  ///< Training configuration of all variants.
  std::vector<std::uint64_t> seeds = {1};
  std::vector<ExperimentData> data;
  std::vector<ExperimentVariant> variants;
  ExperimentEvaluation evaluation;
  ExperimentReport report;
  nlohmann::json document;  ///< All of this as it was resolved.
};

/// An experiment from its file's document: the table named by `scale` is laid over the rest, then come `settings` as
/// KEY=VALUE. Paths of models and of `base.file`, a training configuration, are relative to `folder`. Throws
/// Error(kMalformed) naming an unknown field or a wrong type, and Error(kInvalidArgument) for what cannot be carried
/// out, training configurations of variants included.
Experiment parse_experiment(nlohmann::json document, const std::string& name, const std::filesystem::path& folder,
                            const std::string& scale, const std::vector<std::string>& settings = {});

/// The training configuration of a variant and seed. Composed data lies in folders of `data_folder` named as it is.
nlohmann::json variant_config(const Experiment& experiment, const ExperimentVariant& variant, std::uint64_t seed,
                              const std::filesystem::path& data_folder);

/// The seeds that a variant is trained with; a model file counts once.
std::vector<std::uint64_t> seeds_of(const Experiment& experiment, const ExperimentVariant& variant);

/// 16 hexadecimal digits that change with any setting of a resolved document, but not with the words of its report:
/// they can be written when the results are there.
std::string config_hash(nlohmann::json document);

}  // namespace yourmt3
