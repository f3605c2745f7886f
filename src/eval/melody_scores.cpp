#include "eval/melody_scores.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "eval/note_matching.h"

namespace yourmt3 {

namespace {

constexpr double kHopSec = 0.01;
constexpr double kBaseHz = 10;
constexpr double kToleranceCents = 50;
constexpr double kLatestSec = 100000;

double rounded(double seconds) {
  return std::nearbyint(seconds * 1e10) / 1e10;
}

std::vector<double> time_grid(double end_sec) {
  const auto last = static_cast<std::size_t>(std::floor(rounded(end_sec) / kHopSec));
  const double stop_sec = kHopSec * static_cast<double>(last);
  std::vector<double> grid(last + 1);
  const double step = last == 0 ? 0 : stop_sec / static_cast<double>(last);
  for (std::size_t i = 0; i <= last; ++i) grid[i] = rounded(static_cast<double>(i) * step);
  return grid;
}

// numpy's allclose with its default tolerances.
bool all_close(const std::vector<std::pair<double, double>>& samples, const std::vector<double>& grid) {
  if (samples.size() != grid.size()) return false;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (std::abs(samples[i].first - grid[i]) > 1e-8 + 1e-5 * std::abs(grid[i])) return false;
  }
  return true;
}

// Cents above kBaseHz every 10 ms; none where the reference's computation fails.
std::optional<std::vector<double>> pitch_curve(std::span<const Note> notes) {
  if (notes.empty() || notes.front().onset_sec == 0) return std::nullopt;
  std::vector<std::pair<double, double>> samples;  // (seconds, cents)
  const auto cents_of = [](const Note& note) { return 1200 * std::log2(midi_to_hz(note.pitch) / kBaseHz); };
  samples.emplace_back(0, cents_of(notes.front()));
  for (const Note& note : notes) {
    if (!(note.onset_sec >= 0 && note.onset_sec <= kLatestSec)) {
      fail(ErrorCode::kInvalidArgument, "a note at {} s cannot be scored, expected 0 to {} s", note.onset_sec,
           kLatestSec);
    }
    samples.emplace_back(note.onset_sec, cents_of(note));
  }
  std::stable_sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto equal = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (std::adjacent_find(samples.begin(), samples.end(), equal) != samples.end()) return std::nullopt;

  const std::vector<double> grid = time_grid(samples.back().first);
  std::vector<double> curve;
  if (all_close(samples, grid)) {
    for (const auto& sample : samples) curve.push_back(sample.second);
    return curve;
  }
  std::size_t k = 0;
  for (const double time_sec : grid) {
    while (k + 2 < samples.size() && samples[k + 1].first <= time_sec) ++k;
    const auto& [t0, c0] = samples[k];
    const auto& [t1, c1] = samples[k + 1];
    curve.push_back(time_sec >= t1 ? c1 : (c1 - c0) / (t1 - t0) * (time_sec - t0) + c0);
  }
  return curve;
}

}  // namespace

MelodyScore score_melody(std::span<const Note> reference, std::span<const Note> estimate) {
  const auto r = pitch_curve(reference);
  const auto e = pitch_curve(estimate);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (!r || !e) return {kNone, kNone, kNone};
  int n_pitch = 0;
  int n_chroma = 0;
  for (std::size_t i = 0; i < std::min(r->size(), e->size()); ++i) {
    if ((*r)[i] == 0 || (*e)[i] == 0) continue;
    const double difference = std::abs((*r)[i] - (*e)[i]);
    const double octaves = 1200 * std::floor(difference / 1200 + 0.5);
    n_pitch += difference < kToleranceCents ? 1 : 0;
    n_chroma += std::abs(difference - octaves) < kToleranceCents ? 1 : 0;
  }
  const auto n_frames = static_cast<double>(r->size());
  return {n_pitch / n_frames, n_chroma / n_frames, n_pitch / n_frames};
}

}  // namespace yourmt3
