#include "notation/beat_tracker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "notation/beat_grid.h"
#include "notation/beat_smoothing.h"

namespace yourmt3 {
namespace {

constexpr double kFrameSec = 0.02;
constexpr int kShortest = 12;  // Frames of a beat: 250 a minute.
constexpr int kLongest = 75;   // 40 a minute.
constexpr int kLengths = kLongest - kShortest + 1;
constexpr int kAccents = 5;         // Steps of an attack's accent.
constexpr double kPauseSec = 10;    // Music on both sides of a longer silence is tracked by itself.
constexpr double kJitterSec = .02;  // Standard deviation of played onsets, rounding to frames included.
constexpr double kStray = 0.06;     // Share of attacks that follow no rhythm.
constexpr float kImpossible = -std::numeric_limits<float>::infinity();

// Tuned on composed pieces and on MIDI files with their own tempo (bench/notation).
constexpr double kEmptyBeat = 1.0;      // Cost of a beat on which nothing begins.
constexpr double kTempoChange = 30;     // Cost of a change by the factor e.
constexpr double kAnyChange = 0.15;     // Cost of any change, which rounding to frames may ask for.
constexpr double kUsualBeatSec = 0.57;  // Centre of usual tempi.
constexpr double kTempoSpread = 0.34;   // Their standard deviation in nepers.
constexpr double kTempoWeight = 0.9;    // Log likelihood for each second at one standard deviation, times two.

/// Where in a beat attacks fall: shares of all that do.
struct Place {
  double phase, weak, strong;  // Share of attacks with the least and with the most accent.
};

constexpr std::array<Place, 6> kInHalves = {{{0, 0.36, 0.68},
                                             {1. / 2, 0.28, 0.16},
                                             {1. / 4, 0.11, 0.03},
                                             {3. / 4, 0.13, 0.05},
                                             {1. / 3, 0.025, 0.01},
                                             {2. / 3, 0.035, 0.01}}};
constexpr std::array<Place, 6> kInThirds = {{{0, 0.38, 0.68},
                                             {1. / 3, 0.15, 0.06},
                                             {2. / 3, 0.26, 0.14},
                                             {1. / 2, 0.03, 0.02},
                                             {1. / 6, 0.05, 0.01},
                                             {5. / 6, 0.07, 0.03}}};

/// Log likelihood of an attack at a place in a beat, against one anywhere.
double place_score(BeatDivision division, double accent, double beat_sec, double at_sec) {
  double density = kStray / beat_sec;
  for (const Place& place : division == BeatDivision::kHalves ? kInHalves : kInThirds) {
    const double share = (1 - kStray) * ((1 - accent) * place.weak + accent * place.strong);
    const double straight = std::abs(at_sec - place.phase * beat_sec);
    const double deviation = std::min(straight, beat_sec - straight) / kJitterSec;
    density += share * std::exp(-0.5 * deviation * deviation) / (kJitterSec * std::sqrt(2 * std::numbers::pi));
  }
  return std::log(density * beat_sec);
}

/// Log likelihood of a beat's length.
double tempo_score(double beat_sec) {
  const double deviation = std::log(beat_sec / kUsualBeatSec) / kTempoSpread;
  return -0.5 * kTempoWeight * deviation * deviation * beat_sec;
}

double attack_weight(const OnsetEvent& event) {
  return std::clamp(event.weight, 0.5, 1.5);
}

/// place_score() by accent, length, and phase in half frames.
class PlaceTable {
 public:
  explicit PlaceTable(BeatDivision division) : values_(kAccents * kLengths * kStride) {
    for (int accent = 0; accent < kAccents; ++accent) {
      for (int length = kShortest; length <= kLongest; ++length) {
        for (int half = 0; half < 2 * length; ++half) {
          values_[index(accent, length) + static_cast<std::size_t>(half)] = static_cast<float>(
              place_score(division, accent / (kAccents - 1.0), length * kFrameSec, half * kFrameSec / 2));
        }
      }
    }
  }

  const float* row(int accent, int length) const { return values_.data() + index(accent, length); }

 private:
  static constexpr std::size_t kStride = 2 * kLongest;

  static std::size_t index(int accent, int length) {
    return static_cast<std::size_t>(accent * kLengths + length - kShortest) * kStride;
  }

  std::vector<float> values_;
};

/// Beats through attacks without long pauses between them.
class Section {
 public:
  Section(std::span<const OnsetEvent> events, const PlaceTable& table)
      : table_(table), start_sec_(events.front().time_sec - kLongest * kFrameSec) {
    for (const OnsetEvent& event : events) {
      const auto half = static_cast<int>(std::lround((event.time_sec - start_sec_) / kFrameSec * 2));
      attacks_.push_back({half, static_cast<int>(std::lround(event.accent * (kAccents - 1))),
                          static_cast<float>(attack_weight(event))});
    }
    last_attack_ = attacks_.back().half / 2;
    n_frames_ = last_attack_ + kLongest + 1;
    mark_empty_frames();
    for (int i = 0; i < kLengths; ++i) {
      tempo_score_[at(i)] = static_cast<float>(tempo_score((i + kShortest) * kFrameSec));
    }
    for (int from = 0; from < kLengths; ++from) {
      for (int to = 0; to < kLengths; ++to) {
        const double steps = std::max(0, std::abs(to - from) - 1);
        change_score_[at(from)][at(to)] = static_cast<float>(
            from == to ? 0 : -kAnyChange - kTempoChange * std::log1p(steps / (std::min(from, to) + kShortest)));
      }
    }
  }

  std::vector<double> track() {
    previous_.assign(static_cast<std::size_t>(n_frames_) * kLengths, kNone);
    std::vector<Scores> arrived(kLongest + 1);  // Ring: best way to a beat at a frame, by the length before it.
    for (Scores& scores : arrived) scores.fill(kImpossible);
    float best = kImpossible;
    int best_frame = 0, best_length = 0;
    std::size_t first_attack = 0;
    for (int frame = 0; frame < n_frames_; ++frame) {
      Scores& here = arrived[static_cast<std::size_t>(frame % (kLongest + 1))];
      if (frame > last_attack_) {
        for (int i = 0; i < kLengths; ++i) {
          if (here[at(i)] > best) best = here[at(i)], best_frame = frame, best_length = i;
        }
      }
      std::array<std::uint8_t, kLengths> from{};
      Scores leaving = leave(here, from);
      if (frame <= attacks_.front().half / 2) leaving.fill(0), from.fill(kNone);
      here.fill(kImpossible);
      while (first_attack < attacks_.size() && attacks_[first_attack].half < 2 * frame) ++first_attack;
      go_on(frame, first_attack, leaving, from, arrived);
    }
    return trace(best_frame, best_length);
  }

 private:
  using Scores = std::array<float, kLengths>;
  static constexpr std::uint8_t kNone = 255;

  struct Attack {
    int half;  // Half frames from the start.
    int accent;
    float weight;
  };

  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  void mark_empty_frames() {
    empty_score_.assign(at(n_frames_), static_cast<float>(-kEmptyBeat));
    for (const Attack& attack : attacks_) {
      for (int frame = attack.half / 2 - 2; frame <= attack.half / 2 + 2; ++frame) {
        if (frame >= 0 && frame < n_frames_) empty_score_[at(frame)] = 0;
      }
    }
  }

  /// Best score of a next beat of each length, and the length before it.
  Scores leave(const Scores& here, std::array<std::uint8_t, kLengths>& from) const {
    Scores leaving;
    leaving.fill(kImpossible);
    for (int before = 0; before < kLengths; ++before) {
      if (here[at(before)] == kImpossible) continue;
      // A beat longer or shorter by a quarter is no longer the same tempo.
      const int reach = (before + kShortest) / 4;
      const int end = std::min(kLengths - 1, before + reach);
      for (int next = std::max(0, before - reach); next <= end; ++next) {
        const float score = here[at(before)] + change_score_[at(before)][at(next)];
        if (score > leaving[at(next)]) leaving[at(next)] = score, from[at(next)] = static_cast<std::uint8_t>(before);
      }
    }
    return leaving;
  }

  void go_on(int frame, std::size_t first_attack, const Scores& leaving, const std::array<std::uint8_t, kLengths>& from,
             std::vector<Scores>& arrived) {
    for (int i = 0; i < kLengths; ++i) {
      const int length = i + kShortest;
      if (leaving[at(i)] == kImpossible || frame + length >= n_frames_) continue;
      float score = leaving[at(i)] + empty_score_[at(frame)] + tempo_score_[at(i)];
      for (std::size_t k = first_attack; k < attacks_.size() && attacks_[k].half < 2 * (frame + length); ++k) {
        score += attacks_[k].weight * table_.row(attacks_[k].accent, length)[attacks_[k].half - 2 * frame];
      }
      const auto next = static_cast<std::size_t>((frame + length) % (kLongest + 1));
      arrived[next][at(i)] = score;
      previous_[at(frame + length) * kLengths + at(i)] = from[at(i)];
    }
  }

  std::vector<double> trace(int frame, int length) const {
    std::vector<double> beat_sec;
    for (;;) {
      beat_sec.push_back(start_sec_ + frame * kFrameSec);
      if (length == kNone) break;
      const std::uint8_t before = previous_[at(frame) * kLengths + at(length)];
      frame -= length + kShortest;
      length = before;
    }
    std::reverse(beat_sec.begin(), beat_sec.end());
    return beat_sec;
  }

  const PlaceTable& table_;
  double start_sec_;
  int last_attack_ = 0, n_frames_ = 0;
  std::vector<Attack> attacks_;
  std::vector<float> empty_score_;
  Scores tempo_score_{};
  std::array<Scores, kLengths> change_score_{};
  std::vector<std::uint8_t> previous_;  // By frame and length: index of the length before.
};

// Beats of the silence between two sections, as long as those around it.
void fill_pause(std::vector<double>& beat_sec, const std::vector<double>& next) {
  const double begin = beat_sec.back(), end = next.front();
  const double usual = (begin - beat_sec[beat_sec.size() - 2] + next[1] - end) / 2;
  const auto n_beats = std::max(1.0, std::round((end - begin) / usual));
  for (double i = 1; i < n_beats; ++i) beat_sec.push_back(begin + (end - begin) * i / n_beats);
}

}  // namespace

std::vector<double> track_beats(std::span<const OnsetEvent> events, BeatDivision division) {
  const PlaceTable table(division);
  std::vector<double> beat_sec;
  for (std::size_t begin = 0; begin < events.size();) {
    std::size_t end = begin + 1;
    while (end < events.size() && events[end].time_sec - events[end - 1].time_sec <= kPauseSec) ++end;
    const auto section = events.subspan(begin, end - begin);
    const std::vector<double> beats = smooth_beats(Section(section, table).track(), section);
    if (!beat_sec.empty()) fill_pause(beat_sec, beats);
    beat_sec.insert(beat_sec.end(), beats.begin(), beats.end());
    begin = end;
  }
  return beat_sec;
}

double rhythm_log_likelihood(std::span<const OnsetEvent> events, std::span<const double> beat_sec,
                             BeatDivision division) {
  BeatGrid grid;
  grid.beat_sec.assign(beat_sec.begin(), beat_sec.end());
  std::vector<bool> played(beat_sec.size(), false);
  double sum = 0;
  for (const OnsetEvent& event : events) {
    const double position = grid.beat_at(event.time_sec);
    const double beat = std::clamp(std::floor(position), 0.0, static_cast<double>(beat_sec.size()) - 2);
    const double length_sec = grid.sec_at(beat + 1) - grid.sec_at(beat);
    const double at_sec = (position - std::floor(position)) * length_sec;
    sum += attack_weight(event) * place_score(division, event.accent, length_sec, at_sec);
    const double nearest = std::round(position);
    if (std::abs(position - nearest) * length_sec > 2.5 * kFrameSec) continue;
    if (nearest >= 0 && nearest < static_cast<double>(played.size())) played[static_cast<std::size_t>(nearest)] = true;
  }
  for (std::size_t i = 0; i + 1 < beat_sec.size(); ++i) {
    sum += tempo_score(beat_sec[i + 1] - beat_sec[i]) - (played[i] ? 0 : kEmptyBeat);
  }
  return sum;
}

}  // namespace yourmt3
