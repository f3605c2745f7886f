#include "engine/residual_conv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/convolution.h"
#include "engine/frame_ring.h"

namespace yourmt3 {
namespace {

constexpr float kBatchNormEps = 1e-5f;

struct Weight {
  std::vector<float> kernel, bias;
};

/// A bias-free convolution and the batch norm behind it as one convolution.
Weight folded(const WeightReader& weights, const std::string& conv, const std::string& norm,
              const Convolution::Shape& shape) {
  const int outputs = shape.outputs;
  Weight weight{weights.get(conv + ".weight", {outputs, shape.inputs, shape.kernel_t, shape.kernel_f}), {}};
  const std::vector<float> scale = weights.get(norm + ".weight", {outputs});
  const std::vector<float> shift = weights.get(norm + ".bias", {outputs});
  const std::vector<float> mean = weights.get(norm + ".running_mean", {outputs});
  const std::vector<float> variance = weights.get(norm + ".running_var", {outputs});
  const std::size_t each = weight.kernel.size() / static_cast<std::size_t>(outputs);
  for (std::size_t o = 0; o < scale.size(); ++o) {
    const double factor = scale[o] / std::sqrt(double{variance[o]} + kBatchNormEps);
    for (std::size_t i = 0; i < each; ++i) {
      float& value = weight.kernel[o * each + i];
      value = static_cast<float>(value * factor);
    }
    weight.bias.push_back(static_cast<float>(shift[o] - mean[o] * factor));
  }
  return weight;
}

// Bins of all frames of a strip: enough tiles to share out, few enough for the strips of all layers to stay in the
// third level cache.
constexpr int kPixelsInStrip = 2048;

}  // namespace

struct ResidualConv::Layer {
  Convolution convolution;
  int n_bins;                   // Of its input.
  int inputs;                   // Channels.
  int around;                   // Frames that it reads before and after one.
  int strip;                    // Frames that are computed together.
  bool closes_block;            // The second convolution of a block.
  FloatBuffer shortcut_weight;  // Of a block whose input has one channel; or empty.
};

struct ResidualConv::Workspace {
  std::vector<FrameRing> rings;  // The spectrogram, and what each layer but the last writes.
  std::vector<int> done;         // Frames of each layer.
  FloatBuffer zeros;             // Stands for frames before the first and behind the last.
  FloatBuffer scratch;
  float* out = nullptr;
};

/// Workspaces are kept from run to run: the system hands out, clears and takes back pages of such sizes each time they
/// are allocated.
struct ResidualConv::Idle {
  std::mutex mutex;
  std::vector<std::unique_ptr<Workspace>> workspaces;  // Guarded by mutex.
};

ResidualConv::ResidualConv(const Kernels& kernels, const PreEncoderConfig& config, int n_frames, int n_bins,
                           const WeightReader& weights, Precision precision)
    : n_frames_(n_frames), n_bins_(n_bins), channels_(config.channels), idle_(std::make_unique<Idle>()) {
  int bins = n_bins, inputs = 1;
  for (int i = 0; i < config.n_blocks; ++i, bins /= 2) {
    const WeightReader block = weights.below(fmt::format("blocks.{}.", i));
    Weight shortcut;
    if (inputs != config.channels) {
      shortcut = {block.get("shortcut.weight", {config.channels, inputs, 1, 1}),
                  block.get("shortcut.bias", {config.channels})};
    } else if (inputs == 1) {
      shortcut = {{1.f}, {0.f}};
    }
    for (const int n : {1, 2}) {
      const Convolution::Shape shape{config.channels, inputs, config.kernel_t, config.kernel_f};
      Weight weight = folded(block, fmt::format("conv{}", n), fmt::format("bn{}", n), shape);
      if (n == 2) {
        for (std::size_t o = 0; o < shortcut.bias.size(); ++o) weight.bias[o] += shortcut.bias[o];
      }
      Convolution convolution(kernels, shape, weight.kernel, weight.bias, precision);
      const int together = convolution.frames_together();
      const int strip = std::max(1, kPixelsInStrip / std::max(1, bins) / together) * together;
      FloatBuffer shortcut_weight;
      if (n == 2 && !shortcut.kernel.empty()) shortcut_weight = convolution.in_panels(shortcut.kernel);
      layers_.push_back(
          {std::move(convolution), bins, inputs, config.kernel_t / 2, strip, n == 2, std::move(shortcut_weight)});
      inputs = config.channels;
    }
  }
}

ResidualConv::~ResidualConv() = default;
ResidualConv::ResidualConv(ResidualConv&&) noexcept = default;
ResidualConv& ResidualConv::operator=(ResidualConv&&) noexcept = default;

int ResidualConv::n_bins_out() const {
  return n_bins_ >> (layers_.size() / 2);
}

std::unique_ptr<ResidualConv::Workspace> ResidualConv::take_workspace() const {
  {
    const std::lock_guard lock(idle_->mutex);
    if (!idle_->workspaces.empty()) {
      auto taken = std::move(idle_->workspaces.back());
      idle_->workspaces.pop_back();
      return taken;
    }
  }
  auto made = std::make_unique<Workspace>();
  std::size_t widest = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    // A layer reads the frames around its strip when the one before may have gone a strip further; the shortcut of a
    // block reads them when both layers of the block have.
    const Layer& layer = layers_[i];
    int frames = layer.strip + 2 * layer.around + (i > 0 ? layers_[i - 1].strip : 0);
    if (!layer.closes_block) frames += layers_[i + 1].strip;
    const int before = layer.convolution.bins_before(), after = layer.convolution.bins_after();
    made->rings.emplace_back(i == 0 ? n_frames_ : frames, layer.n_bins, layer.inputs, before, after);
    widest = std::max(widest, static_cast<std::size_t>(made->rings.back().frame_stride()));
  }
  made->zeros.resize(widest);
  return made;
}

void ResidualConv::run_strip(const Compute& compute, Workspace& workspace, std::size_t i, int begin, int end) const {
  const Layer& layer = layers_[i];
  const Convolution& convolution = layer.convolution;
  const int together = convolution.frames_together(), n = (end - begin + together - 1) / together * together;
  std::vector<const float*> in, shortcut;
  std::vector<float*> out;
  FrameRing& source = workspace.rings[i];
  const float* outside = workspace.zeros.data() + convolution.bins_before() * source.bin_stride();
  for (int t = begin - layer.around; t < begin + n + layer.around; ++t) {
    in.push_back(t < 0 || t >= n_frames_ ? outside : source.frame(t));
  }
  const int bins_out = layer.closes_block ? layer.n_bins / 2 : layer.n_bins;
  const bool last = i + 1 == layers_.size();
  for (int t = begin; t < begin + n; ++t) {
    out.push_back(t >= n_frames_ ? nullptr
                  : last         ? workspace.out + static_cast<std::ptrdiff_t>(t) * bins_out * channels_
                                 : workspace.rings[i + 1].frame(t));
    if (layer.closes_block) shortcut.push_back(t < n_frames_ ? workspace.rings[i - 1].frame(t) : nullptr);
  }
  ConvOutput output;
  if (layer.closes_block) {
    output.tail = layer.shortcut_weight.empty() ? ConvTail::kAddAndPool : ConvTail::kProjectAndPool;
    output.shortcut = shortcut.data();
    output.shortcut_block = workspace.rings[i - 1].block_stride();
    output.shortcut_weight = layer.shortcut_weight.data();
  }
  output.rows = out.data();
  output.stride = last ? channels_ : workspace.rings[i + 1].bin_stride();
  output.block = last ? kChannelBlock : workspace.rings[i + 1].block_stride();
  output.channels = last || channels_ == 1 ? channels_ : padded_channels(channels_);
  output.n_bins = layer.n_bins;
  convolution.run(compute, in.data(), source.block_stride(), output, end - begin, workspace.scratch);
}

void ResidualConv::advance(const Compute& compute, Workspace& workspace, std::size_t i, int frames) const {
  const Layer& layer = layers_[i];
  for (int& done = workspace.done[i]; done < std::min(frames, n_frames_);) {
    const int end = std::min(done + layer.strip, n_frames_);
    if (i > 0) advance(compute, workspace, i - 1, end + layer.around);
    run_strip(compute, workspace, i, done, end);
    done = end;
  }
}

void ResidualConv::run(const Compute& compute, const float* spectrogram, float* out) const {
  std::unique_ptr<Workspace> workspace = take_workspace();
  for (int t = 0; t < n_frames_; ++t) {
    std::copy_n(spectrogram + static_cast<std::ptrdiff_t>(t) * n_bins_, n_bins_, workspace->rings[0].frame(t));
  }
  workspace->done.assign(layers_.size(), 0);
  workspace->out = out;
  advance(compute, *workspace, layers_.size() - 1, n_frames_);
  const std::lock_guard lock(idle_->mutex);
  idle_->workspaces.push_back(std::move(workspace));
}

}  // namespace yourmt3
