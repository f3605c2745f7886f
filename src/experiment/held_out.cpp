#include "experiment/held_out.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "data/track_mix.h"
#include "eval/class_sets.h"
#include "evaluate/evaluation_set.h"
#include "score/drum_groups.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

constexpr int kSampleRate = 16000;

/// Drums that sound alike get one key, as networks write them.
std::vector<Note> by_drum_class(std::vector<Note> notes) {
  const DrumVocabulary& drums = drum_vocabulary("gm");
  for (Note& note : notes) {
    if (note.is_drum) note.pitch = drums.representative(note.pitch);
  }
  return notes;
}

TrackOutcome score(const std::string& id, const std::vector<Note>& reference, const std::vector<Note>& estimate) {
  TrackOutcome outcome;
  outcome.id = id;
  const ScoreReport report = score_notes(reference, estimate);
  const auto add = [&](const std::string& name, const ScoreLine& line) {
    if (line.empty()) return;
    outcome.scores[name + "_f1"] = line.f1();
    outcome.scores[name + "_precision"] = line.precision();
    outcome.scores[name + "_recall"] = line.recall();
  };
  add("onset", report.onset);
  add("onset_offset", report.onset_offset);
  add("frame", report.frame);
  add("drum_onset", report.drum_onset);
  add("multi", report.multi);
  add("multi_onset", report.multi_onset);
  for (const InstrumentScore& instrument : report.instruments) outcome.instruments[instrument.name] = instrument.onset;
  NoteOutcomes outcomes =
      count_outcomes(by_drum_class(reference), by_drum_class(estimate), class_set("GM_INSTR_CLASS_PLUS"));
  outcome.errors = outcomes.all;
  outcome.errors_by_class = std::move(outcomes.by_class);
  return outcome;
}

NoteErrors errors_of(const json& counts) {
  NoteErrors errors;
  for (std::size_t i = 0; i < kNoteOutcomes; ++i) errors.counts[i] = counts.at(i);
  return errors;
}

/// The sound as it is, and every level of every effect.
struct Condition {
  std::optional<Effect> effect;
  double level = 0;
};

std::vector<Condition> conditions_of(const ExperimentEvaluation& evaluation) {
  std::vector<Condition> conditions = {{}};
  for (const EffectSweep& sweep : evaluation.effects) {
    for (const double level : sweep.levels) conditions.push_back({sweep.effect, level});
  }
  return conditions;
}

/// The held-out tracks of one data set, from all of its stores.
struct HeldOut {
  std::string name;
  std::vector<std::pair<OpenedSet, EvaluationTrack>> tracks;  // A set is cheap to copy.
};

std::vector<HeldOut> open_sets(const Experiment& experiment, const std::filesystem::path& data_folder) {
  std::vector<HeldOut> sets;
  for (const ExperimentData& data : experiment.data) {
    if (!data.evaluate) continue;
    HeldOut& held_out = sets.emplace_back();
    held_out.name = data.name;
    auto left = static_cast<std::size_t>(experiment.evaluation.tracks);
    for (const auto& store : stores_of(data, data_folder)) {
      if (left == 0) break;
      EvaluationSet set;
      set.name = data.name;
      set.store = store;
      set.split = data.evaluate_split;
      set.limit_tracks = left;
      set.max_seconds = experiment.evaluation.seconds;
      const OpenedSet opened(set);
      if (opened.tracks().empty()) {
        fail(ErrorCode::kInvalidArgument, "{}: no track of split '{}' to evaluate with", store.string(), set.split);
      }
      left -= opened.tracks().size();
      for (const EvaluationTrack& item : opened.tracks()) held_out.tracks.emplace_back(opened, item);
    }
  }
  return sets;
}

}  // namespace

std::vector<std::filesystem::path> stores_of(const ExperimentData& data, const std::filesystem::path& data_folder) {
  if (data.compose) return {data_folder / data.name};
  return {data.stores.begin(), data.stores.end()};
}

std::vector<SetOutcome> evaluate_model(const Experiment& experiment, const std::filesystem::path& model,
                                       const std::filesystem::path& data_folder, int n_threads,
                                       const std::atomic<bool>& stop, const ProgressCallback& progress) {
  Transcriber::Options options;
  options.n_threads = n_threads;
  options.precision = Precision::kF32;  // Scores of different machines are compared.
  const Transcriber transcriber(model, options);
  const auto keep_going = [&stop](double, double) { return !stop; };
  const auto conditions = conditions_of(experiment.evaluation);
  const std::vector<HeldOut> sets = open_sets(experiment, data_folder);
  std::size_t n_tracks = 0, n_done = 0;
  for (const HeldOut& set : sets) n_tracks += set.tracks.size();
  std::vector<SetOutcome> outcomes;
  for (const HeldOut& set : sets) {
    const std::size_t first = outcomes.size();
    for (const Condition& condition : conditions) {
      outcomes.push_back({set.name, condition.effect ? name_of(*condition.effect) : "", condition.level, {}});
    }
    std::uint64_t number = 0;
    for (const auto& [opened, item] : set.tracks) {
      const std::vector<Note> reference = opened.reference(item);
      const std::vector<float> mix = track_mix(*item.track, item.n_samples);
      for (std::size_t i = 0; i < conditions.size(); ++i) {
        std::vector<float> samples = mix;
        // Every track has a room and noise of its own, the same for all models.
        if (conditions[i].effect) apply_effect(samples, *conditions[i].effect, conditions[i].level, number);
        const Transcription heard = transcriber.transcribe_samples(samples, 1, kSampleRate, keep_going);
        outcomes[first + i].tracks.push_back(score(item.track->info.id, reference, opened.estimate(item, heard.notes)));
      }
      ++number;
      report_progress(progress, static_cast<double>(++n_done), static_cast<double>(n_tracks));
    }
  }
  return outcomes;
}

json to_json(const std::vector<SetOutcome>& outcomes) {
  json list = json::array();
  for (const SetOutcome& outcome : outcomes) {
    json tracks = json::array();
    for (const TrackOutcome& track : outcome.tracks) {
      json instruments = json::object();
      for (const auto& [name, line] : track.instruments) {
        instruments[name] = {line.n_reference, line.n_estimate, line.n_matched};
      }
      json by_class = json::object();
      for (const auto& [name, errors] : track.errors_by_class) by_class[name] = errors.counts;
      tracks.push_back({{"id", track.id},
                        {"outcomes_by_class", by_class},
                        {"scores", track.scores},
                        {"instruments", instruments},
                        {"outcomes", track.errors.counts}});
    }
    list.push_back({{"set", outcome.set}, {"effect", outcome.effect}, {"level", outcome.level}, {"tracks", tracks}});
  }
  return list;
}

std::vector<SetOutcome> outcomes_of(const json& list) {
  std::vector<SetOutcome> outcomes;
  for (const json& one : list) {
    SetOutcome outcome{one.at("set"), one.at("effect"), one.at("level"), {}};
    for (const json& item : one.at("tracks")) {
      TrackOutcome track;
      track.id = item.at("id");
      track.scores = item.at("scores").get<std::map<std::string, double>>();
      for (const auto& [name, line] : item.at("instruments").items()) {
        track.instruments[name] = {line.at(0), line.at(1), line.at(2)};
      }
      track.errors = errors_of(item.at("outcomes"));
      for (const auto& [name, counts] : item.at("outcomes_by_class").items()) {
        track.errors_by_class[name] = errors_of(counts);
      }
      outcome.tracks.push_back(std::move(track));
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace yourmt3
