#include "train/validation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "data/track_mix.h"
#include "eval/class_sets.h"
#include "eval/track_metrics.h"
#include "yourmt3/transcriber.h"

namespace yourmt3 {
namespace {

constexpr int kSampleRate = 16000;
constexpr std::array kScores = {"onset_f", "offset_f", "frame_f", "onset_f_drum", "multi_f"};

bool incomplete(const Store::Track& track) {
  return std::any_of(track.stems.begin(), track.stems.end(),
                     [](const Store::Stem& stem) { return stem.info.program == kUnannotatedProgram; });
}

}  // namespace

Validation::Validation(const std::vector<std::filesystem::path>& stores, const std::string& split, int n_tracks,
                       double max_sec) {
  if (n_tracks == 0) return;
  for (const auto& folder : stores) stores_.emplace_back(folder, split);
  for (const Store& store : stores_) {
    for (const Store::Track& track : store.tracks()) {
      if (static_cast<int>(tracks_.size()) == n_tracks) return;
      const std::size_t n_samples = std::min(track_samples(track), static_cast<std::size_t>(max_sec * kSampleRate));
      if (n_samples > 0) tracks_.push_back({&track, n_samples});
    }
  }
}

std::map<std::string, double> Validation::score(const std::filesystem::path& model, int n_threads,
                                                const Peers& peers) const {
  Transcriber::Options options;
  options.n_threads = n_threads;
  const Transcriber transcriber(model, options);
  TrackMetricOptions metrics;
  metrics.classes = &class_set("GM_INSTR_CLASS_PLUS");
  std::array<double, 2 * kScores.size()> sums = {};  // Of each score: its sum, and over how many tracks.
  for (std::size_t i = static_cast<std::size_t>(peers.rank()); i < tracks_.size();
       i += static_cast<std::size_t>(peers.size())) {
    const auto& [track, n_samples] = tracks_[i];
    const double seconds = static_cast<double>(n_samples) / kSampleRate;
    const bool partly = incomplete(*track);
    const std::set<int> annotated(track->info.annotated.begin(), track->info.annotated.end());
    const auto counts = [&](const Note& note) {
      return note.onset_sec < seconds && (!partly || annotated.contains(note.is_drum ? kDrumProgram : note.program));
    };
    const std::vector<Note> notes = track_notes(*track);
    std::vector<Note> reference, estimate;
    std::copy_if(notes.begin(), notes.end(), std::back_inserter(reference), counts);
    const Transcription heard = transcriber.transcribe_samples(track_mix(*track, n_samples), 1, kSampleRate);
    std::copy_if(heard.notes.begin(), heard.notes.end(), std::back_inserter(estimate), counts);
    const TrackMetrics found = compute_track_metrics(reference, estimate, metrics);
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
