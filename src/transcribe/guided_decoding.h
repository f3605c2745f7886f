#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "transcribe/auxiliary_layout.h"
#include "transcribe/grammar.h"
#include "transcribe/group_evidence.h"
#include "transcribe/group_prior.h"
#include "transcribe/onset_candidates.h"

namespace yourmt3 {

/// The choice of tokens as InferenceConfig and the grammar's mask ask: forbids what the grammar forbids or, without it,
/// what the mask alone does, and adds what the auxiliary onset heads say: pitches and drums that begin now, and shifts
/// to times at which something begins, become likelier. With InferenceConfig::certain_onset, only candidates of the
/// onset heads are written, and the decoder says who plays them, helped by the head for groups with
/// InferenceConfig::group_weight. For one call of Engine::decode().
class GuidedDecoding : public LogitProcessor {
 public:
  /// `encoded` and `grammar` must outlive it. `margins` lie beside `encoded` if that is one segment, which `prior` is
  /// told of and asked about, unless null.
  GuidedDecoding(const ModelConfig& config, const Grammar& grammar, const EncodedSegments& encoded,
                 const HeadMargins& margins = {}, GroupPrior* prior = nullptr);

  void process(int row, std::span<const std::int32_t> tokens, std::span<float> logits) override;
  /// Of a pitch or drum among onset candidates, how much speaks for the onset.
  float trust(int row, std::int32_t token) const override;

 private:
  struct Row {
    GrammarState state;
    std::size_t n_read = 0;
    std::vector<std::uint8_t> allowed;
  };

  void prepare_evidence(const EncodedSegments& encoded, const InferenceConfig& inference);
  void ask(GroupPrior& prior);
  void add_evidence(const Row& row, int segment, int channel, std::span<float> logits) const;
  std::size_t frame_of_tick(int tick) const {
    return static_cast<std::size_t>(frame_of_tick_.at(static_cast<std::size_t>(tick)));
  }
  void take(OnsetCandidates& candidates, int tick, std::int32_t token) const;

  const Grammar* grammar_;
  bool by_grammar_;
  int n_channels_;
  AuxiliaryLayout layout_;
  int n_frames_;
  std::vector<int> frame_of_tick_;  // The nearest, for every value of a shift.
  std::vector<Row> rows_;
  std::vector<OnsetCandidates> candidates_;  // By segment; empty when they are not asked for.
  std::optional<GroupEvidence> groups_;
  std::vector<float> evidence_;        // (B, T, pitches + drums), ready to be added to logits.
  std::vector<float> pitch_evidence_;  // (B, T): largest over the pitches.
  std::vector<float> drum_evidence_;   // (B, T): largest over the drums.
};

}  // namespace yourmt3
