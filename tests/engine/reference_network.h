#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "model/weights.h"

namespace yourmt3::testing {

/// Rows of doubles.
struct Matrix {
  Matrix(int n_rows, int n_columns)
      : rows(n_rows), columns(n_columns), values(std::size_t(n_rows) * std::size_t(n_columns)) {}
  double& operator()(int row, int column) {
    return values[std::size_t(row) * std::size_t(columns) + std::size_t(column)];
  }
  double operator()(int row, int column) const {
    return values[std::size_t(row) * std::size_t(columns) + std::size_t(column)];
  }
  int rows, columns;
  std::vector<double> values;
};

inline Matrix matrix_of(const std::vector<float>& values, int rows, int columns) {
  Matrix m(rows, columns);
  m.values.assign(values.begin(), values.end());
  return m;
}

inline double scalar_activation(Activation activation, double x) {
  switch (activation) {
    case Activation::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kRelu:
      return x > 0 ? x : 0;
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kGeluNew:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case Activation::kNone:
      return x;
  }
  return 0;
}

/// The network once more, in double precision and with no thought of speed: what the engine's options are held to where
/// nothing was recorded. Written from the specification, without a look at the engine.
class ReferenceNetwork {
 public:
  explicit ReferenceNetwork(const Model& model) : config_(model.config), weights_(model.weights) {}

  std::vector<double> tensor(const std::string& name) const {
    const auto values = weights_.tensors.at(name).to_f32();
    return {values.begin(), values.end()};
  }
  bool has(const std::string& name) const { return weights_.tensors.contains(name); }

  Matrix linear(const Matrix& x, const std::string& name) const {
    const auto w = tensor(name + ".weight");
    const auto b = has(name + ".bias") ? tensor(name + ".bias") : std::vector<double>();
    Matrix y(x.rows, int(w.size()) / x.columns);
    for (int r = 0; r < y.rows; ++r) {
      for (int o = 0; o < y.columns; ++o) {
        double sum = b.empty() ? 0 : b[std::size_t(o)];
        for (int i = 0; i < x.columns; ++i) sum += x(r, i) * w[std::size_t(o * x.columns + i)];
        y(r, o) = sum;
      }
    }
    return y;
  }

  Matrix norm(const Matrix& x, const std::string& name, bool layer_norm, double eps) const {
    const auto w = tensor(name + ".weight");
    const auto b = layer_norm ? tensor(name + ".bias") : std::vector<double>(w.size());
    Matrix y = x;
    for (int r = 0; r < x.rows; ++r) {
      double mean = 0, squares = 0;
      for (int i = 0; i < x.columns && layer_norm; ++i) mean += x(r, i) / x.columns;
      for (int i = 0; i < x.columns; ++i) squares += (x(r, i) - mean) * (x(r, i) - mean) / x.columns;
      for (int i = 0; i < x.columns; ++i) {
        y(r, i) = (x(r, i) - mean) / std::sqrt(squares + eps) * w[std::size_t(i)] + b[std::size_t(i)];
      }
    }
    return y;
  }

  using ScoreBias = std::function<double(int head, int query, int key)>;

  static Matrix attention(const Matrix& q, const Matrix& k, const Matrix& v, int heads, double scale,
                          const ScoreBias& bias, bool causal) {
    const int d = q.columns / heads, dv = v.columns / heads;
    Matrix out(q.rows, v.columns);
    for (int h = 0; h < heads; ++h) {
      for (int i = 0; i < q.rows; ++i) {
        std::vector<double> p;
        double total = 0;
        for (int j = 0; j < (causal ? i + 1 : k.rows); ++j) {
          double score = bias ? bias(h, i, j) : 0;
          for (int c = 0; c < d; ++c) score += q(i, h * d + c) * k(j, h * d + c);
          p.push_back(std::exp(score * scale));
          total += p.back();
        }
        for (std::size_t j = 0; j < p.size(); ++j) {
          for (int c = 0; c < dv; ++c) out(i, h * dv + c) += p[j] / total * v(int(j), h * dv + c);
        }
      }
    }
    return out;
  }

  Matrix gated(const Matrix& x, const std::string& in, const std::string& gate, const std::string& out,
               Activation activation) const {
    Matrix hidden = linear(x, in);
    const Matrix factor = linear(x, gate);
    for (std::size_t i = 0; i < hidden.values.size(); ++i) {
      hidden.values[i] = scalar_activation(activation, hidden.values[i]) * factor.values[i];
    }
    return linear(hidden, out);
  }

  /// All experts for all rows, weighted by a softmax over the logits of the best `top_k`.
  Matrix experts(const Matrix& x, const std::string& name, int top_k, Activation activation) const {
    const Matrix logits = linear(x, name + ".gate");
    Matrix y(x.rows, x.columns);
    std::vector<Matrix> outputs;
    for (int e = 0; e < logits.columns; ++e) {
      const std::string expert = name + ".experts." + std::to_string(e);
      outputs.push_back(gated(x, expert + ".w1", expert + ".gate", expert + ".w2", activation));
    }
    for (int r = 0; r < x.rows; ++r) {
      std::vector<int> order;
      for (int e = 0; e < logits.columns; ++e) order.push_back(e);
      std::sort(order.begin(), order.end(), [&](int a, int b) { return logits(r, a) > logits(r, b); });
      order.resize(std::size_t(top_k));
      double total = 0;
      for (const int e : order) total += std::exp(logits(r, e));
      for (const int e : order) {
        for (int i = 0; i < x.columns; ++i) y(r, i) += std::exp(logits(r, e)) / total * outputs[std::size_t(e)](r, i);
      }
    }
    return y;
  }

  /// One segment: a matrix of T * F' rows and C columns to T * K rows and D columns.
  Matrix perceiver(const Matrix& input) const {
    const EncoderConfig& c = config_.encoder;
    const int frames = config_.front_end.n_frames(), latents = c.n_latents, width = c.d_model;
    const int bins = input.rows / frames, maps = input.columns;
    Matrix z(frames * latents, width);
    const auto start = tensor("encoder.latent_array.latents");
    const std::string position = "encoder.pos_emb._pos_emb";
    const auto table = has(position) ? tensor(position) : std::vector<double>();
    for (int t = 0; t < frames; ++t) {
      for (int k = 0; k < latents; ++k) {
        for (int i = 0; i < width; ++i) {
          double value = start[std::size_t(k * width + i)];
          if (c.position == LatentPosition::kTrainableTkd) value += table[std::size_t((t * latents + k) * width + i)];
          if (c.position == LatentPosition::kTrainableTd) value += table[std::size_t(t * width + i)];
          if (c.position == LatentPosition::kTrainableTk) value += table[std::size_t(t * latents + k)];
          if (c.position == LatentPosition::kTrainableKdt) value += table[std::size_t(k * width + i)];
          z(t * latents + k, i) = value;
        }
      }
    }
    for (int b = 0; b < c.n_blocks; ++b) {
      const std::string block = "encoder.blocks." + std::to_string(b) + ".";
      Matrix next = z;
      for (int t = 0; t < frames; ++t) {
        Matrix keys(c.attention_to_channel ? maps : bins, c.attention_to_channel ? bins : maps);
        for (int f = 0; f < bins; ++f) {
          for (int m = 0; m < maps; ++m) {
            (c.attention_to_channel ? keys(m, f) : keys(f, m)) = input(t * bins + f, m);
          }
        }
        const Matrix out = unit(rows_of(z, t * latents, latents, 1), &keys, block + "spectral_cross_attention", 's');
        put(next, out, t * latents, 1);
      }
      z = next;
      for (int j = 0; j < c.n_local_layers; ++j) {
        for (int t = 0; t < frames; ++t) {
          put(z, layer(rows_of(z, t * latents, latents, 1), block + "local_transformer." + std::to_string(j), 'l'),
              t * latents, 1);
        }
      }
      if (b == 0 && c.position == LatentPosition::kTrainableKdt) {
        const auto temporal = tensor(position + "_temporal");
        for (int r = 0; r < z.rows; ++r) {
          for (int i = 0; i < width; ++i) z(r, i) += temporal[std::size_t(r / latents * width + i)];
        }
      }
      for (int j = 0; j < c.n_temporal_layers; ++j) {
        for (int k = 0; k < latents; ++k) {
          put(z, layer(rows_of(z, k, frames, latents), block + "temporal_transformer." + std::to_string(j), 't'), k,
              latents);
        }
      }
    }
    return z;
  }

  /// (T, d) to (T, d).
  Matrix t5_encoder(Matrix x) const {
    const EncoderConfig& c = config_.encoder;
    add_t5_positions(x, c.relative_position_bias);
    for (int i = 0; i < c.n_layers; ++i) {
      const std::string name = "encoder.encoder.block." + std::to_string(i) + ".layer.";
      t5_self_attention(x, name + "0", "encoder.encoder", c.n_heads, c.relative_position_bias, true);
      t5_feed_forward(x, name + "1", c.feed_forward, c.top_k);
    }
    return norm(x, "encoder.encoder.final_layer_norm", false, 1e-6);
  }

  /// Ids of one row and its memory to logits (N, V).
  Matrix decoder(const std::vector<std::int32_t>& ids, const Matrix& memory) const {
    const DecoderConfig& c = config_.decoder;
    const auto embeddings = tensor("embed_tokens.weight");
    Matrix x(int(ids.size()), c.d_model);
    for (int n = 0; n < x.rows; ++n) {
      for (int i = 0; i < c.d_model; ++i) x(n, i) = embeddings[std::size_t(ids[std::size_t(n)] * c.d_model + i)];
    }
    add_t5_positions(x, c.relative_position_bias);
    for (int i = 0; i < c.n_layers; ++i) {
      const std::string name = "decoder.decoder.block." + std::to_string(i) + ".layer.";
      t5_self_attention(x, name + "0", "decoder.decoder", c.n_heads, c.relative_position_bias, false);
      const Matrix h = norm(x, name + "1.layer_norm", false, 1e-6);
      const std::string cross = name + "1.EncDecAttention.";
      add(x, linear(attention(linear(h, cross + "q"), linear(memory, cross + "k"), linear(memory, cross + "v"),
                              c.n_heads, 1, {}, false),
                    cross + "o"));
      t5_feed_forward(x, name + "2", c.feed_forward, c.top_k);
    }
    Matrix h = norm(x, "decoder.decoder.final_layer_norm", false, 1e-6);
    const double scale = c.logit_scale > 0 ? c.logit_scale : 1 / std::sqrt(double(c.d_model));
    for (double& value : h.values) value *= scale;
    return linear(h, "lm_head.lm_head");
  }

 private:
  static Matrix rows_of(const Matrix& x, int first, int n, int step) {
    Matrix out(n, x.columns);
    for (int r = 0; r < n; ++r) {
      for (int i = 0; i < x.columns; ++i) out(r, i) = x(first + r * step, i);
    }
    return out;
  }
  static void put(Matrix& x, const Matrix& part, int first, int step) {
    for (int r = 0; r < part.rows; ++r) {
      for (int i = 0; i < x.columns; ++i) x(first + r * step, i) = part(r, i);
    }
  }
  static void add(Matrix& x, const Matrix& y) {
    for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] += y.values[i];
  }

  /// kind: 's' spectral cross attention, 'l' local, 't' temporal.
  Matrix unit(const Matrix& x, const Matrix* keys, const std::string& name, char kind) const {
    const EncoderConfig& c = config_.encoder;
    const bool layer_norm = c.norm == Norm::kLayerNorm;
    const std::string self = name + ".self.";
    const int heads = kind == 's' ? c.n_cross_heads : c.n_self_heads;
    const Matrix h = norm(x, self + "layernorm1", layer_norm, c.norm_eps);
    const Matrix g = keys != nullptr ? norm(*keys, self + "layernorm2", layer_norm, c.norm_eps) : h;
    Matrix q = linear(h, self + "query"), k = linear(g, self + "key");
    const Matrix v = linear(g, self + "value");
    if (c.position == LatentPosition::kRope) {
      const RopeKind rope = kind == 's' ? c.rope_sca : kind == 'l' ? c.rope_latent : c.rope_temporal;
      turn(q, heads, rope);
      if (c.rope_apply_to_keys) turn(k, heads, rope);
    }
    ScoreBias bias;
    if (c.position == LatentPosition::kAlibi || c.position == LatentPosition::kAlibiTrained) {
      std::vector<double> slopes;
      if (c.position == LatentPosition::kAlibiTrained) {
        for (const double s : tensor(self + "alibi_bias.slopes")) slopes.push_back(1 / (1 + std::exp(-s)));
      } else {
        for (int n = 0; n < heads; ++n) slopes.push_back(std::pow(2.0, -8.0 * (n + 1) / heads));  // Powers of two only.
      }
      bias = [slopes, lq = q.rows, lk = k.rows](int head, int query, int key) {
        return -std::abs(key - (query + lk - lq)) * slopes[std::size_t(head)];
      };
    }
    Matrix y = linear(attention(q, k, v, heads, 1 / std::sqrt(double(c.qk_channels / heads)), bias, false),
                      name + ".output.dense");
    if (kind != 's' || c.sca_query_residual) add(y, x);
    return y;
  }

  void turn(Matrix& x, int heads, RopeKind kind) const {
    const EncoderConfig& c = config_.encoder;
    const int r = c.rope_partial ? c.n_cross_heads / 2 : c.n_cross_heads, pairs = r / 2, d = x.columns / heads;
    for (int n = 0; n < x.rows; ++n) {
      for (int i = 0; i < pairs; ++i) {
        const double omega = kind == RopeKind::kPixel ? std::numbers::pi * (1 + (pairs > 1 ? 4.0 * i / (pairs - 1) : 0))
                                                      : std::pow(10000.0, -2.0 * i / r);
        const double theta = omega * (kind == RopeKind::kPixel ? -1 + (x.rows > 1 ? 2.0 * n / (x.rows - 1) : 0) : n);
        for (int h = 0; h < heads; ++h) {
          double &a = x(n, h * d + 2 * i), &b = x(n, h * d + 2 * i + 1);
          const double turned = a * std::cos(theta) - b * std::sin(theta);
          b = b * std::cos(theta) + a * std::sin(theta);
          a = turned;
        }
      }
    }
  }

  Matrix layer(const Matrix& x, const std::string& name, char kind) const {
    const EncoderConfig& c = config_.encoder;
    Matrix y = unit(x, nullptr, name + ".attention", kind);
    const Matrix h = norm(y, name + ".layernorm", c.norm == Norm::kLayerNorm, c.norm_eps);
    const std::string mlp = name + ".mlp";
    if (c.feed_forward == EncoderConfig::FeedForward::kMlp) {
      Matrix hidden = linear(h, mlp + ".dense1");
      for (double& value : hidden.values) value = scalar_activation(c.activation, value);
      add(y, linear(hidden, mlp + ".dense2"));
    } else if (c.feed_forward == EncoderConfig::FeedForward::kGatedMlp) {
      add(y, gated(h, mlp + ".w1", mlp + ".gate", mlp + ".w2", c.activation));
    } else {
      add(y, experts(h, mlp, c.top_k, c.activation));
    }
    return y;
  }

  static void add_t5_positions(Matrix& x, bool relative) {
    if (relative) return;
    const int half = (x.columns + 1) / 2;
    for (int p = 0; p < x.rows; ++p) {
      for (int i = 0; i < x.columns; ++i) {
        const double angle = p * std::pow(10000.0, -2.0 * (i % half) / x.columns);
        x(p, i) += i < half ? std::sin(angle) : std::cos(angle);
      }
    }
  }

  static int bucket(int delta, bool both_ways) {
    const int n_buckets = both_ways ? 16 : 32, offset = both_ways && delta > 0 ? 16 : 0, half = n_buckets / 2;
    const int n = both_ways ? std::abs(delta) : std::max(-delta, 0);
    if (n < half) return offset + n;
    const double place = std::log(double(n) / half) / std::log(128.0 / half) * (n_buckets - half);
    return offset + std::min(n_buckets - 1, half + int(std::floor(place + 1e-9)));
  }

  void t5_self_attention(Matrix& x, const std::string& name, const std::string& stack, int heads, bool relative,
                         bool encoder) const {
    const Matrix h = norm(x, name + ".layer_norm", false, 1e-6);
    const std::string self = name + ".SelfAttention.";
    ScoreBias bias;
    if (relative) {
      const auto table = tensor(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
      bias = [table, heads, encoder](int head, int query, int key) {
        return table[std::size_t(bucket(key - query, encoder) * heads + head)];
      };
    }
    add(x,
        linear(attention(linear(h, self + "q"), linear(h, self + "k"), linear(h, self + "v"), heads, 1, bias, !encoder),
               self + "o"));
  }

  void t5_feed_forward(Matrix& x, const std::string& name, EncoderConfig::FeedForward kind, int top_k) const {
    if (kind == EncoderConfig::FeedForward::kMoe) return add(x, experts(x, name, top_k, Activation::kSilu));
    const Matrix h = norm(x, name + ".layer_norm", false, 1e-6);
    const std::string ff = name + ".DenseReluDense.";
    add(x, gated(h, ff + "wi_0", ff + "wi_1", ff + "wo", Activation::kGeluNew));
  }

  ModelConfig config_;
  Weights weights_;
};

}  // namespace yourmt3::testing
