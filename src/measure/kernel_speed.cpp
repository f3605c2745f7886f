#include "measure/kernel_speed.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "engine/attention.h"
#include "engine/linear.h"
#include "measure/network_cost.h"
#include "measure/timing.h"

namespace yourmt3 {
namespace {

std::vector<float> noise(std::size_t n) {
  std::minstd_rand generator(1);
  std::vector<float> values(n);
  for (float& x : values) x = static_cast<float>(generator()) / static_cast<float>(std::minstd_rand::max()) - 0.5f;
  return values;
}

std::size_t times(int a, int b, int c = 1) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

double weight_bytes(Precision precision) {
  return precision == Precision::kInt8 ? 1 : precision == Precision::kBf16 ? 2 : 4;
}

class KernelBench {
 public:
  KernelBench(const Engine& engine, int n_threads)
      : engine_(engine), config_(engine.config()), team_(n_threads), n_frames_(config_.front_end.n_frames()) {}

  std::vector<KernelSpeed> run() {
    pre_encoder();
    if (config_.encoder.type == EncoderConfig::Type::kT5) {
      t5_encoder();
    } else {
      perceiver();
    }
    decoder_products();
    for (const int rows : {1, 8, 64}) decoder_step(rows);
    return std::move(found_);
  }

 private:
  void add(KernelSpeed speed) { found_.push_back(std::move(speed)); }

  void pre_encoder() {
    const double operations = network_cost(config_).pre_encoder;
    if (operations == 0) return;
    const std::vector<float> picture = noise(times(n_frames_, config_.front_end.n_bins()));
    std::size_t n_out = 0;
    const double seconds = best_seconds([&] { n_out = engine_.pre_encode(picture, 1).size(); }, 5, 0.2);
    add({"pre-encoder", fmt::format("{} x {}", n_frames_, config_.front_end.n_bins()), operations,
         4 * static_cast<double>(picture.size() + n_out), seconds, engine_.precision()});
  }

  /// One product of (rows, k) by (k, n).
  void product(const char* name, int rows, int n, int k, bool gated = false) {
    const Arithmetic arithmetic(best_kernels(), engine_.precision());
    const std::vector<float> weight = noise(times(n, k)), x = noise(times(rows, k));
    const Linear linear = gated ? Linear::gated(arithmetic, weight, weight, n, k) : Linear(arithmetic, weight, n, k);
    std::vector<float> y(times(rows, n));
    const Compute compute{best_kernels(), team_};
    const double seconds = best_seconds([&] { linear.apply(compute, x.data(), rows, y.data()); });
    const double matrices = gated ? 2 : 1;
    add({name, fmt::format("{} x {} x {}", rows, n * (gated ? 2 : 1), k), 2.0 * rows * n * k * matrices,
         4 * static_cast<double>(x.size() + y.size()) +
             weight_bytes(engine_.precision()) * matrices * static_cast<double>(weight.size()),
         seconds, engine_.precision()});
  }

  /// Attention of `n` sequences.
  void attention(const char* name, int n, int lq, int lk, int heads, int width_qk, int width_v) {
    const std::vector<float> q = noise(times(n, lq, width_qk)), k = noise(times(n, lk, width_qk));
    const std::vector<float> v = noise(times(n, lk, width_v));
    std::vector<float> out(times(n, lq, width_v));
    HeadShape shape;
    shape.heads = heads;
    shape.d_qk = width_qk / heads;
    shape.d_v = width_v / heads;
    FloatBuffer scratch;
    const Compute compute{best_kernels(), team_};
    const double seconds = best_seconds([&] {
      attend(compute, shape, n, {lq, lq, 1}, {lk, lk, 1}, {q.data(), width_qk}, {k.data(), width_qk},
             {v.data(), width_v}, out.data(), scratch);
    });
    add({name, fmt::format("{} x {} x {}, {} heads", n, lq, lk, heads), 2.0 * n * lq * lk * (width_qk + width_v),
         4 * static_cast<double>(q.size() + k.size() + v.size() + out.size()), seconds, Precision::kF32});
  }

  void perceiver() {
    const EncoderConfig& encoder = config_.encoder;
    const int rows = n_frames_ * encoder.n_latents, width = encoder.d_model;
    const int qk = encoder.qk_channels, v = encoder.v_channels;
    const int n_keys = encoder.attention_to_channel ? config_.pre_encoder.channels : config_.n_pooled_bins();
    product("spectral keys and values", n_frames_ * n_keys, qk + v, encoder.kv_dim);
    product("queries, keys and values", rows, 2 * qk + v, width);
    product("attention output", rows, width, v);
    const int hidden = width * encoder.ff_widening;
    const bool moe = encoder.feed_forward == EncoderConfig::FeedForward::kMoe;
    const bool gated = encoder.feed_forward != EncoderConfig::FeedForward::kMlp;
    // Of one expert, if positions are spread evenly.
    const int ff_rows = moe ? rows * encoder.top_k / encoder.n_experts : rows;
    product(moe ? "expert, in" : "feed-forward, in", ff_rows, hidden, width, gated);
    product(moe ? "expert, out" : "feed-forward, out", ff_rows, width, hidden);
    attention("spectral attention", n_frames_, encoder.n_latents, n_keys, encoder.n_cross_heads, qk, v);
    attention("local attention", n_frames_, encoder.n_latents, encoder.n_latents, encoder.n_self_heads, qk, v);
    attention("temporal attention", encoder.n_latents, n_frames_, n_frames_, encoder.n_self_heads, qk, v);
  }

  void t5_encoder() {
    const EncoderConfig& encoder = config_.encoder;
    const int inner = encoder.n_heads * encoder.d_kv;
    product("queries, keys and values", n_frames_, 3 * inner, encoder.d_model);
    product("attention output", n_frames_, encoder.d_model, inner);
    product("feed-forward, in", n_frames_, encoder.d_ff, encoder.d_model, true);
    product("feed-forward, out", n_frames_, encoder.d_model, encoder.d_ff);
    attention("attention", 1, n_frames_, n_frames_, encoder.n_heads, inner, inner);
  }

  void decoder_products() {
    const DecoderConfig& decoder = config_.decoder;
    for (const int rows : {1, 64}) {
      product("decoder, feed-forward, in", rows, decoder.d_ff, decoder.d_model, true);
      product("decoder, feed-forward, out", rows, decoder.d_model, decoder.d_ff);
    }
  }

  /// A token more for each of `rows` rows, as the difference between long and short rows, so that beginnings are left
  /// out.
  void decoder_step(int rows) {
    constexpr int kShort = 8, kLong = 24;
    const DecoderConfig& decoder = config_.decoder;
    if (decoder.max_length < kLong) return;
    const int n_segments = (rows + decoder.n_channels - 1) / decoder.n_channels;
    const auto n_samples = times(n_segments, config_.front_end.segment_samples);
    const EncodedSegments encoded = engine_.encode(noise(n_samples), n_segments);
    const auto seconds = [&](int length) {
      // Rows beyond those wanted have one token.
      std::vector<std::int32_t> lengths(times(n_segments, decoder.n_channels), 1);
      std::fill_n(lengths.begin(), rows, length);
      return best_seconds([&] { engine_.decode(encoded, nullptr, 0, nullptr, lengths); }, 3, 0);
    };
    const double step_sec = std::max((seconds(kLong) - seconds(kShort)) / (kLong - kShort), 1e-9);
    const NetworkCost cost = network_cost(config_);
    const double earlier = (kShort + kLong) / 2.0;
    const int inner = decoder.n_heads * decoder.d_kv;
    const double weights = 6.0 * decoder.d_model * inner + 3.0 * decoder.d_model * decoder.d_ff;
    const double memory = static_cast<double>(encoded.memory.size()) / (n_segments * decoder.n_channels);
    const double caches = 4 * rows * decoder.n_layers * (2.0 * inner * earlier + memory);
    add({fmt::format("decoder step, {} row{}", rows, rows == 1 ? "" : "s"), fmt::format("{} layers", decoder.n_layers),
         rows * (cost.token + earlier * cost.earlier_token),
         decoder.n_layers * weights * weight_bytes(engine_.precision()) + caches, step_sec, engine_.precision()});
  }

  const Engine& engine_;
  const ModelConfig& config_;
  ThreadTeam team_;
  int n_frames_;
  std::vector<KernelSpeed> found_;
};

}  // namespace

std::vector<KernelSpeed> measure_kernels(const Engine& engine, int n_threads) {
  return KernelBench(engine, n_threads).run();
}

}  // namespace yourmt3
