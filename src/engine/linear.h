#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/arithmetic.h"
#include "engine/float_buffer.h"
#include "engine/thread_team.h"

namespace yourmt3 {

/// What a stage needs to compute: which inner loops, and who runs them.
struct Compute {
  const Kernels& kernels;
  ThreadTeam& team;

  /// The same on the caller's thread alone, for tasks of a team.
  Compute alone() const;
};

/// A linear layer with its weight rearranged once, into panels of columns that the inner loop reads in order.
///
/// The product of a row depends neither on the other rows nor on the number of threads, to the last bit.
class Linear {
 public:
  Linear() = default;
  /// `weight` is (n, k) row-major, as stored; `bias` n values or empty.
  Linear(const Arithmetic& arithmetic, std::span<const float> weight, int n, int k, std::span<const float> bias = {});
  /// y = op(x·W0ᵀ) * (x·W1ᵀ), both weights (n, k).
  static Linear gated(const Arithmetic& arithmetic, std::span<const float> w0, std::span<const float> w1, int n, int k);

  int in() const { return k_; }
  int out() const { return n_; }

  struct Extra {
    ElementOp op = ElementOp::kIdentity;
    const float* residual = nullptr;       ///< Added last; laid out as y; may be y.
    std::ptrdiff_t x_stride = 0;           ///< 0: in().
    std::ptrdiff_t y_stride = 0;           ///< 0: out().
    const std::int32_t* x_rows = nullptr;  ///< Row i reads x's row x_rows[i].
    const std::int32_t* y_rows = nullptr;  ///< Row i goes to y's row y_rows[i], all different.
    const float* factors = nullptr;        ///< Row i of the product is multiplied by factors[i], before `residual`.
  };
  /// y (rows, out) from x (rows, in).
  void apply(const Compute& compute, const float* x, int rows, float* y, const Extra& extra) const;
  void apply(const Compute& compute, const float* x, int rows, float* y) const { apply(compute, x, rows, y, Extra()); }
  /// The same on the caller's thread alone.
  void apply_alone(const Kernels& kernels, const float* x, int rows, float* y, const Extra& extra) const;

 private:
  void reserve(const Kernels& kernels, int n_panels);
  /// Puts what makes output `place` of a panel of `width` outputs there.
  void pack_column(const Kernels& kernels, std::span<const float> weight, int panel, int width, int place);
  GemmArgs args(float* y, const Extra& extra) const;
  void read_rows(const Kernels& kernels, const float* x, int first, int rows, const Extra& extra, GemmArgs& args) const;
  void apply_part(const Kernels& kernels, const float* x, int first, int rows, GemmArgs args, const Extra& extra,
                  int panel_begin, int panel_end) const;

  int n_ = 0, k_ = 0, n_panels_ = 0;
  int words_ = 0;  // Of a packed row or column.
  Precision precision_ = Precision::kF32;
  bool gated_ = false;
  WordBuffer panels_;
  FloatBuffer bias_;
  FloatBuffer column_scales_;  // Bytes only, as `starts_`: by place in the panels.
  std::vector<std::int32_t> starts_;
};

}  // namespace yourmt3
