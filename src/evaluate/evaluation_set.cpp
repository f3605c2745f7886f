#include "evaluate/evaluation_set.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "core/lower_case.h"
#include "data/synthesizer.h"
#include "data/track_mix.h"
#include "eval/class_sets.h"
#include "score/drum_groups.h"
#include "score/note_ops.h"

namespace yourmt3 {
namespace {

bool contains(const std::vector<int>& programs, int program) {
  return std::find(programs.begin(), programs.end(), program) != programs.end();
}

bool is_complete(const TrackInfo& track) {
  const auto annotated = [&](int program) { return contains(track.annotated, program); };
  return std::all_of(track.stems.begin(), track.stems.end(), [&](const StemInfo& stem) {
    return stem.is_mix() ? std::all_of(stem.programs.begin(), stem.programs.end(), annotated) : annotated(stem.program);
  });
}

/// Networks write one program for a whole class, so that an annotated program speaks for its class.
bool same_class(const ProgramVocabulary& classes, int program, const std::vector<int>& annotated) {
  return std::any_of(classes.classes().begin(), classes.classes().end(), [&](const ProgramClass& one) {
    return contains(one.programs, program) &&
           std::any_of(annotated.begin(), annotated.end(), [&](int other) { return contains(one.programs, other); });
  });
}

void require_classes(const EvaluationSet& set, const ProgramVocabulary* classes, const std::vector<std::string>& names,
                     std::string_view option) {
  for (const std::string& name : names) {
    if (classes == nullptr) {
      fail(ErrorCode::kInvalidArgument, "{} names '{}', but no instrument classes are given; give them by 'classes'",
           option, name);
    }
    std::vector<std::string> known;
    for (const ProgramClass& one : classes->classes()) known.push_back(one.name);
    if (std::none_of(known.begin(), known.end(),
                     [&](const std::string& one) { return lower_case(one) == lower_case(name); })) {
      fail(ErrorCode::kInvalidArgument, "{} names '{}', expected classes of {}: {}", option, name, set.classes,
           fmt::join(known, ", "));
    }
  }
}

TrackMetricOptions metrics_of(const EvaluationSet& set) {
  try {
    TrackMetricOptions metrics;
    if (!set.classes.empty()) metrics.classes = &class_set(set.classes);
    if (!set.drums.empty()) metrics.drums = &drum_vocabulary(set.drums);
    require_classes(set, metrics.classes, set.pitch_class_for, "pitch_class_for");
    require_classes(set, metrics.classes, set.melody_for, "melody_for");
    metrics.pitch_class_for = set.pitch_class_for;
    metrics.melody_for = set.melody_for;
    return metrics;
  } catch (const Error& error) {
    fail(error.code(), "set '{}': {}", set.name, error.what());
  }
}

}  // namespace

OpenedSet::OpenedSet(EvaluationSet set) : set_(std::move(set)), metrics_(metrics_of(set_)) {
  store_ = std::make_shared<const Store>(set_.store, set_.split);
  for (const Store::Track& track : store_->tracks()) {
    if (set_.limit_tracks > 0 && tracks_.size() == set_.limit_tracks) break;
    EvaluationTrack item{&track, track_samples(track), false, is_complete(track.info)};
    if (item.n_samples == 0) {
      fail(ErrorCode::kMalformed, "{}: track '{}' has no samples", set_.store.string(), track.info.id);
    }
    const double limit = set_.max_seconds * kRenderRate;
    if (limit > 0 && static_cast<double>(item.n_samples) > limit) {
      item.n_samples = std::max<std::size_t>(1, static_cast<std::size_t>(limit));
      item.cut = true;
    }
    tracks_.push_back(item);
  }
}

void OpenedSet::require_tracks() const {
  if (!tracks_.empty()) return;
  fail(ErrorCode::kInvalidArgument, "{}: no track of split '{}'; there are: {}", set_.store.string(), set_.split,
       fmt::join(store_->splits(), ", "));
}

double OpenedSet::seconds() const {
  double sum = 0;
  for (const EvaluationTrack& item : tracks_) sum += item.seconds();
  return sum;
}

bool OpenedSet::complete() const {
  return std::all_of(tracks_.begin(), tracks_.end(), [](const EvaluationTrack& item) { return item.complete; });
}

bool OpenedSet::counts(const EvaluationTrack& item, const Note& note) const {
  if (item.complete || set_.score_unannotated) return true;
  const std::vector<int>& annotated = item.track->info.annotated;
  const int program = note.is_drum ? kDrumProgram : note.program;
  if (contains(annotated, program)) return true;
  if (note.is_drum) return false;
  return same_class(metrics_.classes != nullptr ? *metrics_.classes : class_set("GM_INSTR_CLASS_PLUS"), program,
                    annotated);
}

std::vector<Note> OpenedSet::counted(const EvaluationTrack& item, const std::vector<Note>& notes) const {
  std::vector<Note> scored;
  for (Note note : notes) {
    if (item.cut && note.onset_sec >= item.seconds()) continue;
    if (item.cut) note.offset_sec = std::min(note.offset_sec, item.seconds());
    if (counts(item, note)) scored.push_back(note);
  }
  return scored;
}

std::vector<Note> OpenedSet::reference(const EvaluationTrack& item) const {
  std::vector<Note> scored = counted(item, track_notes(*item.track));
  validate_notes(scored);
  return scored;
}

std::vector<Note> OpenedSet::estimate(const EvaluationTrack& item, const std::vector<Note>& heard) const {
  return counted(item, heard);
}

}  // namespace yourmt3
