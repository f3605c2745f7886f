#include "transcribe/onset_candidates.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/fail.h"
#include "score/segments.h"

namespace yourmt3 {
namespace {

/// Peaks of neighbouring keys this close are one chord: training targets and attacks wander by a frame.
constexpr int kChordFrames = 2;

struct Peak {
  int frame = 0;
  int key = 0;
  bool drum = false;
  bool certain = false;
  float evidence = 0;
};

float probability(float logit) {
  return 1.f / (1.f + std::exp(-logit));
}

float logit(float probability) {
  return std::log(probability / (1.f - probability));
}

/// A note that begins sounds in the frames behind its onset.
constexpr std::size_t kSoundFrames = 5;

/// Frames in front of an onset that tell whether the pitch sounded already; the one next to it belongs to the attack.
constexpr std::size_t kBeforeFrames = 4;
constexpr std::size_t kAttackFrames = 1;
static_assert(std::max(kSoundFrames, kBeforeFrames) <= OnsetCandidates::kMargin);

/// Other instruments' attacks are easily taken for a new attack of a pitch that sounds on; this is how much of the
/// evidence is then set aside. With 0.7 instead of 0 onset F1 rose from 0.47 to 0.51 on rendered excerpts.
constexpr float kReattackDoubt = 0.7f;

/// The columns of one kind of key in a frame of logits.
struct Column {
  std::size_t onset = 0;
  std::optional<std::size_t> sounding;  ///< Pitches have one, drums do not.
};

class PeakFinder {
 public:
  /// Peaks are found in `count` frames from `first` on and told relative to it; the others are seen.
  PeakFinder(std::span<const float> frames, std::size_t width, std::size_t first, std::size_t count)
      : frames_(frames), width_(width), n_frames_(frames.size() / width), first_(first), count_(count) {}

  /// Frames at which one key begins. The head spreads an onset over neighbouring frames, so that the sum over three of
  /// them is what can be compared with a threshold.
  void find(const Column& column, const Peak& kind, float certain, float possible, std::vector<Peak>& peaks) const {
    // A peak is the largest of its three probabilities, which count twice at most, so that it can be left out at once
    // below a sixth of `possible`; nearly all frames are. A little less than a sixth, because the sum is rounded.
    const float least = logit(possible / 6 * 0.999f);
    for (std::size_t t = first_; t < first_ + count_; ++t) {
      if (frames_[t * width_ + column.onset] < least) continue;
      const float before = t > 0 ? at(t - 1, column.onset) : 0.f;
      const float here = at(t, column.onset);
      const float after = t + 1 < n_frames_ ? at(t + 1, column.onset) : 0.f;
      if (here <= before || here < after || before + here + after < possible / 2) continue;
      float evidence = before + here + after;
      if (column.sounding) evidence *= trust(t, *column.sounding);
      if (evidence < possible) continue;
      Peak peak = kind;
      peak.frame = static_cast<int>(t - first_);
      peak.certain = evidence >= certain;
      peak.evidence = evidence;
      peaks.push_back(peak);
    }
  }

 private:
  float at(std::size_t frame, std::size_t column) const { return probability(frames_[frame * width_ + column]); }

  float mean(std::size_t first, std::size_t end, std::size_t column) const {
    float sum = 0;
    for (std::size_t frame = first; frame < end; ++frame) sum += at(frame, column);
    return end > first ? sum / static_cast<float>(end - first) : 0.f;
  }

  /// From 0 to 2: what the "sounding" head thinks of an onset at frame t.
  float trust(std::size_t t, std::size_t column) const {
    const float sounds = mean(t, std::min(n_frames_, t + kSoundFrames), column);
    const float sounded = mean(t - std::min(t, kBeforeFrames), t - std::min(t, kAttackFrames), column);
    return 2 * sounds * std::sqrt(sounds) * (1 - kReattackDoubt * sounded);
  }

  std::span<const float> frames_;
  std::size_t width_;
  std::size_t n_frames_, first_, count_;
};

}  // namespace

OnsetCandidates::OnsetCandidates(const ModelConfig& config, const Grammar& grammar, std::span<const float> frames,
                                 const HeadMargins& margins) {
  const AuxiliaryLayout layout(config);
  const InferenceConfig& inference = config.inference;
  const auto width = static_cast<std::size_t>(layout.width);
  std::vector<float> joined;
  if (!margins.before.empty() || !margins.after.empty()) {
    joined.reserve(margins.before.size() + frames.size() + margins.after.size());
    joined.insert(joined.end(), margins.before.begin(), margins.before.end());
    joined.insert(joined.end(), frames.begin(), frames.end());
    joined.insert(joined.end(), margins.after.begin(), margins.after.end());
  }
  const auto advance = static_cast<std::size_t>(config.segment_advance() / config.front_end.hop_length);
  const PeakFinder finder(joined.empty() ? frames : std::span<const float>(joined), width,
                          margins.before.size() / width,
                          inference.overlap ? std::min(advance, frames.size() / width) : frames.size() / width);
  std::vector<Peak> peaks;
  const int n_pitches = grammar.programs().empty() ? 0 : layout.n_pitches;
  const int n_drums = grammar.drums() ? layout.n_drums : 0;
  for (int k = 0; k < n_pitches && layout.pitch_min + k < 128; ++k) {
    Peak kind;
    kind.key = layout.pitch_min + k;
    const auto onset = static_cast<std::size_t>(k);
    finder.find({onset, onset + static_cast<std::size_t>(layout.n_pitches)}, kind, inference.certain_onset,
                inference.possible_onset, peaks);
  }
  for (int k = 0; k < n_drums && layout.drum_min + k < 128; ++k) {
    Peak kind;
    kind.key = layout.drum_min + k;
    kind.drum = true;
    finder.find({static_cast<std::size_t>(2 * layout.n_pitches + k), std::nullopt}, kind, inference.certain_drum,
                inference.possible_drum, peaks);
  }
  std::stable_sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) { return a.frame < b.frame; });

  const double ticks_per_frame =
      static_cast<double>(config.front_end.hop_length) * kTicksPerSecond / config.front_end.sample_rate;
  for (std::size_t first = 0; first < peaks.size();) {
    std::size_t end = first;
    double sum = 0;
    Chord chord;
    for (; end < peaks.size() && peaks[end].frame - peaks[first].frame < kChordFrames; ++end) {
      const Peak& peak = peaks[end];
      const auto key = static_cast<std::size_t>(peak.key);
      sum += peak.frame;
      (peak.drum ? chord.possible_drums : chord.possible_pitches).set(key);
      if (peak.certain) (peak.drum ? chord.certain_drums : chord.certain_pitches).set(key);
      chord.evidence.push_back({peak.key, peak.drum, peak.evidence});
    }
    const double frame = sum / static_cast<double>(end - first);
    chord.tick = std::min(static_cast<int>(std::lround(frame * ticks_per_frame)), kShiftValues - 1);
    if (!chords_.empty() && chords_.back().tick == chord.tick) {  // Frames shorter than a tick.
      Chord& before = chords_.back();
      before.certain_pitches |= chord.certain_pitches;
      before.possible_pitches |= chord.possible_pitches;
      before.certain_drums |= chord.certain_drums;
      before.possible_drums |= chord.possible_drums;
      before.evidence.insert(before.evidence.end(), chord.evidence.begin(), chord.evidence.end());
    } else {
      chords_.push_back(std::move(chord));
    }
    first = end;
  }
}

OnsetCandidates::Chord* OnsetCandidates::chord_at(int tick) {
  const auto found = std::lower_bound(chords_.begin(), chords_.end(), tick,
                                      [](const Chord& chord, int wanted) { return chord.tick < wanted; });
  return found != chords_.end() && found->tick == tick ? &*found : nullptr;
}

const OnsetCandidates::Chord* OnsetCandidates::chord_at(int tick) const {
  return const_cast<OnsetCandidates*>(this)->chord_at(tick);
}

std::bitset<128> OnsetCandidates::possible_pitches(int tick) const {
  const Chord* chord = chord_at(tick);
  return chord == nullptr ? std::bitset<128>() : chord->possible_pitches;
}

void OnsetCandidates::take_pitch(int tick, int pitch) {
  if (Chord* chord = chord_at(tick)) {
    chord->certain_pitches.reset(static_cast<std::size_t>(pitch));
    chord->possible_pitches.reset(static_cast<std::size_t>(pitch));
  }
}

void OnsetCandidates::take_drum(int tick, int drum) {
  if (Chord* chord = chord_at(tick)) {
    chord->certain_drums.reset(static_cast<std::size_t>(drum));
    chord->possible_drums.reset(static_cast<std::size_t>(drum));
  }
}

float OnsetCandidates::evidence(int tick, bool drum, int key) const {
  float most = 0;
  if (const Chord* chord = chord_at(tick)) {
    for (const Chord::Evidence& one : chord->evidence) {
      if (one.drum == drum && one.key == key) most = std::max(most, one.value);
    }
  }
  return std::min(most, 1.f);
}

void OnsetCandidates::allowed_tokens(const Grammar& grammar, const GrammarState& state,
                                     std::span<std::uint8_t> allowed) const {
  std::fill(allowed.begin(), allowed.end(), std::uint8_t{0});
  const Vocabulary& vocabulary = grammar.task().vocabulary;
  const auto allow = [&](EventType type, int value) {
    allowed[static_cast<std::size_t>(vocabulary.id(type, value))] = 1;
  };
  const auto allow_keys = [&](EventType type, const std::bitset<128>& keys) {
    for (int key = 0; key < 128; ++key) {
      if (keys.test(static_cast<std::size_t>(key))) allow(type, key);
    }
  };
  static const Chord kNothing;
  const Chord* found = chord_at(state.tick);
  const Chord& chord = found != nullptr ? *found : kNothing;
  const bool pitches_left = chord.possible_pitches.any() && state.last_drum < 0;
  const bool certain_left = chord.certain_pitches.any() && state.last_drum < 0;
  const bool drums_left = chord.possible_drums.any() && !certain_left && !state.program_pending;

  if (state.velocity != 1) {
    if (drums_left || (pitches_left && state.program >= 0)) allow(EventType::kVelocity, 1);
  } else {
    if (pitches_left && state.program >= 0) allow_keys(EventType::kPitch, chord.possible_pitches);
    if (drums_left) allow_keys(EventType::kDrum, chord.possible_drums);
  }
  if (pitches_left && !state.program_pending && !state.velocity_pending) {
    for (const int program : grammar.programs()) {
      if (program != state.program) allow(EventType::kProgram, program);
    }
  }
  const bool complete = !state.program_pending && !state.velocity_pending && !state.shift_pending;
  if (!complete || chord.has_certain()) return;
  for (const Chord& later : chords_) {
    if (later.tick <= state.tick) continue;
    allow(EventType::kShift, later.tick);
    if (later.has_certain()) return;
  }
  allowed[kEosId] = 1;
}

}  // namespace yourmt3
