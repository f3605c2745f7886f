#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "transcribe/grammar.h"

namespace yourmt3 {

/// Where the logits of one kind stand among those of the auxiliary heads of a frame.
struct AuxiliaryLayout {
  int n_pitches = 0;  ///< Onsets first, then as many for "sounding".
  int pitch_min = 0;  ///< MIDI pitch of the first.
  int n_drums = 0;    ///< Behind both.
  int drum_min = 0;   ///< Key of the first.
  int width = 0;      ///< All logits of one frame.

  /// Without note heads everything is 0 but the width.
  explicit AuxiliaryLayout(const ModelConfig& config);
};

/// The choice of tokens as InferenceConfig asks: forbids what the grammar forbids, and adds what the auxiliary onset
/// heads say: pitches and drums that begin now, and shifts to times at which something begins, become likelier.
/// For one call of Engine::decode().
class GuidedDecoding : public LogitProcessor {
 public:
  /// `encoded` and `grammar` must outlive it.
  GuidedDecoding(const ModelConfig& config, const Grammar& grammar, const EncodedSegments& encoded);

  void process(int row, std::span<const std::int32_t> tokens, std::span<float> logits) override;

 private:
  struct Row {
    GrammarState state;
    std::size_t n_read = 0;
    std::vector<std::uint8_t> allowed;
  };

  void prepare_evidence(const EncodedSegments& encoded);
  void add_evidence(const Row& row, int segment, int channel, std::span<float> logits) const;
  int frame_of_tick(int tick) const;

  const ModelConfig* config_;
  const Grammar* grammar_;
  AuxiliaryLayout layout_;
  int n_frames_;
  std::vector<Row> rows_;
  std::vector<float> evidence_;        // (B, T, pitches + drums), ready to be added to logits.
  std::vector<float> pitch_evidence_;  // (B, T): largest over the pitches.
  std::vector<float> drum_evidence_;   // (B, T): largest over the drums.
};

}  // namespace yourmt3
