#include "eval/track_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "core/lower_case.h"
#include "eval/f_measure.h"
#include "eval/frame_scores.h"
#include "eval/melody_scores.h"
#include "eval/note_matching.h"
#include "eval/scorable_notes.h"
#include "score/note_ops.h"

namespace yourmt3 {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
// As the reference: drums are matched as short notes, and only by their onsets.
constexpr double kDrumNoteSec = 0.008;

using Scores = std::map<std::string, WeightedScore>;

struct NoteScore {
  double f = kNone;
  WeightedScore precision{kNone, 0};
  WeightedScore recall{kNone, 0};
};

NoteScore score_notes_of(std::span<const Note> reference, std::span<const Note> estimate, const MatchOptions& options) {
  NoteScore score;
  // Against an empty side nothing is matched; only the other side's own score is known, and it is zero.
  if (reference.empty() || estimate.empty()) {
    if (!estimate.empty()) score.precision = {0, static_cast<double>(estimate.size())};
    if (!reference.empty()) {
      score.f = 0;
      score.recall = {0, static_cast<double>(reference.size())};
    }
    return score;
  }
  const MatchScore matched = score_matches(reference, estimate, options);
  score.f = matched.f1();
  score.precision = {matched.precision(), static_cast<double>(estimate.size())};
  score.recall = {matched.recall(), static_cast<double>(reference.size())};
  return score;
}

void store(Scores& scores, const std::string& kind, const std::string& suffix, const NoteScore& score, bool micro) {
  scores[kind + "_f" + suffix] = {score.f, 1};
  if (!micro) return;
  scores["micro_" + kind + "_p" + suffix] = score.precision;
  scores["micro_" + kind + "_r" + suffix] = score.recall;
}

std::vector<Note> drum_notes(std::span<const Note> notes, const DrumVocabulary* vocabulary) {
  std::vector<Note> drums;
  if (vocabulary != nullptr) {
    drums = reduce_drums(notes, *vocabulary);
  } else {
    std::copy_if(notes.begin(), notes.end(), std::back_inserter(drums), [](const Note& note) { return note.is_drum; });
  }
  for (Note& note : drums) note.offset_sec = note.onset_sec + kDrumNoteSec;
  return drums;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& other) { return lower_case(name) == lower_case(other); });
}

// What a file's multi_f is pooled from.
class Pool {
 public:
  void add(const NoteScore& score) {
    if (!std::isnan(score.precision.value)) {
      n_right_ += score.precision.value * score.precision.weight;
      n_estimate_ += score.precision.weight;
    }
    if (!std::isnan(score.recall.value)) n_reference_ += score.recall.weight;
  }

  double f() const {
    return f_eps(n_estimate_ == 0 ? kNone : n_right_ / n_estimate_,
                 n_reference_ == 0 ? kNone : n_right_ / n_reference_);
  }

 private:
  double n_right_ = 0;
  double n_estimate_ = 0;
  double n_reference_ = 0;
};

}  // namespace

TrackMetrics compute_track_metrics(std::span<const Note> reference, std::span<const Note> estimate,
                                   const TrackMetricOptions& options) {
  const MatchOptions with_offset{.onset_tolerance_sec = options.onset_tolerance_sec};
  MatchOptions onset_only = with_offset;
  onset_only.offset_ratio.reset();

  TrackMetrics metrics;
  Pool pool;
  const NoteScore drums =
      score_notes_of(drum_notes(reference, options.drums), drum_notes(estimate, options.drums), onset_only);
  store(metrics.drum, "onset", "_drum", drums, options.micro);
  pool.add(drums);

  const std::vector<Note> r = pitched_notes(reference);
  const std::vector<Note> e = pitched_notes(estimate);
  metrics.non_drum["onset_f"] = {score_notes_of(r, e, onset_only).f, 1};
  metrics.non_drum["offset_f"] = {score_notes_of(r, e, with_offset).f, 1};
  if (options.frame) {
    const PianoRoll r_roll = piano_roll(r);
    const PianoRoll e_roll = piano_roll(e);
    metrics.non_drum["frame_f"] = {score_frames(r_roll, e_roll).f1(), 1};
    metrics.non_drum["frame_f_pc"] = {score_chroma_frames(r_roll, e_roll).f1(), 1};
  }
  if (options.classes == nullptr) return metrics;

  const auto score_class = [&](std::span<const Note> r_notes, std::span<const Note> e_notes,
                               const std::string& suffix) {
    store(metrics.instrument, "onset", suffix, score_notes_of(r_notes, e_notes, onset_only), options.micro);
    const NoteScore with_offsets = score_notes_of(r_notes, e_notes, with_offset);
    store(metrics.instrument, "offset", suffix, with_offsets, options.micro);
    pool.add(with_offsets);
  };
  for (const ProgramClass& one : options.classes->classes()) {
    const std::vector<Note> r_class = select_programs(r, one.programs);
    const std::vector<Note> e_class = select_programs(e, one.programs);
    // As the reference: a class scored in both ways is counted twice in multi_f.
    if (contains(options.pitch_class_for, one.name)) {
      score_class(fold_octaves(r_class), fold_octaves(e_class), "_" + one.name + "_pc");
    }
    score_class(r_class, e_class, "_" + one.name);
    if (contains(options.melody_for, one.name)) {
      const MelodyScore melody = score_melody(r_class, e_class);
      metrics.instrument["melody_rpa_" + one.name] = {melody.raw_pitch, 1};
      metrics.instrument["melody_rca_" + one.name] = {melody.raw_chroma, 1};
      metrics.instrument["melody_oa_" + one.name] = {melody.overall, 1};
    }
  }
  if (options.multi) metrics.instrument["multi_f"] = {pool.f(), 1};
  return metrics;
}

double MetricAverage::Mean::value() const {
  return weight == 0 ? kNone : static_cast<double>(sum / weight);
}

void MetricAverage::accumulate(const std::map<std::string, WeightedScore>& scores) {
  for (const auto& [name, score] : scores) {
    Mean& mean = means_[name];
    if (std::isnan(score.value)) continue;
    const auto weight = static_cast<float>(score.weight);
    mean.sum += static_cast<float>(score.value) * weight;
    mean.weight += weight;
  }
}

void MetricAverage::add(const TrackMetrics& track) {
  accumulate(track.drum);
  accumulate(track.non_drum);
  accumulate(track.instrument);
}

std::map<std::string, double> MetricAverage::result() const {
  constexpr std::string_view kMicro = "micro_";
  std::map<std::string, double> values;
  for (const auto& [name, mean] : means_) {
    if (!name.starts_with(kMicro)) {
      values[name] = mean.value();
      continue;
    }
    // micro_onset_p_X and micro_onset_r_X become micro_onset_f_X.
    const std::size_t letter = name.find("_p_");
    if (letter == std::string::npos) continue;
    std::string recall_name = name;
    recall_name[letter + 1] = 'r';
    std::string f_name = name;
    f_name[letter + 1] = 'f';
    const auto recall = means_.find(recall_name);
    if (recall != means_.end()) values[f_name] = f_eps(mean.value(), recall->second.value());
  }
  return values;
}

}  // namespace yourmt3
