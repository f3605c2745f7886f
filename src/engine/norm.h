#pragma once

#include <algorithm>
#include <vector>

#include "engine/linear.h"
#include "engine/weight_reader.h"
#include "model/model_config.h"

namespace yourmt3 {

/// Layer norm or RMS norm over the last axis.
class RowNorm {
 public:
  RowNorm() = default;
  RowNorm(const WeightReader& weights, int width, Norm kind, float eps)
      : kind_(kind), width_(width), eps_(eps), weight_(weights.get("weight", {width})) {
    if (kind == Norm::kLayerNorm) bias_ = weights.get("bias", {width});
  }

  /// (rows, width) to the same; y may be x.
  void apply(const Compute& compute, const float* x, int rows, float* y) const {
    const int task_rows = std::max(1, 16384 / width_);
    const double work = 10.0 * rows * width_;
    compute.team.run((rows + task_rows - 1) / task_rows, work, [&](int task, int) {
      const int row = task * task_rows;
      const std::ptrdiff_t offset = static_cast<std::ptrdiff_t>(row) * width_;
      const int n = std::min(task_rows, rows - row);
      if (kind_ == Norm::kLayerNorm) {
        compute.kernels.layer_norm(x + offset, n, width_, weight_.data(), bias_.data(), eps_, y + offset);
      } else {
        compute.kernels.rms_norm(x + offset, n, width_, weight_.data(), eps_, y + offset);
      }
    });
  }

 private:
  Norm kind_ = Norm::kRmsNorm;
  int width_ = 0;
  float eps_ = 0.f;
  std::vector<float> weight_, bias_;
};

}  // namespace yourmt3
