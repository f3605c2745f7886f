#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "engine/t5_decoder.h"

namespace yourmt3 {

/// A segment that waits to be decoded.
struct DecodeRequest {
  std::int64_t id = 0;                   ///< The caller's; comes back with the tokens.
  std::vector<float> memory;             ///< Of one segment, as EncodedSegments holds it.
  LogitProcessor* processor = nullptr;   ///< May be null; outlives the request.
  int first_row = 0;                     ///< Number by which the processor knows the first channel's row.
  std::span<const std::int32_t> forced;  ///< Lengths of the C rows, see Engine::decode(); empty without.
  std::span<const int> channels = {};    ///< Those that are decoded, ascending; empty: all. Rows of others stay empty.
};

/// Tokens of a segment: a row for each channel, as Engine::decode() gives them.
struct DecodedRows {
  std::int64_t id = 0;
  std::vector<std::vector<std::int32_t>> rows;
  /// Of each token, when it was chosen: its share of what the softmax over the logits gave, after the processor, times
  /// what that says of it (LogitProcessor::trust()).
  std::vector<std::vector<float>> probabilities;
};

/// Greedy decoding of segments that come one after the other. Their rows (one for each channel) are members of one
/// running batch: a row that ends makes place for the next one at once, of whatever segment, so that a step costs what
/// its tokens cost and no row waits for the longest. What a row yields does not depend on the others, to the last bit.
///
/// For one thread at a time; steps are spread over the engine's threads.
class DecodeSession {
 public:
  /// `decoder` outlives the session. At most `n_slots` rows of at most `max_length` tokens run side by side.
  DecodeSession(const T5Decoder& decoder, const Compute& compute, int n_channels, int memory_length, int n_slots,
                int max_length);

  /// Queues a segment. Throws Error(kInvalidArgument) when the forced lengths are none for each channel from 1 to
  /// max_length, and for channels that do not exist.
  void push(DecodeRequest request);
  /// Places in the batch that neither a running nor a waiting row will take in the next step.
  int n_vacant() const { return n_slots_ - static_cast<int>(running_.size()) - n_waiting_; }
  /// Nothing runs and nothing waits.
  bool idle() const { return running_.empty() && n_waiting_ == 0; }
  /// Starts as many of the waiting rows as there is place for and feeds one token to each row that runs. Passes on what
  /// processors throw; the session is of no use behind that.
  void step();
  /// A segment whose rows have all ended, the first to end first.
  std::optional<DecodedRows> pop();

  /// Tokens fed so far, and steps: what decoding costs.
  std::int64_t n_row_steps() const { return n_row_steps_; }
  std::int64_t n_steps() const { return n_steps_; }

 private:
  struct Segment;
  struct Row {
    std::shared_ptr<Segment> segment;
    int channel;
  };
  void start_waiting();
  bool has_ended(const Row& row) const;

  const T5Decoder& decoder_;
  Compute compute_;
  int n_channels_, memory_length_, n_slots_, max_length_;
  DecoderBatch batch_;
  std::deque<std::shared_ptr<Segment>> waiting_;  // The first may have started some of its rows.
  int n_waiting_ = 0;                             // Rows.
  std::deque<std::shared_ptr<Segment>> ended_;
  // The batch: running_[i] is in slots_[i] and goes on with tokens_[i].
  std::vector<Row> running_;
  std::vector<int> slots_, free_slots_;
  std::vector<std::int32_t> tokens_;
  std::int64_t n_row_steps_ = 0, n_steps_ = 0;
};

}  // namespace yourmt3
