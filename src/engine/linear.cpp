#include "engine/linear.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/fail.h"

namespace yourmt3 {
namespace {

// Rows of one task: with k = 512 they take 240 KiB, which stay in the second-level cache beside a panel.
constexpr int kTaskRows = 120;
// Reading a weight from memory takes as long as some multiply-adds with it.
constexpr int kWeightReadWork = 8;

std::size_t at(int row, int column, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
}

/// The upper half of a float, rounded to the nearest, ties to even.
std::uint32_t bf16_bits(float x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

/// Packed rows of one task; kept by each thread, so that nothing is allocated from product to product.
struct PackedRows {
  WordBuffer words;
  std::vector<float> scales;
};
thread_local PackedRows packed_rows;

}  // namespace

Compute Compute::alone() const {
  // A team without workers keeps nothing: all threads may use it at once.
  static ThreadTeam one(1);
  return {kernels, one};
}

Linear::Linear(const Arithmetic& arithmetic, std::span<const float> weight, int n, int k, std::span<const float> bias)
    : n_(n), k_(k), precision_(arithmetic.precision) {
  YOURMT3_ASSERT(weight.size() == at(n, 0, k) && (bias.empty() || bias.size() == static_cast<std::size_t>(n)));
  const int panel_width = arithmetic.kernels.panel_width;
  reserve(arithmetic.kernels, (n + panel_width - 1) / panel_width);
  for (int column = 0; column < n; ++column) {
    const int panel = column / panel_width;
    // The last panel is stored as narrow as whole vectors allow.
    const int left =
        (n - panel * panel_width + arithmetic.kernels.lanes - 1) / arithmetic.kernels.lanes * arithmetic.kernels.lanes;
    pack_column(arithmetic.kernels, weight.subspan(at(column, 0, k), static_cast<std::size_t>(k)), panel,
                std::min(left, panel_width), column % panel_width);
  }
  if (!bias.empty()) {
    bias_.assign(bias.begin(), bias.end());
    bias_.resize(static_cast<std::size_t>(n_panels_ * panel_width));
  }
}

Linear Linear::gated(const Arithmetic& arithmetic, std::span<const float> w0, std::span<const float> w1, int n, int k) {
  YOURMT3_ASSERT(w0.size() == at(n, 0, k) && w1.size() == w0.size());
  Linear linear;
  linear.n_ = n;
  linear.k_ = k;
  linear.precision_ = arithmetic.precision;
  linear.gated_ = true;
  const int width = arithmetic.kernels.panel_width, half = width / 2;
  linear.reserve(arithmetic.kernels, (n + half - 1) / half);
  for (int column = 0; column < n; ++column) {
    const auto row = [&](std::span<const float> w) { return w.subspan(at(column, 0, k), static_cast<std::size_t>(k)); };
    linear.pack_column(arithmetic.kernels, row(w0), column / half, width, column % half);
    linear.pack_column(arithmetic.kernels, row(w1), column / half, width, half + column % half);
  }
  return linear;
}

void Linear::reserve(const Kernels& kernels, int n_panels) {
  n_panels_ = n_panels;
  words_ = kernels.packed_words(precision_, k_);
  panels_.resize(at(n_panels * kernels.panel_width, 0, words_));
  if (precision_ != Precision::kInt8) return;
  column_scales_.resize(at(n_panels, 0, kernels.panel_width));
  starts_.resize(column_scales_.size());
}

void Linear::pack_column(const Kernels& kernels, std::span<const float> weight, int panel, int width, int place) {
  Word* words = panels_.data() + at(panel * kernels.panel_width, 0, words_) + place;
  if (precision_ == Precision::kF32) {
    for (int i = 0; i < k_; ++i) words[at(i, 0, width)] = std::bit_cast<Word>(weight[static_cast<std::size_t>(i)]);
    return;
  }
  const int values = kernels.products(precision_).values_per_word, lanes = kernels.lanes;
  float factor = 0.f;
  if (precision_ == Precision::kInt8) {
    float largest = 0.f;
    for (const float w : weight) largest = std::max(largest, std::abs(w));
    column_scales_[at(panel, place, kernels.panel_width)] = largest / 127.f;
    if (largest > 0.f) factor = 127.f / largest;
  }
  std::int32_t sum = 0;
  for (int i = 0; i < k_; ++i) {
    // Word and place in it, see dots.inc.
    const int word = i / (values * lanes) * lanes + i % lanes, part = i % (values * lanes) / lanes;
    const float w = weight[static_cast<std::size_t>(i)];
    std::uint32_t bits = 0;
    if (precision_ == Precision::kInt8) {
      const auto byte = static_cast<std::int32_t>(std::nearbyint(w * factor));
      sum += byte;
      bits = static_cast<std::uint32_t>(byte & 255) << (8 * part);
    } else {
      bits = bf16_bits(w) << (16 * part);
    }
    words[at(word, 0, width)] |= static_cast<Word>(bits);
  }
  if (precision_ == Precision::kInt8) starts_[at(panel, place, kernels.panel_width)] = -128 * sum;
}

GemmArgs Linear::args(float* y, const Extra& extra) const {
  GemmArgs args;
  args.panels = panels_.data();
  args.n = n_;
  args.k = words_;
  args.gated = gated_;
  args.bias = bias_.empty() ? nullptr : bias_.data();
  args.factors = extra.factors;
  args.op = extra.op;
  args.c = y;
  args.c_stride = extra.y_stride != 0 ? extra.y_stride : n_;
  args.c_rows = extra.y_rows;
  args.residual = extra.residual;
  args.residual_stride = args.c_stride;
  args.column_scales = column_scales_.data();
  args.starts = starts_.data();
  return args;
}

void Linear::read_rows(const Kernels& kernels, const float* x, int first, int rows, const Extra& extra,
                       GemmArgs& args) const {
  const std::ptrdiff_t stride = extra.x_stride != 0 ? extra.x_stride : k_;
  args.m = rows;
  if (precision_ == Precision::kF32 && extra.x_rows == nullptr) {
    args.a = reinterpret_cast<const Word*>(x + first * stride);
    args.a_stride = stride;
    return;
  }
  PackedRows& packed = packed_rows;
  if (packed.words.size() < at(rows, 0, words_)) packed.words.resize(at(rows, 0, words_));
  if (packed.scales.size() < static_cast<std::size_t>(rows)) packed.scales.resize(static_cast<std::size_t>(rows));
  for (int i = 0; i < rows; ++i) {
    const int row = extra.x_rows == nullptr ? first + i : extra.x_rows[first + i];
    kernels.products(precision_)
        .pack(x + row * stride, k_, packed.words.data() + at(i, 0, words_), packed.scales.data() + i);
  }
  args.a = packed.words.data();
  args.a_stride = words_;
  args.row_scales = packed.scales.data();
}

void Linear::apply_alone(const Kernels& kernels, const float* x, int rows, float* y, const Extra& extra) const {
  for (int first = 0; first < rows; first += kTaskRows) {
    apply_part(kernels, x, first, std::min(kTaskRows, rows - first), args(y, extra), extra, 0, n_panels_);
  }
}

void Linear::apply_part(const Kernels& kernels, const float* x, int first, int rows, GemmArgs args, const Extra& extra,
                        int panel_begin, int panel_end) const {
  read_rows(kernels, x, first, rows, extra, args);
  if (args.factors != nullptr) args.factors += first;
  if (args.c_rows != nullptr) {
    args.c_rows += first;
  } else {
    args.c += first * args.c_stride;
    if (args.residual != nullptr) args.residual += first * args.residual_stride;
  }
  kernels.products(precision_).gemm(args, panel_begin, panel_end);
}

void Linear::apply(const Compute& compute, const float* x, int rows, float* y, const Extra& extra) const {
  if (rows <= 0) return;
  const GemmArgs whole = args(y, extra);
  const double work = static_cast<double>(n_) * k_ * (gated_ ? 2 : 1) * (rows + kWeightReadWork);
  const int row_tasks = (rows + kTaskRows - 1) / kTaskRows;
  // More tasks than threads, so that one that lost its processor for a moment does not hold up the others; not many
  // more, because within a task a panel is fetched while the one before it is used.
  const int wanted = compute.team.n_threads() == 1 ? 1 : 2 * compute.team.n_threads();
  const int panel_tasks = std::clamp((wanted + row_tasks - 1) / row_tasks, 1, n_panels_);
  compute.team.run(row_tasks * panel_tasks, work, [&](int task, int) {
    const int first = task / panel_tasks * kTaskRows, part = task % panel_tasks;
    apply_part(compute.kernels, x, first, std::min(kTaskRows, rows - first), whole, extra,
               n_panels_ * part / panel_tasks, n_panels_ * (part + 1) / panel_tasks);
  });
}

}  // namespace yourmt3
