#include "engine/t5_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "engine/make_each.h"
#include "engine/position.h"

namespace yourmt3 {

T5Decoder::T5Decoder(const Arithmetic& arithmetic, ThreadTeam& team, const DecoderConfig& config,
                     const WeightReader& weights, std::span<const float> projection)
    : config_(config),
      shape_{config.d_model,      config.n_layers,  config.n_heads,
             config.d_kv,         config.d_ff,      config.relative_position_bias,
             config.feed_forward, config.n_experts, config.top_k},
      memory_width_(projection.empty() ? config.d_model : static_cast<int>(projection.size()) / config.d_model),
      embeddings_(weights.get("embed_tokens.weight", {config.vocab_size, config.d_model})) {
  const WeightReader stack = weights.below("decoder.decoder.");
  positions_ = read_positions(stack, shape_, config.n_positions);
  bias_table_ = read_relative_bias(stack, shape_);
  blocks_ = make_each(team, config.n_layers, [&](int i) {
    const WeightReader block = stack.below(fmt::format("block.{}.layer.", i));
    return Block{T5SelfAttention(arithmetic, block.below("0."), shape_),
                 T5CrossAttention(arithmetic, block.below("1."), shape_, projection),
                 T5FeedForward(arithmetic, block.below("2."), shape_)};
  });
  final_norm_ = RowNorm(stack.below("final_layer_norm."), config.d_model, Norm::kRmsNorm, kT5NormEps);
  std::vector<float> head = weights.get("lm_head.lm_head.weight", {config.vocab_size, config.d_model});
  const double scale = config.logit_scale > 0.f ? config.logit_scale : 1.0 / std::sqrt(double(config.d_model));
  for (float& value : head) value = static_cast<float>(value * scale);
  head_ = Linear(arithmetic.exact(), head, config.vocab_size, config.d_model);
}

void T5Decoder::run(const Compute& compute, std::span<const std::int32_t> ids, Rows memory, int memory_length,
                    float* hidden, float* logits) const {
  const int rows = static_cast<int>(ids.size()), d = shape_.d_model, inner = shape_.inner();
  const std::size_t size = ids.size() * static_cast<std::size_t>(d);
  FloatBuffer stream(size), normed(size), q(ids.size() * static_cast<std::size_t>(3 * inner));
  FloatBuffer mixed(ids.size() * static_cast<std::size_t>(inner));
  const int heads = shape_.n_heads, queries_width = heads * memory_width_;
  const AttentionMemory remembered(compute.kernels, memory, memory_length, memory_width_);
  FloatBuffer queries(ids.size() * static_cast<std::size_t>(queries_width)), sums(queries.size());
  const std::size_t scores = AttentionMemory::scratch(heads, memory_length);
  FloatBuffer scratch, score_scratch(scores * static_cast<std::size_t>(compute.team.n_threads()));
  FeedForward::Workspace workspace;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const float* embedding = embeddings_.data() + static_cast<std::ptrdiff_t>(ids[i]) * d;
    std::copy(embedding, embedding + d, stream.data() + i * static_cast<std::size_t>(d));
  }
  if (!positions_.empty()) compute.kernels.add_scaled(1.f, positions_.data(), stream.data(), size);

  std::vector<float> bias;
  if (!bias_table_.empty()) bias = relative_position_bias(bias_table_, shape_.n_heads, rows, false);
  HeadShape self;
  self.heads = heads;
  self.d_qk = self.d_v = shape_.d_kv;
  self.causal = true;
  self.bias = bias.empty() ? nullptr : bias.data();
  const SequenceRows positions{rows, 0, 1};
  for (const Block& block : blocks_) {
    block.self.norm.apply(compute, stream.data(), rows, normed.data());
    block.self.qkv.apply(compute, normed.data(), rows, q.data());
    attend(compute, self, 1, positions, positions, {q.data(), 3 * inner}, {q.data() + inner, 3 * inner},
           {q.data() + 2 * inner, 3 * inner}, mixed.data(), scratch);
    block.self.out.apply(compute, mixed.data(), rows, stream.data(), {.residual = stream.data()});
    block.cross.norm.apply(compute, stream.data(), rows, normed.data());
    block.cross.q.apply(compute, normed.data(), rows, q.data());
    block.cross.to_memory(compute, q.data(), rows, queries.data());
    compute.team.run(rows, 2.0 * rows * queries_width * memory_length, [&](int row, int thread) {
      const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(row) * queries_width;
      remembered.attend(compute.kernels, queries.data() + first, heads, sums.data() + first,
                        score_scratch.data() + scores * static_cast<std::size_t>(thread));
    });
    block.cross.from_memory(compute, sums.data(), rows, mixed.data());
    block.cross.out.apply(compute, mixed.data(), rows, stream.data(), {.residual = stream.data()});
    block.feed_forward.add(compute, stream.data(), rows, normed.data(), workspace);
  }
  final_norm_.apply(compute, stream.data(), rows, normed.data());
  if (hidden != nullptr) std::copy(normed.begin(), normed.end(), hidden);
  head_.apply(compute, normed.data(), rows, logits);
}

struct DecoderBatch::Slot {
  std::vector<float*> pages;  // Keys and values of its tokens.
  AttentionMemory memory;
  int n = 0;  // Tokens so far.
};

namespace {

/// Stores one position's keys and values of all heads (inner floats each) in a page.
void store_position(float* page, int position, const float* keys, const float* values, int heads, int d) {
  const int width = cached_width(d);
  for (int h = 0; h < heads; ++h) {
    float* k = page + static_cast<std::ptrdiff_t>(h) * kPagePositions * d + position;
    for (int i = 0; i < d; ++i) k[static_cast<std::ptrdiff_t>(i) * kPagePositions] = keys[h * d + i];
    float* v = page + static_cast<std::ptrdiff_t>(heads) * kPagePositions * d +
               (static_cast<std::ptrdiff_t>(h) * kPagePositions + position) * width;
    std::copy(values + h * d, values + (h + 1) * d, v);
  }
}

constexpr int n_pages(int positions) {
  return (positions + kPagePositions - 1) / kPagePositions;
}

}  // namespace

DecoderBatch::DecoderBatch(const T5Decoder& decoder, const Compute& compute, int n_slots, int memory_length,
                           int max_length)
    : decoder_(decoder),
      compute_(compute),
      memory_length_(memory_length),
      max_length_(max_length),
      head_floats_(kPagePositions * (decoder.shape_.d_kv + cached_width(decoder.shape_.d_kv))),
      page_floats_(static_cast<std::ptrdiff_t>(decoder.shape_.n_layers) * decoder.shape_.n_heads * head_floats_),
      slots_(static_cast<std::size_t>(n_slots)) {
  const T5Shape& shape = decoder.shape_;
  const std::size_t n = static_cast<std::size_t>(n_slots);
  for (Slot& slot : slots_) slot.pages.reserve(static_cast<std::size_t>(n_pages(max_length)));
  stream_.resize(n * static_cast<std::size_t>(shape.d_model));
  normed_.resize(stream_.size());
  qkv_.resize(n * static_cast<std::size_t>(3 * shape.inner()));
  mixed_.resize(n * static_cast<std::size_t>(shape.inner()));
  queries_.resize(n * static_cast<std::size_t>(shape.n_heads * decoder.memory_width_));
  sums_.resize(queries_.size());
  const std::size_t scores = std::max(static_cast<std::size_t>(kPagePositions * n_pages(max_length)),
                                      AttentionMemory::scratch(shape.n_heads, memory_length));
  scores_.resize(scores * static_cast<std::size_t>(compute.team.n_threads()));
  logits_.resize(n * static_cast<std::size_t>(decoder.config_.vocab_size));
  if (!decoder.bias_table_.empty()) {
    // The row of the last query, read from its end: the bias of key j for query i is bias[max_length - 1 - i + j].
    const std::vector<float> both = relative_position_bias(decoder.bias_table_, shape.n_heads, max_length, false);
    for (int h = 0; h < shape.n_heads; ++h) {
      const auto begin = both.begin() + static_cast<std::ptrdiff_t>(h) * (2 * max_length - 1);
      bias_.insert(bias_.end(), begin, begin + max_length);
    }
  }
}

DecoderBatch::~DecoderBatch() = default;

float* DecoderBatch::take_page() {
  if (free_pages_.empty()) {
    pages_.emplace_back(static_cast<std::size_t>(page_floats_));
    free_pages_.push_back(pages_.back().data());
  }
  float* page = free_pages_.back();
  free_pages_.pop_back();
  return page;
}

void DecoderBatch::start(int slot, Rows memory) {
  Slot& row = slots_[static_cast<std::size_t>(slot)];
  YOURMT3_ASSERT(row.n == 0);
  row.memory = AttentionMemory(compute_.kernels, memory, memory_length_, decoder_.memory_width_);
}

void DecoderBatch::finish(int slot) {
  Slot& row = slots_[static_cast<std::size_t>(slot)];
  free_pages_.insert(free_pages_.end(), row.pages.begin(), row.pages.end());
  row.pages.clear();
  row.n = 0;
}

void DecoderBatch::attend_to_tokens(int layer, std::span<const int> slots) {
  const T5Shape& shape = decoder_.shape_;
  const int d = shape.d_kv, heads = shape.n_heads, inner = shape.inner();
  const std::ptrdiff_t layer_offset = static_cast<std::ptrdiff_t>(layer) * heads * head_floats_;
  const std::size_t scores = scores_.size() / static_cast<std::size_t>(compute_.team.n_threads());
  double work = 0;
  for (const int slot : slots) work += slots_[static_cast<std::size_t>(slot)].n + 1;
  work *= 20.0 * inner;  // Keys and values come from memory.
  compute_.team.run(static_cast<int>(slots.size()), work, [&](int i, int thread) {
    const Slot& row = slots_[static_cast<std::size_t>(slots[static_cast<std::size_t>(i)])];
    for (int head = 0; head < heads; ++head) {
      CachedAttentionArgs args;
      args.q = qkv_.data() + static_cast<std::ptrdiff_t>(i) * 3 * inner + head * d;
      args.d = d;
      args.pages = row.pages.data();
      args.k_offset = layer_offset + static_cast<std::ptrdiff_t>(head) * kPagePositions * d;
      args.v_offset = layer_offset + static_cast<std::ptrdiff_t>(heads) * kPagePositions * d +
                      static_cast<std::ptrdiff_t>(head) * kPagePositions * cached_width(d);
      args.n = row.n + 1;
      if (!bias_.empty()) {
        args.bias = bias_.data() + static_cast<std::ptrdiff_t>(head) * max_length_ + max_length_ - 1 - row.n;
      }
      args.scores = scores_.data() + scores * static_cast<std::size_t>(thread);
      args.out = mixed_.data() + static_cast<std::ptrdiff_t>(i) * inner + head * d;
      compute_.kernels.cached_attention(args);
    }
  });
}

void DecoderBatch::attend_to_memory(int layer, std::span<const int> slots) {
  const T5CrossAttention& cross = decoder_.blocks_[static_cast<std::size_t>(layer)].cross;
  const int rows = static_cast<int>(slots.size()), heads = decoder_.shape_.n_heads;
  const int width = heads * decoder_.memory_width_;
  const std::size_t scores = scores_.size() / static_cast<std::size_t>(compute_.team.n_threads());
  cross.to_memory(compute_, qkv_.data(), rows, queries_.data());
  compute_.team.run(rows, 2.0 * rows * width * memory_length_, [&](int i, int thread) {
    const Slot& row = slots_[static_cast<std::size_t>(slots[static_cast<std::size_t>(i)])];
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(i) * width;
    row.memory.attend(compute_.kernels, queries_.data() + first, heads, sums_.data() + first,
                      scores_.data() + scores * static_cast<std::size_t>(thread));
  });
  cross.from_memory(compute_, sums_.data(), rows, mixed_.data());
}

std::span<float> DecoderBatch::step(std::span<const int> slots, std::span<const std::int32_t> tokens) {
  const T5Shape& shape = decoder_.shape_;
  const int rows = static_cast<int>(slots.size()), d = shape.d_model, inner = shape.inner();
  for (int i = 0; i < rows; ++i) {
    Slot& row = slots_[static_cast<std::size_t>(slots[static_cast<std::size_t>(i)])];
    YOURMT3_ASSERT(row.n < max_length_);
    if (row.n % kPagePositions == 0) row.pages.push_back(take_page());
    float* x = stream_.data() + static_cast<std::ptrdiff_t>(i) * d;
    const std::ptrdiff_t token = tokens[static_cast<std::size_t>(i)];
    std::copy_n(decoder_.embeddings_.data() + token * d, d, x);
    if (!decoder_.positions_.empty()) {
      const float* position = decoder_.positions_.data() + static_cast<std::ptrdiff_t>(row.n) * d;
      compute_.kernels.add_scaled(1.f, position, x, static_cast<std::size_t>(d));
    }
  }
  float* stream = stream_.data();
  for (int layer = 0; layer < shape.n_layers; ++layer) {
    const T5Decoder::Block& block = decoder_.blocks_[static_cast<std::size_t>(layer)];
    block.self.norm.apply(compute_, stream, rows, normed_.data());
    block.self.qkv.apply(compute_, normed_.data(), rows, qkv_.data());
    for (int i = 0; i < rows; ++i) {
      const Slot& row = slots_[static_cast<std::size_t>(slots[static_cast<std::size_t>(i)])];
      const float* qkv = qkv_.data() + static_cast<std::ptrdiff_t>(i) * 3 * inner;
      float* page = row.pages.back() + static_cast<std::ptrdiff_t>(layer) * shape.n_heads * head_floats_;
      store_position(page, row.n % kPagePositions, qkv + inner, qkv + 2 * inner, shape.n_heads, shape.d_kv);
    }
    attend_to_tokens(layer, slots);
    block.self.out.apply(compute_, mixed_.data(), rows, stream, {.residual = stream});
    block.cross.norm.apply(compute_, stream, rows, normed_.data());
    block.cross.q.apply(compute_, normed_.data(), rows, qkv_.data());
    attend_to_memory(layer, slots);
    block.cross.out.apply(compute_, mixed_.data(), rows, stream, {.residual = stream});
    block.feed_forward.add(compute_, stream, rows, normed_.data(), workspace_);
  }
  decoder_.final_norm_.apply(compute_, stream, rows, normed_.data());
  decoder_.head_.apply(compute_, normed_.data(), rows, logits_.data());
  for (const int slot : slots) ++slots_[static_cast<std::size_t>(slot)].n;
  return {logits_.data(), slots.size() * static_cast<std::size_t>(decoder_.config_.vocab_size)};
}

}  // namespace yourmt3
