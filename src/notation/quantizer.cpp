#include "notation/quantizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "core/fail.h"
#include "notation/sheet_music.h"

namespace yourmt3 {
namespace {

constexpr double kJitterSec = 0.022;  // Standard deviation of what players and listeners make of an onset.
constexpr double kJoined = 4;         // Cost of two attacks becoming one.
constexpr double kAttackSec = 0.04;   // Onsets closer than this are one attack.

/// A way to divide a beat, and the cost of reading it.
struct Division {
  int steps;
  double cost;
};
constexpr std::array<Division, 6> kSimple = {{{1, 0}, {2, 0.5}, {4, 1.5}, {3, 3.5}, {8, 7}, {6, 8}}};
constexpr std::array<Division, 5> kCompound = {{{1, 0}, {3, 0.5}, {6, 2}, {2, 3.5}, {12, 8}}};

double cost_of(std::span<const double> phases, double beat_sec, const Division& division) {
  double cost = division.cost;
  double previous_sec = -1, previous_point = -1;
  for (const double phase : phases) {
    const double point = std::round(phase * division.steps);
    const double deviation = (phase - point / division.steps) * beat_sec / kJitterSec;
    // Beyond three deviations nothing is gained by a finer grid.
    cost += std::min(0.5 * deviation * deviation, 4.5);
    if (point == previous_point && phase * beat_sec - previous_sec > kAttackSec) cost += kJoined;
    previous_sec = phase * beat_sec;
    previous_point = point;
  }
  return cost;
}

/// Attacks of a part as phases of beats: by beat.
std::vector<std::vector<double>> attacks_by_beat(std::span<const double> onsets, std::size_t n_beats) {
  std::vector<double> sorted(onsets.begin(), onsets.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::vector<double>> phases(n_beats);
  for (const double onset : sorted) {
    const double beat = std::clamp(std::floor(onset), 0.0, static_cast<double>(n_beats) - 1);
    phases[static_cast<std::size_t>(beat)].push_back(std::max(0.0, onset - beat));
  }
  return phases;
}

}  // namespace

QuantizedPart quantize(std::span<const Note> notes, const BeatGrid& grid) {
  const std::size_t n_beats = grid.beat_sec.size() - 1;
  const int beat_divisions = grid.metre.compound ? kQuarterDivisions * 3 / 2 : kQuarterDivisions;
  const int last = static_cast<int>(n_beats) * beat_divisions;
  std::vector<double> onsets;
  for (const Note& note : notes) onsets.push_back(grid.beat_at(note.onset_sec));
  const auto phases = attacks_by_beat(onsets, n_beats);

  QuantizedPart part;
  for (std::size_t beat = 0; beat < n_beats; ++beat) {
    const std::span<const Division> divisions =
        grid.metre.compound ? std::span<const Division>(kCompound) : std::span<const Division>(kSimple);
    const double beat_sec = grid.beat_sec[beat + 1] - grid.beat_sec[beat];
    const auto best = std::min_element(divisions.begin(), divisions.end(), [&](const Division& a, const Division& b) {
      return cost_of(phases[beat], beat_sec, a) < cost_of(phases[beat], beat_sec, b);
    });
    part.step.push_back(beat_divisions / best->steps);
  }
  const auto on_grid = [&](double position) {
    const double beat = std::clamp(std::floor(position), 0.0, static_cast<double>(n_beats) - 1);
    const int step = part.step[static_cast<std::size_t>(beat)];
    const double steps = std::round(std::clamp(position - beat, 0.0, 1.0) * beat_divisions / step);
    return static_cast<int>(beat) * beat_divisions + static_cast<int>(steps) * step;
  };
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const int begin = std::min(on_grid(onsets[i]), last - part.step.back());
    const int end = on_grid(grid.beat_at(notes[i].offset_sec));
    const int step = part.step[static_cast<std::size_t>(begin / beat_divisions)];
    part.notes.push_back({begin, std::max(end, begin + step), notes[i].pitch});
  }
  std::sort(part.notes.begin(), part.notes.end(), [](const QuantizedNote& a, const QuantizedNote& b) {
    return std::tie(a.begin, a.pitch, b.end) < std::tie(b.begin, b.pitch, a.end);
  });
  // One key begins once at a time; the longer one stays.
  const auto twice = std::unique(part.notes.begin(), part.notes.end(),
                                 [](const auto& a, const auto& b) { return a.begin == b.begin && a.pitch == b.pitch; });
  part.notes.erase(twice, part.notes.end());
  return part;
}

}  // namespace yourmt3
