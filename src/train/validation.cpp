#include "train/validation.h"

#include <array>
#include <cmath>

#include "evaluate/evaluate_set.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {
namespace {

constexpr std::array kScores = {"onset_f", "offset_f", "frame_f", "onset_f_drum", "multi_f"};

}  // namespace

Validation::Validation(const std::vector<std::filesystem::path>& stores, const std::string& split, int n_tracks,
                       double max_sec) {
  for (const auto& folder : stores) {
    const auto rest = static_cast<std::size_t>(n_tracks) - tracks_.size();
    if (rest == 0) return;
    EvaluationSet set;
    set.store = folder;
    set.split = split;
    set.classes = "GM_INSTR_CLASS_PLUS";
    set.limit_tracks = rest;
    set.max_seconds = max_sec;
    const OpenedSet opened(std::move(set));
    for (const EvaluationTrack& track : opened.tracks()) tracks_.emplace_back(opened, track);
  }
}

std::map<std::string, double> Validation::score(const std::filesystem::path& model, int n_threads,
                                                const Peers& peers) const {
  Transcriber::Options options;
  options.n_threads = n_threads;
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
