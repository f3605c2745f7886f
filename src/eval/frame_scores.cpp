#include "eval/frame_scores.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "core/fail.h"

namespace yourmt3 {

namespace {

constexpr double kLatestSec = 100000;
constexpr std::size_t kLastNotes = 20;
constexpr int kLowestPitch = 16;
constexpr int kHighestPitch = 109;

std::int64_t frame_of(double time_sec) {
  if (!(std::abs(time_sec) <= kLatestSec)) {
    fail(ErrorCode::kInvalidArgument, "a note at {} s cannot be scored, expected at most {} s", time_sec, kLatestSec);
  }
  return static_cast<std::int64_t>(std::floor(time_sec / kRollFrameSec));
}

std::int64_t overlap(const std::bitset<128>& reference, const std::bitset<128>& estimate) {
  return static_cast<std::int64_t>((reference & estimate).count());
}

std::array<std::int64_t, 12> chroma(const std::bitset<128>& frame) {
  std::array<std::int64_t, 12> counts{};
  for (std::size_t pitch = 0; pitch < frame.size(); ++pitch) counts[pitch % 12] += frame[pitch] ? 1 : 0;
  return counts;
}

std::int64_t chroma_overlap(const std::bitset<128>& reference, const std::bitset<128>& estimate) {
  const auto r = chroma(reference);
  const auto e = chroma(estimate);
  std::int64_t matched = 0;
  for (std::size_t i = 0; i < r.size(); ++i) matched += std::min(r[i], e[i]);
  return matched;
}

template <class Overlap>
FrameScore score(const PianoRoll& reference, const PianoRoll& estimate, const Overlap& overlap_of) {
  FrameScore score;
  for (std::size_t t = 0; t < reference.size(); ++t) {
    const std::bitset<128> estimated = t < estimate.size() ? estimate[t] : std::bitset<128>();
    score.n_reference += static_cast<std::int64_t>(reference[t].count());
    score.n_estimate += static_cast<std::int64_t>(estimated.count());
    score.n_matched += overlap_of(reference[t], estimated);
  }
  return score;
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

PianoRoll piano_roll(std::span<const Note> notes) {
  std::vector<Note> pitched;
  std::copy_if(notes.begin(), notes.end(), std::back_inserter(pitched), [](const Note& note) { return !note.is_drum; });
  if (pitched.empty()) return {};
  double last_sec = -std::numeric_limits<double>::infinity();
  for (std::size_t i = pitched.size() - std::min(pitched.size(), kLastNotes); i < pitched.size(); ++i) {
    last_sec = std::max(last_sec, pitched[i].offset_sec);
  }
  const std::int64_t n_frames = std::max<std::int64_t>(frame_of(last_sec), 0);
  PianoRoll roll(static_cast<std::size_t>(n_frames));
  for (const Note& note : pitched) {
    if (note.pitch < kLowestPitch || note.pitch > kHighestPitch) continue;
    const std::int64_t first = frame_of(note.onset_sec);
    const std::int64_t end = std::min(std::max(frame_of(note.offset_sec), first + 1), n_frames);
    for (std::int64_t t = std::max<std::int64_t>(first, 0); t < end; ++t) {
      roll[static_cast<std::size_t>(t)].set(static_cast<std::size_t>(note.pitch));
    }
  }
  return roll;
}

double FrameScore::precision() const {
  return n_reference == 0 ? std::numeric_limits<double>::quiet_NaN() : ratio(n_matched, n_estimate);
}

double FrameScore::recall() const {
  return n_reference == 0 ? std::numeric_limits<double>::quiet_NaN() : ratio(n_matched, n_reference);
}

double FrameScore::f1() const {
  return f_eps(precision(), recall());
}

FrameScore score_frames(const PianoRoll& reference, const PianoRoll& estimate) {
  return score(reference, estimate, overlap);
}

FrameScore score_chroma_frames(const PianoRoll& reference, const PianoRoll& estimate) {
  return score(reference, estimate, chroma_overlap);
}

}  // namespace yourmt3
