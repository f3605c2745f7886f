#include "data/track_mix.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "score/note_ops.h"

namespace yourmt3 {

std::size_t track_samples(const Store::Track& track) {
  if (track.mix) return track.mix->samples().size();
  std::size_t n_samples = 0;
  for (const Store::Stem& stem : track.stems) n_samples = std::max(n_samples, stem.wav.samples().size());
  return n_samples;
}

std::vector<float> track_mix(const Store::Track& track, std::size_t max_samples) {
  const std::size_t n_samples = std::min(track_samples(track), max_samples);
  std::vector<float> mix(n_samples);
  const auto add = [&](const StemWav& wav, double gain) {
    const auto samples = wav.samples();
    const std::size_t n = std::min(n_samples, samples.size());
    const auto scale = static_cast<float>(1 / (32768 * gain));
    for (std::size_t i = 0; i < n; ++i) mix[i] += scale * static_cast<float>(samples[i]);
  };
  if (track.mix) {
    add(*track.mix, 1);
    return mix;
  }
  for (const Store::Stem& stem : track.stems) add(stem.wav, stem.info.gain);
  // Stems that were levelled one by one may be too loud together.
  float peak = 1;
  for (const float sample : mix) peak = std::max(peak, std::abs(sample));
  for (float& sample : mix) sample /= peak;
  return mix;
}

std::vector<Note> track_notes(const Store::Track& track) {
  std::vector<std::vector<Note>> lists;
  for (const Store::Stem& stem : track.stems) {
    if (!stem.notes.empty()) lists.push_back(stem.notes);
  }
  std::vector<Note> notes;
  if (lists.size() == 1) {
    notes = std::move(lists[0]);
    sort_in_note_order(notes);
    return notes;
  }
  // One after another: all at once would give a note that is cut by two others another length.
  for (std::vector<Note>& list : lists) {
    const std::vector<Note> both[] = {std::move(notes), std::move(list)};
    notes = mix_notes(both);
  }
  return notes;
}

}  // namespace yourmt3
