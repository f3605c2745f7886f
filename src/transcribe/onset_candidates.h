#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "model/model_config.h"
#include "transcribe/auxiliary_layout.h"
#include "transcribe/grammar.h"

namespace yourmt3 {

/// What the auxiliary heads say in a few frames outside of a segment, (frames, A) logits; empty where that is not
/// known.
struct HeadMargins {
  std::vector<float> before, after;
};

/// What begins in one segment by the auxiliary heads: peaks of the probability that a pitch or drum begins, gathered
/// into chords. A pitch must sound after its onset, and counts less where it sounded before. Those above
/// InferenceConfig::certain_onset must be written, those above possible_onset may be.
class OnsetCandidates {
 public:
  /// Onsets at one time.
  struct Chord {
    int tick = 0;  ///< 10 ms since the start of the segment.
    std::bitset<128> certain_pitches, possible_pitches;
    std::bitset<128> certain_drums, possible_drums;

    struct Evidence {
      int key = 0;
      bool drum = false;
      float value = 0;  ///< What is compared with the thresholds.
    };
    std::vector<Evidence> evidence;  ///< Of all that is possible, also when it was taken.

    bool has_certain() const { return certain_pitches.any() || certain_drums.any(); }
  };

  /// `frames`: (T, A) logits of the auxiliary heads for one segment, `margins` those beside it. What the grammar never
  /// allows is no candidate; with InferenceConfig::overlap frames that the next segment has too are its own.
  OnsetCandidates(const ModelConfig& config, const Grammar& grammar, std::span<const float> frames,
                  const HeadMargins& margins = {});

  /// Frames outside of the segment that are of use.
  static constexpr std::size_t kMargin = 5;

  /// Ascending by tick; each has something possible.
  std::span<const Chord> chords() const { return chords_; }

  /// Pitches that may begin at `tick` and are not yet taken.
  std::bitset<128> possible_pitches(int tick) const;

  /// Strikes out what the chord at `tick` has written.
  void take_pitch(int tick, int pitch);
  void take_drum(int tick, int drum);

  /// How much speaks for an onset, from 0 to 1; 0 for what is no candidate.
  float evidence(int tick, bool drum, int key) const;

  /// As Grammar::allowed_tokens() in the notes section of an onset-only sequence, but only for what is a candidate and
  /// not yet taken; a chord is left only when its certain onsets are written. The order inside a chord is free, pitches
  /// before drums. Always allows at least one token when all tokens before were allowed.
  void allowed_tokens(const Grammar& grammar, const GrammarState& state, std::span<std::uint8_t> allowed) const;

 private:
  Chord* chord_at(int tick);
  const Chord* chord_at(int tick) const;

  std::vector<Chord> chords_;
};

}  // namespace yourmt3
