#include "notation/bar_tracker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "notation/beat_features.h"
#include "notation/beat_tracker.h"

namespace yourmt3 {
namespace {

/// Log odds as a linear function of features.
struct LogisticModel {
  BeatFeatures weights;
  double bias;

  double operator()(const BeatFeatures& features) const {
    double sum = bias;
    for (std::size_t i = 0; i < kBeatFeatures; ++i) sum += weights[i] * features[i];
    return sum;
  }
};

// Fitted to composed pieces and to MIDI files with their own bars (bench/notation): which beats begin bars, a quarter
// of all, and which places between two beats and on them are beats, a half of all.
constexpr LogisticModel kBarModel = {{2.7, 1.0, 1.6, 1.5, -1.8, 1.6, 0.9, 0.5}, -1.7};
constexpr LogisticModel kBeatModel = {{-0.8, 0.6, 1.6, 0.6, 1.5, 3.4, 2.1, -0.1}, 0.1};

// How common metres and bars of another length are.
struct MetrePrior {
  int beats_per_bar;
  double log_prior;
};
constexpr std::array<MetrePrior, 3> kMetres = {{{4, 0}, {3, -3}, {2, -30}}};
constexpr double kIrregularBar = -9;

// Places near each other tell the same twice, those of halves more than those of beats.
constexpr double kBeatWeight = 0.25, kBarWeight = 0.5;
constexpr double kThirdsPrior = -0.05;  // For each attack: most music divides its beats by two.

double log_sigmoid(double x) {
  return x > 0 ? -std::log1p(std::exp(-x)) : x - std::log1p(std::exp(x));
}

/// Entropy of a choice with these odds, in nats.
double entropy(double share) {
  return -share * std::log(share) - (1 - share) * std::log(1 - share);
}

struct Grouping {
  std::vector<int> downbeats;
  double score = -std::numeric_limits<double>::infinity();
};

/// The best bars of usually `usual` beats: dynamic programming over bars of half to one and a half of that. `scores`:
/// log odds of each beat to begin a bar. The first and the last bar may be cut.
Grouping group_by(std::span<const double> scores, int usual) {
  const auto n = static_cast<int>(scores.size());
  const int shortest = std::max(1, usual / 2), longest = usual + usual / 2;
  std::vector<double> best(scores.size(), -std::numeric_limits<double>::infinity());
  std::vector<int> before(scores.size(), -1);
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  for (int beat = 0; beat < n; ++beat) {
    if (beat < usual) best[at(beat)] = 0;
    for (int length = shortest; length <= longest && length <= beat; ++length) {
      const double score = best[at(beat - length)] + (length == usual ? 0 : kIrregularBar);
      if (score > best[at(beat)]) best[at(beat)] = score, before[at(beat)] = beat - length;
    }
    best[at(beat)] += scores[at(beat)];
  }
  int last = n - 1;
  for (int beat = std::max(0, n - usual); beat < n; ++beat) {
    if (best[at(beat)] > best[at(last)]) last = beat;
  }
  Grouping grouping{{}, best[at(last)]};
  for (; last >= 0; last = before[at(last)]) grouping.downbeats.push_back(last);
  std::reverse(grouping.downbeats.begin(), grouping.downbeats.end());
  return grouping;
}

/// A way to count.
struct Reading {
  std::vector<double> beat_sec;
  bool thirds = false;
};

std::vector<double> every_second(const std::vector<double>& beats, std::size_t first) {
  std::vector<double> half;
  for (std::size_t i = first; i < beats.size(); i += 2) half.push_back(beats[i]);
  return half;
}

/// Each beat divided into `parts`.
std::vector<double> divided(const std::vector<double>& beats, int parts) {
  std::vector<double> fine;
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
    for (int k = 0; k < parts; ++k) fine.push_back(beats[i] + (beats[i + 1] - beats[i]) * k / parts);
  }
  fine.push_back(beats.back());
  return fine;
}

std::vector<double> off_beats(const std::vector<double>& beats) {
  std::vector<double> shifted = {beats[0] - (beats[1] - beats[0]) / 2};
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) shifted.push_back((beats[i] + beats[i + 1]) / 2);
  shifted.push_back(beats.back() + (beats.back() - beats[beats.size() - 2]) / 2);
  return shifted;
}

std::vector<Reading> readings_of(std::span<const OnsetEvent> events) {
  const std::vector<double> halves = track_beats(events, BeatDivision::kHalves);
  const std::vector<double> thirds = track_beats(events, BeatDivision::kThirds);
  std::vector<Reading> readings = {{halves, false},
                                   {off_beats(halves), false},
                                   {divided(halves, 2), false},
                                   {every_second(halves, 0), false},
                                   {every_second(halves, 1), false},
                                   {thirds, true},
                                   {divided(thirds, 3), false}};
  std::erase_if(readings, [](const Reading& reading) {
    if (reading.beat_sec.size() < 2) return true;
    const double mean =
        (reading.beat_sec.back() - reading.beat_sec.front()) / (static_cast<double>(reading.beat_sec.size()) - 1);
    return mean < 0.23 || mean > 1.55;
  });
  return readings;
}

/// Nats that features tell of what is a beat and what is between.
double gain_of_beats(std::span<const Note> notes, const Reading& reading) {
  const int parts = reading.thirds ? 3 : 2;
  const std::vector<BeatFeatures> features = beat_features(notes, divided(reading.beat_sec, parts));
  const double prior = -std::log(parts - 1.0);
  double gain = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const double odds = kBeatModel(features[i]) + prior;
    gain += log_sigmoid(i % static_cast<std::size_t>(parts) == 0 ? odds : -odds) + entropy(1.0 / parts);
  }
  return gain;
}

/// True when the first third of beats is played nearly as often as the second: in swing it is not.
bool plays_all_thirds(std::span<const OnsetEvent> events, const std::vector<double>& beat_sec) {
  BeatGrid grid;
  grid.beat_sec = beat_sec;
  int first = 0, second = 0;
  for (const OnsetEvent& event : events) {
    const double beat = grid.beat_at(event.time_sec);
    const double phase = beat - std::floor(beat);
    if (std::abs(phase - 1. / 3) < 0.08) ++first;
    if (std::abs(phase - 2. / 3) < 0.08) ++second;
  }
  return first > 0.5 * second && first > 0;
}

}  // namespace

BeatGrid track_bars(std::span<const Note> notes, std::span<const OnsetEvent> events) {
  BeatGrid best_grid;
  double best = -std::numeric_limits<double>::infinity();
  for (Reading& reading : readings_of(events)) {
    const bool compound = reading.thirds && plays_all_thirds(events, reading.beat_sec);
    const BeatDivision division = reading.thirds ? BeatDivision::kThirds : BeatDivision::kHalves;
    double of_beats = rhythm_log_likelihood(events, reading.beat_sec, division);
    of_beats += kBeatWeight * gain_of_beats(notes, reading);
    if (reading.thirds) of_beats += kThirdsPrior * static_cast<double>(events.size());
    const std::vector<BeatFeatures> features = beat_features(notes, reading.beat_sec);
    for (const MetrePrior& metre : kMetres) {
      if (compound && metre.beats_per_bar != 2) continue;
      std::vector<double> odds;
      double gain = 0;
      for (const BeatFeatures& here : features) {
        odds.push_back(kBarModel(here) + std::log(3.0 / (metre.beats_per_bar - 1)));
        gain += log_sigmoid(-odds.back()) + entropy(1.0 / metre.beats_per_bar);
      }
      Grouping grouping = group_by(odds, metre.beats_per_bar);
      const double score = of_beats + kBarWeight * (gain + grouping.score) + (compound ? 0 : metre.log_prior);
      if (score <= best) continue;
      best = score;
      best_grid = {reading.beat_sec, std::move(grouping.downbeats), {metre.beats_per_bar, compound}};
    }
  }
  return best_grid;
}

}  // namespace yourmt3
