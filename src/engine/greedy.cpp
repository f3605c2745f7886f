#include "engine/greedy.h"

#include <algorithm>

#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr std::int32_t kPad = 0, kEos = 1;

}  // namespace

std::vector<std::vector<std::int32_t>> decode_greedily(const T5Decoder& decoder, const Compute& compute,
                                                       const float* memory, int n_rows, int memory_length, int n_slots,
                                                       int max_length, LogitProcessor* processor,
                                                       const std::atomic<bool>* stop) {
  std::vector<std::vector<std::int32_t>> output(static_cast<std::size_t>(n_rows));
  for (auto& tokens : output) tokens.reserve(static_cast<std::size_t>(max_length));
  n_slots = std::min(n_slots, n_rows);
  DecoderBatch batch(decoder, compute, n_slots, memory_length, max_length);
  const std::ptrdiff_t row_floats = static_cast<std::ptrdiff_t>(memory_length) * decoder.config().d_model;
  const std::size_t vocabulary = static_cast<std::size_t>(decoder.config().vocab_size);

  std::vector<int> slots, rows, free_slots;  // Running: slots[i] decodes rows[i].
  std::vector<std::int32_t> tokens;
  for (std::vector<int>* list : {&slots, &rows, &free_slots}) list->reserve(static_cast<std::size_t>(n_slots));
  tokens.reserve(static_cast<std::size_t>(n_slots));
  for (int slot = n_slots - 1; slot >= 0; --slot) free_slots.push_back(slot);

  for (int waiting = 0; waiting < n_rows || !slots.empty();) {
    while (waiting < n_rows && !free_slots.empty()) {
      if (stop != nullptr && *stop) fail(ErrorCode::kCancelled, "decoding was cancelled");
      batch.start(free_slots.back(), memory + row_floats * waiting);
      slots.push_back(free_slots.back());
      rows.push_back(waiting++);
      tokens.push_back(kPad);
      free_slots.pop_back();
    }
    if (stop != nullptr && *stop) fail(ErrorCode::kCancelled, "decoding was cancelled");
    const std::span<float> logits = batch.step(slots, tokens);
    const double work = (processor != nullptr ? 40.0 : 5.0) * static_cast<double>(logits.size());
    compute.team.run(static_cast<int>(slots.size()), work, [&](int task, int) {
      const std::size_t i = static_cast<std::size_t>(task);
      const std::span<float> mine = logits.subspan(i * vocabulary, vocabulary);
      if (processor != nullptr) processor->process(rows[i], output[static_cast<std::size_t>(rows[i])], mine);
      // Of equal logits the lowest token.
      tokens[i] = static_cast<std::int32_t>(std::max_element(mine.begin(), mine.end()) - mine.begin());
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      std::vector<std::int32_t>& mine = output[static_cast<std::size_t>(rows[i])];
      mine.push_back(tokens[i]);
      const int n = static_cast<int>(mine.size());
      // As the reference: an EOS in first place does not end the row.
      if ((tokens[i] == kEos && n > 1) || n == max_length) {
        batch.finish(slots[i]);
        free_slots.push_back(slots[i]);
        continue;
      }
      slots[kept] = slots[i];
      rows[kept] = rows[i];
      tokens[kept++] = tokens[i];
    }
    slots.resize(kept);
    rows.resize(kept);
    tokens.resize(kept);
  }
  for (auto& mine : output) {
    while (!mine.empty() && mine.back() == kPad) mine.pop_back();
  }
  return output;
}

}  // namespace yourmt3
