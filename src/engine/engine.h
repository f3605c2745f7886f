#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/kernels.h"
#include "engine/router_choices.h"
#include "model/weights.h"
#include "yourmt3/precision.h"

namespace yourmt3 {

/// What the decoder reads, for B segments.
struct EncodedSegments {
  int n_segments = 0;  ///< B.
  /// (B, S, C, w): at each of S positions w values for each of C decoder channels. These are the encoder's, (B, T, K,
  /// D), where the decoder has taken over the linear layer between (w <= d), else the pre-decoder's.
  std::vector<float> memory;
  std::vector<float> auxiliary;  ///< (B, T, A) logits of the auxiliary heads; empty without heads.
  /// (B, T, P, pitched groups) logits: a note of this pitch and group begins; empty without auxiliary.group_notes.
  std::vector<float> group_notes = {};
};

/// Changes the logits of one row before a token is chosen: forbids tokens, adds evidence. May be called from several
/// threads for different rows.
class LogitProcessor {
 public:
  virtual ~LogitProcessor() = default;
  /// `row` = segment * C + channel; `tokens` are those already produced for it (without the start token);
  /// `logits` has vocab_size values.
  virtual void process(int row, std::span<const std::int32_t> tokens, std::span<float> logits) = 0;
  /// What the processor knows of a token that was chosen, behind process() for the same row, and the logits do not
  /// tell: a factor of its probability, from 0 to 1.
  virtual float trust(int /*row*/, std::int32_t /*token*/) const { return 1.f; }
};

class DecodeSession;

/// The network on the CPU. After construction every method is const and may be called from several threads:
/// one call at a time is spread over the threads of the options, others meanwhile use their own thread alone.
///
/// Results do not depend, to the last bit, on which segments and rows are computed together or on the number of
/// threads. Every call throws Error(kInvalidArgument) when a span has another size than the configuration asks for.
class Engine {
 public:
  struct Options {
    int n_threads = 0;                      ///< 0: all available processors.
    int max_batch_rows = 64;                ///< Sequences that are decoded side by side at most.
    Precision precision = Precision::kF32;  ///< Of the large products; see precision().
    std::optional<Isa> isa = {};            ///< Instruction set (default: the fastest present).
  };

  /// Prepares the weights. Throws Error(kMalformed) when a tensor is missing or has a wrong shape, Error(kUnsupported)
  /// when this processor lacks the instruction set.
  Engine(const Model& model, const Options& options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  const ModelConfig& config() const;
  /// What Options::precision came to on this processor, never kAuto.
  Precision precision() const;

  // The stages, each on B items; golden tests look at them one by one.

  /// (B, L) samples to (B, T, F).
  std::vector<float> spectrogram(std::span<const float> segments, int n_segments) const;
  /// (B, T, F) to (B, T, F', C), or (B, T, d) from the harmonic front end. The identity without a pre-encoder.
  std::vector<float> pre_encode(std::span<const float> spectrogram, int n_segments) const;
  /// To (B, T, K, D) or (B, T, d).
  std::vector<float> encode_features(std::span<const float> pre_encoded, int n_segments) const;
  /// To (B, C, S, d), the layout of the reference. The identity without a pre-decoder.
  std::vector<float> pre_decode(std::span<const float> encoded, int n_segments) const;
  /// (B, T, d) encoder output to (B, T, A) logits of the auxiliary heads: notes, then groups. Empty without heads.
  std::vector<float> auxiliary_logits(std::span<const float> encoded, int n_segments) const;
  /// Teacher forcing, without a cache: `decoder_input_ids` (R, N), R = B C rows, and `memory` of EncodedSegments to
  /// logits (R, N, V), scaled as for decoding. `hidden`, unless null, receives the states behind the final norm (R, N,
  /// d).
  std::vector<float> decoder_logits(std::span<const std::int32_t> decoder_input_ids, std::span<const float> memory,
                                    int n_rows, std::vector<float>* hidden = nullptr) const;

  /// All of the above up to the decoder: (B, L) samples in, decoder memory out. `routers`, if set, learns what the
  /// encoder's mixtures of experts choose for each segment.
  EncodedSegments encode(std::span<const float> segments, int n_segments, const RouterObserver& routers = {}) const;
  /// How many segments encode() had better be given at a time: with fewer, threads stand idle.
  int segments_together() const;

  /// Greedy decoding of all B * C rows; each row is as long as it has tokens, EOS included, PADs left out. As the
  /// reference: an EOS in first place does not end a row. `processor` may be null. `stop`, when set and true, makes
  /// the call throw Error(kCancelled). `max_length` 0 means the configuration's.
  ///
  /// For measuring: with `forced_lengths`, a value for each row, row r has exactly that many tokens, whatever they are.
  std::vector<std::vector<std::int32_t>> decode(const EncodedSegments& encoded, LogitProcessor* processor = nullptr,
                                                int max_length = 0, const std::atomic<bool>* stop = nullptr,
                                                std::span<const std::int32_t> forced_lengths = {}) const;

  /// Begins the decoding of segments that come one after the other (engine/decode_session.h), of which no more than
  /// `n_rows` rows are expected, 0 when there is no saying. The engine outlives the session; `max_length` as above.
  std::unique_ptr<DecodeSession> start_decoding(int max_length = 0, int n_rows = 0) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yourmt3
