#include "engine/perceiver_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "engine/make_each.h"

namespace yourmt3 {
namespace {

std::size_t times(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

/// A linear layer of several official ones with the same input, outputs side by side.
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

struct PerceiverEncoder::Workspace {
  FloatBuffer stream;             // (T, K, D), the residual stream.
  FloatBuffer keys, normed_keys;  // (T, n_keys, kv_dim).
  FloatBuffer normed, q, kv, mixed, logits, scratch;
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

void PerceiverEncoder::rotate(const Compute& compute, const Rope& rope, float* x, int rows, int stride, int heads,
                              const SequenceRows& sequences) const {
  if (rope.empty()) return;
  const int d_head = config_.qk_channels / heads;
  // Sequences are either whole runs of rows or interleaved: with one step or the other, the position is found by
  // dividing by it.
  const int task_rows = 256;
  const double work = 40.0 * rows * heads;
  compute.team.run((rows + task_rows - 1) / task_rows, work, [&](int task, int) {
    for (int row = task * task_rows; row < std::min(rows, (task + 1) * task_rows); ++row) {
      const int position = sequences.row_step == 1 ? row % sequences.length : row / sequences.row_step;
      rope.rotate(x + static_cast<std::ptrdiff_t>(row) * stride, position, heads, d_head);
    }
  });
}

void PerceiverEncoder::mix(const Compute& compute, const Attention& attention, const SequenceRows& queries,
                           const SequenceRows& keys, int n_sequences, Rows q, Rows k, Rows v,
                           Workspace& workspace) const {
  const int rows = n_frames_ * config_.n_latents;
  HeadShape shape;
  shape.heads = attention.heads;
  shape.d_qk = config_.qk_channels / attention.heads;
  shape.d_v = config_.v_channels / attention.heads;
  shape.scale = 1.f / std::sqrt(static_cast<float>(shape.d_qk));
  shape.bias = attention.bias.empty() ? nullptr : attention.bias.data();
  attend(compute, shape, n_sequences, queries, keys, q, k, v, workspace.mixed.data(), workspace.scratch);
  float* stream = workspace.stream.data();
  attention.out.apply(compute, workspace.mixed.data(), rows, stream,
                      {.residual = attention.residual ? stream : nullptr});
}

void PerceiverEncoder::run_cross(const Compute& compute, const Attention& attention, Workspace& workspace) const {
  const int latents = config_.n_latents, rows = n_frames_ * latents, key_rows = n_frames_ * n_keys_;
  const int qk = config_.qk_channels, kv = qk + config_.v_channels;
  attention.query_norm.apply(compute, workspace.stream.data(), rows, workspace.normed.data());
  attention.key_norm->apply(compute, workspace.keys.data(), key_rows, workspace.normed_keys.data());
  attention.q.apply(compute, workspace.normed.data(), rows, workspace.q.data());
  attention.kv.apply(compute, workspace.normed_keys.data(), key_rows, workspace.kv.data());
  const SequenceRows queries{latents, latents, 1}, keys{n_keys_, n_keys_, 1};
  rotate(compute, attention.rope_queries, workspace.q.data(), rows, qk, attention.heads, queries);
  rotate(compute, attention.rope_keys, workspace.kv.data(), key_rows, kv, attention.heads, keys);
  mix(compute, attention, queries, keys, n_frames_, {workspace.q.data(), qk}, {workspace.kv.data(), kv},
      {workspace.kv.data() + qk, kv}, workspace);
}

void PerceiverEncoder::run_layer(const Compute& compute, const Layer& layer, bool temporal, Workspace& workspace,
                                 const std::string& name, const Observer& observer) const {
  const int latents = config_.n_latents, rows = n_frames_ * latents;
  const int qk = config_.qk_channels, qkv = 2 * qk + config_.v_channels;
  // The stream stays in frame order: a temporal sequence is every K-th row.
  const SequenceRows sequences = temporal ? SequenceRows{n_frames_, 1, latents} : SequenceRows{latents, latents, 1};
  float* stream = workspace.stream.data();
  float* q = workspace.q.data();
  layer.attention.query_norm.apply(compute, stream, rows, workspace.normed.data());
  layer.attention.qkv.apply(compute, workspace.normed.data(), rows, q);
  rotate(compute, layer.attention.rope_queries, q, rows, qkv, layer.attention.heads, sequences);
  rotate(compute, layer.attention.rope_keys, q + qk, rows, qkv, layer.attention.heads, sequences);
  mix(compute, layer.attention, sequences, sequences, temporal ? latents : n_frames_, {q, qkv}, {q + qk, qkv},
      {q + 2 * qk, qkv}, workspace);
  layer.norm.apply(compute, stream, rows, workspace.normed.data());
  if (observer && config_.feed_forward == EncoderConfig::FeedForward::kMoe) {
    workspace.logits.resize(times(rows, config_.n_experts));
    layer.feed_forward.router_logits(compute, workspace.normed.data(), rows, workspace.logits.data());
    observer(name + ".router_logits", workspace.logits);
  }
  layer.feed_forward.add(compute, workspace.normed.data(), rows, stream, workspace.feed_forward);
  if (observer) observer(name, workspace.stream);
}

void PerceiverEncoder::run(const Compute& compute, const float* input, float* out, const Observer& observer,
                           const RouterObserver& routers, int segment) const {
  const int latents = config_.n_latents, rows = n_frames_ * latents, key_rows = n_frames_ * n_keys_;
  const int qk = config_.qk_channels, v = config_.v_channels;
  Workspace workspace;
  workspace.feed_forward.observer = routers;
  workspace.feed_forward.segment = segment;
  workspace.stream.assign(start_.begin(), start_.end());
  workspace.keys.resize(times(key_rows, config_.kv_dim));
  workspace.normed_keys.resize(workspace.keys.size());
  workspace.normed.resize(start_.size());
  workspace.q.resize(times(rows, 2 * qk + v));
  workspace.kv.resize(times(key_rows, qk + v));
  workspace.mixed.resize(times(rows, v));

  compute.team.run(n_frames_, 4.0 * n_frames_ * n_bins_ * n_maps_, [&](int t, int) {
    const float* from = input + times(t, n_bins_, n_maps_);
    float* to = workspace.keys.data() + times(t, n_bins_, n_maps_);
    if (!config_.attention_to_channel) {
      std::copy(from, from + times(n_bins_, n_maps_), to);
      return;
    }
    for (int map = 0; map < n_maps_; ++map) {
      for (int bin = 0; bin < n_bins_; ++bin)
        to[times(map, n_bins_) + times(bin, 1)] = from[times(bin, n_maps_) + times(map, 1)];
    }
  });

  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::string name = fmt::format("block{}", i);
    run_cross(compute, blocks_[i].cross, workspace);
    if (observer) observer(name + ".sca", workspace.stream);
    for (std::size_t j = 0; j < blocks_[i].local.size(); ++j) {
      if (routers) workspace.feed_forward.layer = fmt::format("encoder.blocks.{}.local_transformer.{}.mlp", i, j);
      run_layer(compute, blocks_[i].local[j], false, workspace, fmt::format("{}.local{}", name, j), observer);
    }
    if (i == 0 && !temporal_positions_.empty()) {
      for (int row = 0; row < rows; ++row) {
        compute.kernels.add_scaled(1.f, temporal_positions_.data() + times(row / latents, config_.d_model),
                                   workspace.stream.data() + times(row, config_.d_model),
                                   static_cast<std::size_t>(config_.d_model));
      }
    }
    for (std::size_t j = 0; j < blocks_[i].temporal.size(); ++j) {
      if (routers) workspace.feed_forward.layer = fmt::format("encoder.blocks.{}.temporal_transformer.{}.mlp", i, j);
      run_layer(compute, blocks_[i].temporal[j], true, workspace, fmt::format("{}.temporal{}", name, j), observer);
    }
    if (observer) observer(name, workspace.stream);
  }
  std::copy(workspace.stream.begin(), workspace.stream.end(), out);
}

}  // namespace yourmt3
