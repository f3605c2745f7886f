#include "train/validation.h"

#include <array>
#include <cmath>

#include "evaluate/evaluate_set.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {
namespace {

constexpr std::array kScores = {"onset_f", "offset_f", "frame_f", "onset_f_drum", "multi_f"};

}  // namespace

Validation::Validation(std::span<const StemDataSet> sets, const std::string& split, int n_tracks, double max_sec) {
  for (const StemDataSet& set : sets) {
    const std::size_t last = tracks_.size() + static_cast<std::size_t>(n_tracks);
    const std::vector<std::string> splits = set.splits.empty() ? std::vector{split} : set.splits;
    for (const std::string& wanted : splits) {
      for (const auto& folder : set.stores) {
        if (tracks_.size() < last) add(folder, wanted, last - tracks_.size(), max_sec);
      }
    }
  }
}

void Validation::add(const std::filesystem::path& store, const std::string& split, std::size_t limit, double max_sec) {
  EvaluationSet set;
  set.store = store;
  set.split = split;
  set.classes = "GM_INSTR_CLASS_PLUS";
  set.limit_tracks = limit;
  set.max_seconds = max_sec;
  const OpenedSet opened(std::move(set));
  for (const EvaluationTrack& track : opened.tracks()) tracks_.emplace_back(opened, track);
}

std::map<std::string, double> Validation::score(const std::filesystem::path& model, int n_threads,
                                                const Peers& peers) const {
  Transcriber::Options options;
  options.n_threads = n_threads;
  options.precision = Precision::kF32;  // Scores of different machines are compared.
  const Transcriber transcriber(model, options);
  std::array<double, 2 * kScores.size()> sums = {};  // Of each score: its sum, and over how many tracks.
  for (std::size_t i = static_cast<std::size_t>(peers.rank()); i < tracks_.size();
       i += static_cast<std::size_t>(peers.size())) {
    const auto& [set, track] = tracks_[i];
    const TrackMetrics found = evaluate_track(set, track, transcriber).metrics;
    for (std::size_t k = 0; k < kScores.size(); ++k) {
      for (const auto* group : {&found.drum, &found.non_drum, &found.instrument}) {
        const auto entry = group->find(kScores[k]);
        if (entry == group->end() || !std::isfinite(entry->second.value)) continue;
        sums[2 * k] += entry->second.value;
        sums[2 * k + 1] += 1;
      }
    }
  }
  peers.sum(sums);
  std::map<std::string, double> scores;
  for (std::size_t k = 0; k < kScores.size(); ++k) {
    if (sums[2 * k + 1] > 0) scores[kScores[k]] = sums[2 * k] / sums[2 * k + 1];
  }
  return scores;
}

}  // namespace yourmt3
