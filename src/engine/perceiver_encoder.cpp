#include "engine/perceiver_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "engine/make_each.h"

namespace yourmt3 {
namespace {

// Rows of a part, about: their activations and a layer's weights lie in the
// second-level cache together.
constexpr int kPartRows = 130;

std::size_t times(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

float* at_least(FloatBuffer& buffer, std::size_t n) {
  if (buffer.size() < n) buffer.resize(n);
  return buffer.data();
}

/// Turns the heads of rows by their positions: sequences are whole runs of
/// rows, or interleaved with one step.
void rotate(const Rope& rope, float* x, int rows, int stride, int heads, int d_head, const SequenceRows& sequences) {
  if (rope.empty()) return;
  for (int row = 0; row < rows; ++row) {
    const int position = sequences.row_step == 1 ? row % sequences.length : row / sequences.row_step;
    rope.rotate(x + static_cast<std::ptrdiff_t>(row) * stride, position, heads, d_head);
  }
}

/// (rows, columns) to (columns, rows).
void transpose(const float* x, int rows, int columns, float* y) {
  // Whole cache lines of x.
  constexpr int kBlock = 16;
  for (int begin = 0; begin < columns; begin += kBlock) {
    const int end = std::min(columns, begin + kBlock);
    for (int row = 0; row < rows; ++row) {
      for (int column = begin; column < end; ++column) {
        y[times(column, rows) + times(row, 1)] = x[times(row, columns) + times(column, 1)];
      }
    }
  }
}

/// A linear layer of several official ones with the same input, outputs side by
/// side.
Linear stacked(const Arithmetic& arithmetic, const WeightReader& weights,
               std::initializer_list<std::pair<const char*, int>> names, int inputs) {
  std::vector<float> weight, bias;
  for (const auto& [name, outputs] : names) {
    const std::vector<float> w = weights.get(std::string(name) + ".weight", {outputs, inputs});
    const std::vector<float> b = weights.get(std::string(name) + ".bias", {outputs});
    weight.insert(weight.end(), w.begin(), w.end());
    bias.insert(bias.end(), b.begin(), b.end());
  }
  return {arithmetic, weight, static_cast<int>(bias.size()), inputs, bias};
}

}  // namespace

/// Buffers of one thread, kept from part to part.
struct PerceiverEncoder::Workspace {
  FloatBuffer stream;  // Of some latents, whose rows lie apart in the whole stream.
  FloatBuffer normed_keys, kv, normed, q, mixed, logits, scratch;
  FeedForward::Workspace feed_forward;
};

PerceiverEncoder::PerceiverEncoder(const Arithmetic& arithmetic, ThreadTeam& team, const EncoderConfig& config,
                                   int n_frames, int n_bins, int n_maps, const WeightReader& weights)
    : config_(config),
      n_frames_(n_frames),
      n_keys_(config.attention_to_channel ? n_maps : n_bins),
      n_bins_(n_bins),
      n_maps_(n_maps) {
  const int width = config.d_model, latents = config.n_latents;
  const int key_width = config.attention_to_channel ? n_bins : n_maps;
  if (key_width != config.kv_dim) {
    fail(ErrorCode::kInvalidArgument, "encoder.kv_dim is {}, but the keys are {} wide", config.kv_dim, key_width);
  }
  const std::vector<float> latent_array = weights.get("latent_array.latents", {latents, width});
  for (int t = 0; t < n_frames; ++t) start_.insert(start_.end(), latent_array.begin(), latent_array.end());

  // Adds table[t][k][i] of the axes that the table has; a missing axis has step 0.
  const auto add_table = [&](const std::vector<float>& table, int t_step, int k_step, int i_step) {
    std::size_t at = 0;
    for (int t = 0; t < n_frames; ++t) {
      for (int k = 0; k < latents; ++k) {
        for (int i = 0; i < width; ++i) {
          start_[at++] += table[times(t, t_step) + times(k, k_step) + times(i, i_step)];
        }
      }
    }
  };
  const int rows = config.n_positions;
  const bool by_frame =
      config.position == LatentPosition::kTrainableTkd || config.position == LatentPosition::kTrainableTd ||
      config.position == LatentPosition::kTrainableTk || config.position == LatentPosition::kTrainableKdt;
  if (by_frame && rows < n_frames) {
    fail(ErrorCode::kInvalidArgument, "encoder.n_positions is {}, fewer than the {} frames of a segment", rows,
         n_frames);
  }
  const std::string name = "pos_emb._pos_emb";
  if (config.position == LatentPosition::kTrainableTkd) {
    add_table(weights.get(name, {rows, latents, width}), latents * width, width, 1);
  } else if (config.position == LatentPosition::kTrainableTd) {
    add_table(weights.get(name, {rows, width}), width, 0, 1);
  } else if (config.position == LatentPosition::kTrainableTk) {
    add_table(weights.get(name, {rows, latents}), latents, 1, 0);
  } else if (config.position == LatentPosition::kTrainableKdt) {
    add_table(weights.get(name, {latents, width}), 0, width, 1);
    temporal_positions_ = weights.get(name + "_temporal", {rows, width});
  }

  for (int i = 0; i < config.n_blocks; ++i) {
    const WeightReader block = weights.below(fmt::format("blocks.{}.", i));
    Block& made = blocks_.emplace_back();
    made.cross = read_attention(arithmetic, block.below("spectral_cross_attention."), Kind::kCross);
    made.local = make_each(team, config.n_local_layers, [&](int j) {
      return read_layer(arithmetic, block.below(fmt::format("local_transformer.{}.", j)), Kind::kLocal);
    });
    made.temporal = make_each(team, config.n_temporal_layers, [&](int j) {
      return read_layer(arithmetic, block.below(fmt::format("temporal_transformer.{}.", j)), Kind::kTemporal);
    });
  }
}

PerceiverEncoder::Attention PerceiverEncoder::read_attention(const Arithmetic& arithmetic, const WeightReader& weights,
                                                             Kind kind) const {
  const int width = config_.d_model, qk = config_.qk_channels, v = config_.v_channels;
  const WeightReader self = weights.below("self.");
  const bool cross = kind == Kind::kCross;
  Attention attention;
  attention.heads = cross ? config_.n_cross_heads : config_.n_self_heads;
  attention.query_norm = RowNorm(self.below("layernorm1."), width, config_.norm, config_.norm_eps);
  if (cross) {
    attention.key_norm = RowNorm(self.below("layernorm2."), config_.kv_dim, config_.norm, config_.norm_eps);
    attention.q = stacked(arithmetic, self, {{"query", qk}}, width);
    attention.kv = stacked(arithmetic, self, {{"key", qk}, {"value", v}}, config_.kv_dim);
    attention.residual = config_.sca_query_residual;
  } else {
    attention.qkv = stacked(arithmetic, self, {{"query", qk}, {"key", qk}, {"value", v}}, width);
  }
  attention.out = stacked(arithmetic, weights.below("output."), {{"dense", width}}, v);

  const int d_head = qk / attention.heads;
  const int lq = kind == Kind::kTemporal ? n_frames_ : config_.n_latents;
  const int lk = cross ? n_keys_ : lq;
  if (config_.position == LatentPosition::kRope) {
    const RopeKind rope = cross ? config_.rope_sca : kind == Kind::kLocal ? config_.rope_latent : config_.rope_temporal;
    const int rope_width = config_.rope_partial ? config_.n_cross_heads / 2 : config_.n_cross_heads;
    const int pairs = rope_width / 2;
    if (2 * pairs > d_head) {
      fail(ErrorCode::kInvalidArgument, "rotation of {} channels does not fit into heads of {}", 2 * pairs, d_head);
    }
    const std::vector<float> frequencies =
        self.has("rotary_emb.freqs") ? self.get("rotary_emb.freqs", {pairs}) : rope_frequencies(rope, rope_width);
    attention.rope_queries = Rope(rope, frequencies, lq);
    if (config_.rope_apply_to_keys) attention.rope_keys = Rope(rope, frequencies, lk);
  } else if (config_.position == LatentPosition::kAlibi) {
    attention.bias = alibi_bias(alibi_slopes(attention.heads), lq, lk, d_head);
  } else if (config_.position == LatentPosition::kAlibiTrained) {
    std::vector<float> slopes = self.get("alibi_bias.slopes", {attention.heads, 1, 1});
    for (float& slope : slopes) slope = 1.f / (1.f + std::exp(-slope));
    attention.bias = alibi_bias(slopes, lq, lk, d_head);
  }
  return attention;
}

PerceiverEncoder::Layer PerceiverEncoder::read_layer(const Arithmetic& arithmetic, const WeightReader& weights,
                                                     Kind kind) const {
  const int width = config_.d_model, hidden = config_.ff_widening * width;
  const WeightReader mlp = weights.below("mlp.");
  const ElementOp op = element_op(config_.activation);
  Layer layer;
  layer.attention = read_attention(arithmetic, weights.below("attention."), kind);
  layer.norm = RowNorm(weights.below("layernorm."), width, config_.norm, config_.norm_eps);
  switch (config_.feed_forward) {
    case EncoderConfig::FeedForward::kMlp:
      layer.feed_forward = FeedForward::mlp(arithmetic, mlp, width, hidden, op);
      break;
    case EncoderConfig::FeedForward::kGatedMlp:
      layer.feed_forward =
          FeedForward::gated(arithmetic, mlp, "w1.weight", "gate.weight", "w2.weight", width, hidden, op);
      break;
    case EncoderConfig::FeedForward::kMoe:
      layer.feed_forward = FeedForward::experts(arithmetic, mlp, width, config_.n_experts, config_.top_k, op);
      break;
  }
  return layer;
}

HeadShape PerceiverEncoder::head_shape(const Attention& attention) const {
  HeadShape shape;
  shape.heads = attention.heads;
  shape.d_qk = config_.qk_channels / attention.heads;
  shape.d_v = config_.v_channels / attention.heads;
  shape.scale = 1.f / std::sqrt(static_cast<float>(shape.d_qk));
  shape.bias = attention.bias.empty() ? nullptr : attention.bias.data();
  return shape;
}

void PerceiverEncoder::run_cross(const Compute& compute, const Attention& attention, const float* input,
                                 const Part& part, Workspace& workspace) const {
  const int latents = part.n_latents, rows = part.rows();
  const int qk = config_.qk_channels, v = config_.v_channels, kv = qk + v;
  const HeadShape shape = head_shape(attention);
  float* normed = at_least(workspace.normed, times(rows, config_.d_model));
  float* q = at_least(workspace.q, times(rows, qk));
  float* mixed = at_least(workspace.mixed, times(rows, v));
  attention.query_norm.apply(compute, part.stream, rows, normed);
  attention.q.apply(compute, normed, rows, q);
  const SequenceRows queries{latents, latents, 1}, spectra{n_keys_, n_keys_, 1};
  rotate(attention.rope_queries, q, rows, qk, attention.heads, shape.d_qk, queries);
  // Keys and values of few frames at a time: there are more of them than
  // latents.
  const int together = std::max(1, compute.team.n_threads() * kPartRows / n_keys_);
  for (int t = 0; t < part.n_frames; t += together) {
    const int n = std::min(together, part.n_frames - t), key_rows = n * n_keys_;
    float* normed_keys = at_least(workspace.normed_keys, times(key_rows, config_.kv_dim));
    float* k = at_least(workspace.kv, times(key_rows, kv));
    const float* spectrum = input + times(t, n_bins_, n_maps_);
    if (config_.attention_to_channel) {
      for (int i = 0; i < n; ++i) {
        const std::size_t at = times(i, n_bins_, n_maps_);
        transpose(spectrum + at, n_bins_, n_maps_, normed_keys + at);
      }
      spectrum = normed_keys;
    }
    attention.key_norm->apply(compute, spectrum, key_rows, normed_keys);
    attention.kv.apply(compute, normed_keys, key_rows, k);
    rotate(attention.rope_keys, k, key_rows, kv, attention.heads, shape.d_qk, spectra);
    attend(compute, shape, n, queries, spectra, {q + times(t, latents, qk), qk}, {k, kv}, {k + qk, kv},
           mixed + times(t, latents, v), workspace.scratch);
  }
  attention.out.apply(compute, mixed, rows, part.stream, {.residual = attention.residual ? part.stream : nullptr});
}

void PerceiverEncoder::run_layer(const Compute& compute, const Layer& layer, bool temporal, const Part& part,
                                 Workspace& workspace, const std::string& name, const Observer& observer) const {
  const Attention& attention = layer.attention;
  const int latents = part.n_latents, frames = part.n_frames, rows = part.rows();
  const int qk = config_.qk_channels, v = config_.v_channels, qkv = 2 * qk + v;
  const HeadShape shape = head_shape(attention);
  // A temporal sequence is every K-th row.
  const SequenceRows sequences = temporal ? SequenceRows{frames, 1, latents} : SequenceRows{latents, latents, 1};
  float* normed = at_least(workspace.normed, times(rows, config_.d_model));
  float* q = at_least(workspace.q, times(rows, qkv));
  float* mixed = at_least(workspace.mixed, times(rows, v));
  attention.query_norm.apply(compute, part.stream, rows, normed);
  attention.qkv.apply(compute, normed, rows, q);
  rotate(attention.rope_queries, q, rows, qkv, attention.heads, shape.d_qk, sequences);
  rotate(attention.rope_keys, q + qk, rows, qkv, attention.heads, shape.d_qk, sequences);
  attend(compute, shape, temporal ? latents : frames, sequences, sequences, {q, qkv}, {q + qk, qkv}, {q + 2 * qk, qkv},
         mixed, workspace.scratch);
  attention.out.apply(compute, mixed, rows, part.stream, {.residual = attention.residual ? part.stream : nullptr});
  layer.norm.apply(compute, part.stream, rows, normed);
  if (observer && config_.feed_forward == EncoderConfig::FeedForward::kMoe) {
    workspace.logits.resize(times(rows, config_.n_experts));
    layer.feed_forward.router_logits(compute, normed, rows, workspace.logits.data());
    observer(name + ".router_logits", workspace.logits);
  }
  layer.feed_forward.add(compute, normed, rows, part.stream, workspace.feed_forward);
  if (observer) observer(name, {part.stream, times(rows, config_.d_model)});
}

void PerceiverEncoder::run(const Compute& compute, const float* input, float* out, const Observer& observer,
                           const RouterObserver& routers, int segment) const {
  const int latents = config_.n_latents, d = config_.d_model, n_threads = compute.team.n_threads();
  std::copy(start_.begin(), start_.end(), out);
  std::vector<Workspace> workspaces(static_cast<std::size_t>(n_threads));

  // Whoever watches sees one layer after the other of the whole segment.
  const bool watched = observer || routers;
  workspaces[0].feed_forward.observer = routers;
  workspaces[0].feed_forward.segment = segment;
  const auto in_parts = [&](int n, int rows_of_one, const auto& body) {
    if (watched) return body(compute, 0, n, workspaces[0]);
    const int size = std::max(1, std::min(kPartRows / rows_of_one, n / (2 * n_threads)));
    compute.team.run((n + size - 1) / size, [&](int part, int thread) {
      body(compute.alone(), part * size, std::min(size, n - part * size), workspaces[static_cast<std::size_t>(thread)]);
    });
  };
  const auto watch_routers = [&](Workspace& workspace, std::size_t block, const char* kind, std::size_t layer) {
    if (routers) workspace.feed_forward.layer = fmt::format("encoder.blocks.{}.{}.{}.mlp", block, kind, layer);
  };
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    const std::string name = fmt::format("block{}", i);
    in_parts(n_frames_, latents, [&](const Compute& own, int first, int n, Workspace& workspace) {
      const Part part{n, latents, out + times(first, latents, d)};
      run_cross(own, block.cross, input + times(first, n_bins_, n_maps_), part, workspace);
      if (observer) observer(name + ".sca", {part.stream, times(part.rows(), d)});
      for (std::size_t j = 0; j < block.local.size(); ++j) {
        watch_routers(workspace, i, "local_transformer", j);
        run_layer(own, block.local[j], false, part, workspace, fmt::format("{}.local{}", name, j), observer);
      }
    });
    in_parts(latents, n_frames_, [&](const Compute& own, int first, int n, Workspace& workspace) {
      const Part part{n_frames_, n, at_least(workspace.stream, times(n_frames_, n, d))};
      for (int t = 0; t < n_frames_; ++t) {
        std::copy_n(out + times(t * latents + first, d), times(n, d), part.stream + times(t, n, d));
        if (i > 0 || temporal_positions_.empty()) continue;
        for (int k = 0; k < n; ++k) {
          own.kernels.add_scaled(1.f, temporal_positions_.data() + times(t, d), part.stream + times(t * n + k, d),
                                 static_cast<std::size_t>(d));
        }
      }
      for (std::size_t j = 0; j < block.temporal.size(); ++j) {
        watch_routers(workspace, i, "temporal_transformer", j);
        run_layer(own, block.temporal[j], true, part, workspace, fmt::format("{}.temporal{}", name, j), observer);
      }
      for (int t = 0; t < n_frames_; ++t) {
        std::copy_n(part.stream + times(t, n, d), times(n, d), out + times(t * latents + first, d));
      }
    });
    if (observer) observer(name, {out, start_.size()});
  }
}

}  // namespace yourmt3
