#include "engine/linear.h"

#include <algorithm>

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

}  // namespace

Linear::Linear(const Kernels& kernels, std::span<const float> weight, int n, int k, std::span<const float> bias)
    : n_(n), k_(k), n_panels_((n + kernels.panel_width - 1) / kernels.panel_width) {
  YOURMT3_ASSERT(weight.size() == at(n, 0, k) && (bias.empty() || bias.size() == static_cast<std::size_t>(n)));
  const int panel_width = kernels.panel_width;
  panels_.resize(at(n_panels_ * panel_width, 0, k));
  for (int column = 0; column < n; ++column) {
    const int panel = column / panel_width;
    // The last panel is stored as narrow as whole vectors allow.
    const int left = (n - panel * panel_width + kernels.lanes - 1) / kernels.lanes * kernels.lanes;
    const int width = std::min(left, panel_width);
    float* to = panels_.data() + at(panel * panel_width, 0, k) + column % panel_width;
    for (int i = 0; i < k; ++i) to[at(i, 0, width)] = weight[at(column, i, k)];
  }
  if (!bias.empty()) {
    bias_.assign(bias.begin(), bias.end());
    bias_.resize(static_cast<std::size_t>(n_panels_ * panel_width));
  }
}

Linear Linear::gated(const Kernels& kernels, std::span<const float> w0, std::span<const float> w1, int n, int k) {
  YOURMT3_ASSERT(w0.size() == at(n, 0, k) && w1.size() == w0.size());
  Linear linear;
  linear.n_ = n;
  linear.k_ = k;
  linear.gated_ = true;
  const int half = kernels.panel_width / 2;
  linear.n_panels_ = (n + half - 1) / half;
  linear.panels_.resize(at(linear.n_panels_ * kernels.panel_width, 0, k));
  for (int column = 0; column < n; ++column) {
    float* to = linear.panels_.data() + at(column / half * kernels.panel_width, 0, k) + column % half;
    for (int i = 0; i < k; ++i) {
      to[at(i, 0, kernels.panel_width)] = w0[at(column, i, k)];
      to[at(i, half, kernels.panel_width)] = w1[at(column, i, k)];
    }
  }
  return linear;
}

GemmArgs Linear::args(const float* x, int rows, float* y, const Extra& extra) const {
  GemmArgs args;
  args.a = x;
  args.a_stride = extra.x_stride != 0 ? extra.x_stride : k_;
  args.a_rows = extra.x_rows;
  args.m = rows;
  args.panels = panels_.data();
  args.n = n_;
  args.k = k_;
  args.gated = gated_;
  args.bias = bias_.empty() ? nullptr : bias_.data();
  args.op = extra.op;
  args.c = y;
  args.c_stride = extra.y_stride != 0 ? extra.y_stride : n_;
  args.residual = extra.residual;
  args.residual_stride = args.c_stride;
  return args;
}

void Linear::apply_alone(const Kernels& kernels, const float* x, int rows, float* y, const Extra& extra) const {
  if (rows > 0) kernels.gemm(args(x, rows, y, extra), 0, n_panels_);
}

void Linear::apply(const Compute& compute, const float* x, int rows, float* y, const Extra& extra) const {
  if (rows <= 0) return;
  const GemmArgs whole = args(x, rows, y, extra);
  const double work = static_cast<double>(n_) * k_ * (gated_ ? 2 : 1) * (rows + kWeightReadWork);
  const int row_tasks = (rows + kTaskRows - 1) / kTaskRows;
  // More tasks than threads, so that one that lost its processor for a moment does not hold up the others; not many
  // more, because within a task a panel is fetched while the one before it is used.
  const int wanted = compute.team.n_threads() == 1 ? 1 : 2 * compute.team.n_threads();
  const int panel_tasks = std::clamp((wanted + row_tasks - 1) / row_tasks, 1, n_panels_);
  compute.team.run(row_tasks * panel_tasks, work, [&](int task, int) {
    const int row = task / panel_tasks * kTaskRows;
    const int part = task % panel_tasks;
    GemmArgs mine = whole;
    mine.m = std::min(kTaskRows, rows - row);
    if (mine.a_rows != nullptr) {
      mine.a_rows += row;
    } else {
      mine.a += row * mine.a_stride;
    }
    mine.c += row * mine.c_stride;
    if (mine.residual != nullptr) mine.residual += row * mine.residual_stride;
    compute.kernels.gemm(mine, n_panels_ * part / panel_tasks, n_panels_ * (part + 1) / panel_tasks);
  });
}

}  // namespace yourmt3
