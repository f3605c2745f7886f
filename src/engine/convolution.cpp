#include "engine/convolution.h"

#include <algorithm>

#include "engine/winograd_weights.h"

namespace yourmt3 {
namespace {

const WinogradKernel& winograd_for(const Kernels& kernels, const ConvKernels& own, Precision precision) {
  // Tiles that suit int8 multiply less than int8 tap by tap would, with the same errors.
  const WinogradKernel* bf16 =
      precision == Precision::kF32 ? nullptr : bf16_winograd(kernels.isa, precision == Precision::kInt8);
  return bf16 == nullptr ? own.winograd : *bf16;
}

/// (panel, kernel_t, kernel_f, input, output of the panel).
FloatBuffer direct_weights(const Convolution::Shape& shape, const std::vector<float>& weights, int in_channels,
                           int n_panels, int panel_width) {
  const auto size = [](int n) { return static_cast<std::size_t>(n); };
  const std::size_t taps = size(shape.kernel_t * shape.kernel_f), width = size(panel_width);
  FloatBuffer packed(size(n_panels) * taps * size(in_channels) * width);
  for (std::size_t o = 0; o < size(shape.outputs); ++o) {
    for (std::size_t i = 0; i < size(shape.inputs); ++i) {
      for (std::size_t tap = 0; tap < taps; ++tap) {
        packed[((o / width * taps + tap) * size(in_channels) + i) * width + o % width] =
            weights[(o * size(shape.inputs) + i) * taps + tap];
      }
    }
  }
  return packed;
}

}  // namespace

Convolution::Convolution(const Kernels& kernels, const Shape& shape, const std::vector<float>& weights,
                         const std::vector<float>& bias, Precision precision)
    : kernels_(&conv_kernels_for(kernels.isa)), shape_(shape) {
  const int width = kernels_->panel_width;
  n_panels_ = (shape.outputs + width - 1) / width;
  bias_ = in_panels(bias);
  if (shape.kernel_t == 3 && shape.kernel_f == 3 && shape.inputs > 1) {
    winograd_ = &winograd_for(kernels, *kernels_, precision);
    weights_ = winograd_weights(*winograd_, weights, shape.outputs, shape.inputs);
  } else {
    weights_ = direct_weights(shape, weights, shape.inputs, n_panels_, width);
  }
}

FloatBuffer Convolution::in_panels(const std::vector<float>& x) const {
  FloatBuffer padded(x.begin(), x.end());
  padded.resize(static_cast<std::size_t>(n_panels_ * kernels_->panel_width));
  return padded;
}

void Convolution::run(const Compute& compute, const float* const* in, std::ptrdiff_t in_block, ConvOutput out,
                      int n_frames, FloatBuffer& scratch) const {
  out.bias = bias_.data();
  const double work = 1.0 * n_frames * out.n_bins * shape_.inputs * shape_.outputs;  // Of one tap.
  if (winograd_ == nullptr) {
    const DirectConvArgs args{in,
                              shape_.inputs == 1 ? 1 : kChannelBlock,
                              in_block,
                              shape_.inputs,
                              shape_.kernel_t,
                              shape_.kernel_f,
                              weights_.data(),
                              n_panels_,
                              out};
    const int bins = 128, tasks_in_frame = (out.n_bins + bins - 1) / bins;
    compute.team.run(n_frames * tasks_in_frame, work * shape_.kernel_t * shape_.kernel_f, [&](int task, int) {
      const int begin = task % tasks_in_frame * bins;
      kernels_->direct(args, task / tasks_in_frame, begin, std::min(begin + bins, out.n_bins));
    });
    return;
  }
  const int in_channels = padded_channels(shape_.inputs);
  const int threads = compute.team.n_threads();
  const std::size_t each = (winograd_->scratch(in_channels) + 15) / 16 * 16;
  if (scratch.size() < each * static_cast<std::size_t>(threads))
    scratch.resize(each * static_cast<std::size_t>(threads));
  const int in_row = (out.n_bins + winograd_->tile_f - 1) / winograd_->tile_f;
  const int tiles = (n_frames + winograd_->tile_t - 1) / winograd_->tile_t * in_row;
  const int rounds = (tiles + winograd_->max_tiles * threads - 1) / (winograd_->max_tiles * threads);
  const int tasks = std::min(tiles, rounds * threads);
  compute.team.run(tasks, work * 3, [&](int task, int thread) {
    const WinogradArgs args{in,
                            in_block,
                            in_channels,
                            weights_.data(),
                            n_panels_,
                            in_row,
                            scratch.data() + static_cast<std::size_t>(thread) * each,
                            out};
    winograd_->run(args, tiles * task / tasks, tiles * (task + 1) / tasks);
  });
}

}  // namespace yourmt3
