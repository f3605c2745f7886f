#include "data/stem_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/fail.h"
#include "data/synthesizer.h"

namespace yourmt3 {

StemFile::StemFile(const Store::Track& track) : track_(&track) {
  latest_.resize(track.stems.size());
  for (std::size_t i = 0; i < track.stems.size(); ++i) {
    const auto& stem = track.stems[i];
    n_samples_ = std::max(n_samples_, static_cast<std::int64_t>(stem.wav.samples().size()));
    if (stem.info.is_mix()) {
      has_stems_ = false;
      programs_ = stem.info.programs;
      const bool all = std::all_of(programs_.begin(), programs_.end(),
                                   [&](int program) { return program != kUnannotatedProgram && tells(program); });
      std::erase(programs_, kUnannotatedProgram);
      if (!all) programs_.push_back(kUnannotatedProgram);
    } else {
      programs_.push_back(tells(stem.info.program) ? stem.info.program : kUnannotatedProgram);
      if (programs_.back() == kUnannotatedProgram) continue;
    }
    double latest = 0;
    for (const auto& note : stem.notes) {
      // A drum note is only its beginning.
      latest = std::max(latest, note.is_drum ? note.onset_sec : note.offset_sec);
      latest_[i].push_back(latest);
    }
  }
}

bool StemFile::tells(int program) const {
  return std::binary_search(track_->info.annotated.begin(), track_->info.annotated.end(), program);
}

StemFile::Range StemFile::range(std::size_t stem, double from, double to) const {
  const auto& latest = latest_[stem];
  if (latest.empty()) return {};
  const auto& notes = track_->stems[stem].notes;
  const auto first = std::lower_bound(latest.begin(), latest.end(), from) - latest.begin();
  const auto last = std::lower_bound(notes.begin() + first, notes.end(), to,
                                     [](const Note& note, double time) { return note.onset_sec < time; });
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(last - notes.begin())};
}

bool StemFile::has_notes(std::int64_t start, std::int64_t length) const {
  const double from = static_cast<double>(start) / kRenderRate;
  const double to = static_cast<double>(start + length) / kRenderRate;
  for (std::size_t i = 0; i < latest_.size(); ++i) {
    const auto [first, last] = range(i, from, to);
    // The first of the range reaches into the window.
    if (first < last && has_stems_) return true;
    for (std::size_t n = first; n < last; ++n) {
      const auto& note = track_->stems[i].notes[n];
      if ((note.is_drum ? note.onset_sec : note.offset_sec) >= from && tells(note.program)) return true;
    }
  }
  return false;
}

std::vector<Note> StemFile::notes(std::int64_t start, std::int64_t length) const {
  const double from = static_cast<double>(start) / kRenderRate;
  const double to = static_cast<double>(start + length) / kRenderRate;
  std::vector<Note> inside;
  for (std::size_t i = 0; i < latest_.size(); ++i) {
    const auto [first, last] = range(i, from, to);
    for (std::size_t n = first; n < last; ++n) {
      auto note = track_->stems[i].notes[n];
      if ((note.is_drum ? note.onset_sec : note.offset_sec) < from || !tells(note.program)) continue;
      note.onset_sec -= from;
      note.offset_sec -= from;
      inside.push_back(note);
    }
  }
  return inside;
}

StemFiles::StemFiles(std::span<const StemDataSet> sets, const std::string& split) : sets_(sets.begin(), sets.end()) {
  if (sets.empty()) fail(ErrorCode::kInvalidArgument, "no data sets to mix from");
  std::size_t n_stores = 0;
  for (const auto& set : sets_) n_stores += set.stores.size() * std::max<std::size_t>(set.splits.size(), 1);
  stores_.reserve(n_stores);  // files point into them
  for (const auto& set : sets_) {
    auto& files = files_.emplace_back();
    if (set.splits.empty()) add_files(set, split, files);
    for (const auto& own : set.splits) add_files(set, own, files);
  }
}

void StemFiles::add_files(const StemDataSet& set, const std::string& split, std::vector<StemFile>& files) {
  const std::size_t before = files.size();
  std::set<std::string> splits;
  for (const auto& folder : set.stores) {
    const auto& store = stores_.emplace_back(folder, split);
    splits.insert(store.splits().begin(), store.splits().end());
    for (const auto& track : store.tracks()) {
      if (!track.stems.empty()) files.emplace_back(track);
    }
  }
  if (files.size() > before) return;
  if (split.empty() || splits.empty()) {
    fail(ErrorCode::kInvalidArgument, "data set '{}' has no tracks; give it a prepared store or leave it out",
         set.name);
  }
  fail(ErrorCode::kInvalidArgument,
       "data set '{}' has no tracks of split '{}', only of {}; name one of these, or add a store that has it", set.name,
       split, fmt::join(splits, ", "));
}

std::vector<double> set_probabilities(std::span<const double> weights, std::span<const long> files, WeightMode mode,
                                      double temperature) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= 0)) fail(ErrorCode::kInvalidArgument, "data set {} has the weight {}", i, weights[i]);
  }
  std::vector<double> chances(weights.begin(), weights.end());
  if (mode == WeightMode::kReference) {
    chances = sampling_weights(weights, files).per_file;
    for (std::size_t i = 0; i < chances.size(); ++i) chances[i] *= static_cast<double>(files[i]);
  } else if (mode == WeightMode::kTemperature) {
    if (!(temperature > 0)) fail(ErrorCode::kInvalidArgument, "the temperature of the data sets is {}", temperature);
    for (std::size_t i = 0; i < chances.size(); ++i) {
      chances[i] *= std::pow(static_cast<double>(files[i]), 1 / temperature);
    }
  }
  const double total = std::accumulate(chances.begin(), chances.end(), 0.0);
  if (!(total > 0)) fail(ErrorCode::kInvalidArgument, "the weights of the data sets leave nothing to draw");
  for (double& chance : chances) chance /= total;
  return chances;
}

SegmentEvents events_of(std::span<const Note> notes, double seconds) {
  SegmentEvents segment;
  for (const auto& note : notes) {
    if (note.is_drum || note.onset_sec >= 0) {
      segment.events.push_back({note.is_drum, note.program, note.onset_sec, 1, note.pitch});
    } else {
      segment.ties.push_back({note.program, note.pitch});
    }
    if (!note.is_drum && note.offset_sec < seconds) {
      segment.events.push_back({false, note.program, note.offset_sec, 0, note.pitch});
    }
  }
  sort_events(segment.events);
  std::sort(segment.ties.begin(), segment.ties.end());
  return segment;
}

}  // namespace yourmt3
