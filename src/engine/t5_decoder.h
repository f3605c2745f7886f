#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/attention.h"
#include "engine/attention_memory.h"
#include "engine/t5_layer.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Decoder stack of T5 with token embeddings and head. Rows (one token sequence each) are independent.
class T5Decoder {
 public:
  /// Keys below the empty prefix: `decoder.decoder.`, `embed_tokens.`, `lm_head.`. The decoder reads a memory of
  /// d_model values at each position, or, with a `projection` (d_model, width), of `width` values that it would be
  /// multiplied by.
  T5Decoder(const Arithmetic& arithmetic, ThreadTeam& team, const DecoderConfig& config, const WeightReader& weights,
            std::span<const float> projection = {});

  const DecoderConfig& config() const { return config_; }
  int memory_width() const { return memory_width_; }

  /// All positions of one row at once, without a cache: ids (N) and memory (S, memory_width) to the hidden states
  /// behind the final norm (N, d), unless null, and logits (N, V). Ids and N have been checked.
  void run(const Compute& compute, std::span<const std::int32_t> ids, Rows memory, int memory_length, float* hidden,
           float* logits) const;

 private:
  friend class DecoderBatch;
  struct Block {
    T5SelfAttention self;
    T5CrossAttention cross;
    T5FeedForward feed_forward;
  };
  DecoderConfig config_;
  T5Shape shape_;
  int memory_width_;
  std::vector<float> embeddings_;  // (V, d).
  std::vector<float> positions_;   // (n_positions, d), or empty.
  std::vector<float> bias_table_;  // (32, heads), or empty.
  std::vector<Block> blocks_;
  RowNorm final_norm_;
  Linear head_;  // With the logit scale folded in.
};

/// Rows that are decoded side by side, token by token, with the cached keys and values of their tokens. Rows come and
/// go; what a row yields does not depend, to the last bit, on which others are there.
class DecoderBatch {
 public:
  /// `decoder` and `compute` outlive it. At most `n_slots` rows at a time, of at most `max_length` tokens.
  DecoderBatch(const T5Decoder& decoder, const Compute& compute, int n_slots, int memory_length, int max_length);
  ~DecoderBatch();

  /// Begins a row in a slot that is free. Copies its memory (S, memory_width). May be called from several threads, for
  /// different slots.
  void start(int slot, Rows memory);
  /// Feeds one token to each of the slots named (started, each at most once) and returns their logits, (slots, V),
  /// valid until the next call.
  std::span<float> step(std::span<const int> slots, std::span<const std::int32_t> tokens);
  /// Forgets a slot's row and frees its cache for others.
  void finish(int slot);

 private:
  struct Slot;
  void attend_to_tokens(int layer, std::span<const int> slots);
  void attend_to_memory(int layer, std::span<const int> slots);
  float* take_page();

  const T5Decoder& decoder_;
  const Compute& compute_;
  int memory_length_, max_length_;
  int head_floats_;  // Of one head's keys, and values, in a page.
  std::ptrdiff_t page_floats_;
  std::vector<FloatBuffer> pages_;
  std::vector<float*> free_pages_;
  std::vector<Slot> slots_;
  std::vector<float> bias_;  // (heads, max_length): by query - key.
  FloatBuffer stream_, normed_, qkv_, mixed_, queries_, sums_, scores_, logits_;
  FeedForward::Workspace workspace_;
};

}  // namespace yourmt3
