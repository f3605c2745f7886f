#include "eval/note_matching.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "core/fail.h"
#include "eval/bipartite.h"

namespace yourmt3 {

namespace {

// As mir_eval: distances in time are rounded to 0.1 ms, half to even, before they are compared.
double rounded(double seconds) {
  return std::nearbyint(seconds * 1e4) / 1e4;
}
constexpr double kRoundingSec = 1e-4;

void check(std::span<const SoundingPitch> notes) {
  for (const SoundingPitch& note : notes) {
    if (!(note.onset_sec >= 0) || !(note.offset_sec > note.onset_sec) || !(note.frequency_hz > 0)) {
      fail(ErrorCode::kInvalidArgument,
           "cannot match a note from {} to {} s at {} Hz: it must begin at 0 or later and last some time",
           note.onset_sec, note.offset_sec, note.frequency_hz);
    }
  }
}

bool within(double distance, double tolerance, bool strict) {
  return strict ? distance < tolerance : distance <= tolerance;
}

double offset_tolerance(const SoundingPitch& reference, const MatchOptions& options) {
  return std::max(*options.offset_ratio * (reference.offset_sec - reference.onset_sec),
                  options.offset_min_tolerance_sec);
}

bool onsets_agree(const SoundingPitch& r, const SoundingPitch& e, const MatchOptions& options) {
  return within(rounded(std::abs(r.onset_sec - e.onset_sec)), options.onset_tolerance_sec, options.strict);
}

bool offsets_agree(const SoundingPitch& r, const SoundingPitch& e, const MatchOptions& options) {
  return within(rounded(std::abs(r.offset_sec - e.offset_sec)), offset_tolerance(r, options), options.strict);
}

// Matches on a time of each note: only estimates within reach of it are looked at.
template <class Time, class Tolerance, class Agree>
std::vector<std::pair<int, int>> match_near(std::span<const SoundingPitch> reference,
                                            std::span<const SoundingPitch> estimate, const Time& time,
                                            const Tolerance& tolerance, const Agree& agree) {
  if (reference.empty() || estimate.empty()) return {};
  check(reference);
  check(estimate);
  std::vector<int> by_time(estimate.size());
  std::iota(by_time.begin(), by_time.end(), 0);
  const auto time_of = [&](int i) { return time(estimate[static_cast<std::size_t>(i)]); };
  std::stable_sort(by_time.begin(), by_time.end(), [&](int a, int b) { return time_of(a) < time_of(b); });

  std::vector<std::vector<int>> neighbours(reference.size());
  for (std::size_t r = 0; r < reference.size(); ++r) {
    const double reach = tolerance(reference[r]) + kRoundingSec;
    auto candidate = std::lower_bound(by_time.begin(), by_time.end(), time(reference[r]) - reach,
                                      [&](int i, double value) { return time_of(i) < value; });
    for (; candidate != by_time.end() && time_of(*candidate) <= time(reference[r]) + reach; ++candidate) {
      if (agree(r, static_cast<std::size_t>(*candidate))) neighbours[r].push_back(*candidate);
    }
    std::sort(neighbours[r].begin(), neighbours[r].end());
  }
  return maximum_matching(neighbours, static_cast<int>(estimate.size()));
}

MatchScore counted(std::size_t n_reference, std::size_t n_estimate, std::size_t n_matched) {
  return {static_cast<int>(n_reference), static_cast<int>(n_estimate), static_cast<int>(n_matched)};
}

std::vector<double> logarithms(std::span<const SoundingPitch> notes) {
  std::vector<double> values;
  for (const SoundingPitch& note : notes) values.push_back(std::log2(note.frequency_hz));
  return values;
}

}  // namespace

double MatchScore::f1() const {
  if (n_matched == 0) return 0;
  return 2 * precision() * recall() / (precision() + recall());
}

MatchScore& MatchScore::operator+=(const MatchScore& other) {
  n_reference += other.n_reference;
  n_estimate += other.n_estimate;
  n_matched += other.n_matched;
  return *this;
}

double midi_to_hz(double pitch) {
  return 440.0 * std::pow(2.0, (pitch - 69.0) / 12.0);
}

std::vector<SoundingPitch> to_sounding(std::span<const Note> notes) {
  std::vector<SoundingPitch> sounding;
  for (const Note& note : notes) sounding.push_back({note.onset_sec, note.offset_sec, midi_to_hz(note.pitch)});
  return sounding;
}

std::vector<std::pair<int, int>> match_notes(std::span<const SoundingPitch> reference,
                                             std::span<const SoundingPitch> estimate, const MatchOptions& options) {
  const std::vector<double> r_log = logarithms(reference);
  const std::vector<double> e_log = logarithms(estimate);
  return match_near(
      reference, estimate, [](const SoundingPitch& note) { return note.onset_sec; },
      [&](const SoundingPitch&) { return options.onset_tolerance_sec; },
      [&](std::size_t r, std::size_t e) {
        return onsets_agree(reference[r], estimate[e], options) &&
               within(std::abs(1200 * (r_log[r] - e_log[e])), options.pitch_tolerance_cents, options.strict) &&
               (!options.offset_ratio || offsets_agree(reference[r], estimate[e], options));
      });
}

double average_overlap_ratio(std::span<const SoundingPitch> reference, std::span<const SoundingPitch> estimate,
                             std::span<const std::pair<int, int>> pairs) {
  if (pairs.empty()) return 0;
  double sum = 0;
  for (const auto& [i, j] : pairs) {
    const SoundingPitch& r = reference[static_cast<std::size_t>(i)];
    const SoundingPitch& e = estimate[static_cast<std::size_t>(j)];
    sum += (std::min(r.offset_sec, e.offset_sec) - std::max(r.onset_sec, e.onset_sec)) /
           (std::max(r.offset_sec, e.offset_sec) - std::min(r.onset_sec, e.onset_sec));
  }
  return sum / static_cast<double>(pairs.size());
}

MatchScore score_matches(std::span<const Note> reference, std::span<const Note> estimate, const MatchOptions& options) {
  return counted(reference.size(), estimate.size(),
                 match_notes(to_sounding(reference), to_sounding(estimate), options).size());
}

MatchScore score_onset_times(std::span<const SoundingPitch> reference, std::span<const SoundingPitch> estimate,
                             const MatchOptions& options) {
  const auto pairs = match_near(
      reference, estimate, [](const SoundingPitch& note) { return note.onset_sec; },
      [&](const SoundingPitch&) { return options.onset_tolerance_sec; },
      [&](std::size_t r, std::size_t e) { return onsets_agree(reference[r], estimate[e], options); });
  return counted(reference.size(), estimate.size(), pairs.size());
}

MatchScore score_offset_times(std::span<const SoundingPitch> reference, std::span<const SoundingPitch> estimate,
                              const MatchOptions& options) {
  if (!options.offset_ratio) fail(ErrorCode::kInvalidArgument, "offsets cannot be scored without an offset ratio");
  const auto pairs = match_near(
      reference, estimate, [](const SoundingPitch& note) { return note.offset_sec; },
      [&](const SoundingPitch& note) { return offset_tolerance(note, options); },
      [&](std::size_t r, std::size_t e) { return offsets_agree(reference[r], estimate[e], options); });
  return counted(reference.size(), estimate.size(), pairs.size());
}

}  // namespace yourmt3
