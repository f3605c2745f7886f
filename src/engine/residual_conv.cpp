#include "engine/residual_conv.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

#include "core/fail.h"
#include "engine/float_buffer.h"

namespace yourmt3 {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

constexpr float kBatchNormEps = 1e-5f;

/// The number of OpenMP threads of this thread's parallel regions, for the length of a scope.
class ThreadCount {
 public:
  explicit ThreadCount(int n) : before_(omp_get_max_threads()) { omp_set_num_threads(n); }
  ~ThreadCount() { omp_set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

memory::desc plain(const memory::dims& dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}
memory::desc any(const memory::dims& dims) {
  return plain(dims, Tag::any);
}

struct Weight {
  std::vector<float> kernel, bias;
};

/// A bias-free convolution and the batch norm behind it as one convolution.
Weight folded(const WeightReader& weights, const std::string& conv, const std::string& norm, int outputs, int inputs,
              int kernel_t, int kernel_f) {
  Weight weight{weights.get(conv + ".weight", {outputs, inputs, kernel_t, kernel_f}), {}};
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

}  // namespace

struct ResidualConv::Impl {
  struct Convolution {
    dnnl::convolution_forward::primitive_desc descriptor;
    dnnl::convolution_forward primitive;
    memory weights, bias;
  };
  struct Block {
    Convolution first, second;
    std::unique_ptr<Convolution> shortcut;
    dnnl::pooling_forward pooling;
    memory::desc pooled;
  };

  /// Activations and scratch of one run. Kept from run to run: the system hands out, clears and takes back pages of
  /// such sizes each time they are allocated.
  struct Workspace {
    FloatBuffer activations[2];
    FloatBuffer scratchpad;
  };

  dnnl::engine cpu{dnnl::engine::kind::cpu, 0};
  int n_frames = 0, n_bins = 0, channels = 0;
  std::vector<Block> blocks;
  std::size_t scratchpad_size = 0, activation_size = 0;  // Bytes.
  std::mutex mutex;
  std::vector<std::unique_ptr<Workspace>> idle;  // Guarded by mutex.

  std::unique_ptr<Workspace> take_workspace() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) {
      auto made = std::make_unique<Workspace>();
      for (FloatBuffer& buffer : made->activations) buffer.resize(activation_size / sizeof(float) + 1);
      made->scratchpad.resize(scratchpad_size / sizeof(float) + 1);
      return made;
    }
    auto taken = std::move(idle.back());
    idle.pop_back();
    return taken;
  }
  void give_back(std::unique_ptr<Workspace> workspace) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(workspace));
  }

  Convolution make(const Weight& weight, const memory::desc& source, const memory::desc& target, int outputs,
                   int inputs, int kernel_t, int kernel_f, bool relu, bool sum) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    dnnl::post_ops post;
    if (sum) post.append_sum(1.f);
    if (relu) post.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
    attributes.set_post_ops(post);
    const memory::dims weight_dims = {outputs, inputs, kernel_t, kernel_f};
    const memory::dims padding = {kernel_t / 2, kernel_f / 2};
    const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
                                               source, any(weight_dims), plain({outputs}, Tag::a), target, {1, 1},
                                               padding, padding);
    Convolution made;
    made.descriptor = dnnl::convolution_forward::primitive_desc(desc, attributes, cpu);
    made.primitive = dnnl::convolution_forward(made.descriptor);
    dnnl::stream stream(cpu);
    memory given(plain(weight_dims, Tag::oihw), cpu, const_cast<float*>(weight.kernel.data()));
    made.weights = memory(made.descriptor.weights_desc(), cpu);
    dnnl::reorder(given, made.weights).execute(stream, given, made.weights);
    made.bias = memory(plain({outputs}, Tag::a), cpu);
    stream.wait();
    std::copy(weight.bias.begin(), weight.bias.end(), static_cast<float*>(made.bias.get_data_handle()));
    scratchpad_size = std::max(scratchpad_size, made.descriptor.scratchpad_desc().get_size());
    return made;
  }

  void execute(const Convolution& convolution, dnnl::stream& stream, const memory& source, const memory& target,
               void* scratchpad) const {
    const memory scratch(convolution.descriptor.scratchpad_desc(), cpu, scratchpad);
    convolution.primitive.execute(stream, {{DNNL_ARG_SRC, source},
                                           {DNNL_ARG_WEIGHTS, convolution.weights},
                                           {DNNL_ARG_BIAS, convolution.bias},
                                           {DNNL_ARG_DST, target},
                                           {DNNL_ARG_SCRATCHPAD, scratch}});
  }

  /// `x` in the layout that is asked for: itself, or a copy.
  memory in_layout(memory x, const memory::desc& wanted, dnnl::stream& stream) const {
    if (x.get_desc() == wanted) return x;
    memory copy(wanted, cpu);
    dnnl::reorder(x, copy).execute(stream, x, copy);
    return copy;
  }
};

ResidualConv::ResidualConv(const PreEncoderConfig& config, int n_frames, int n_bins, const WeightReader& weights)
    : impl_(std::make_unique<Impl>()) {
  Impl& impl = *impl_;
  impl.n_frames = n_frames;
  impl.n_bins = n_bins;
  impl.channels = config.channels;
  try {
    const int c = config.channels, kt = config.kernel_t, kf = config.kernel_f;
    int bins = n_bins, inputs = 1;
    for (int i = 0; i < config.n_blocks; ++i) {
      const WeightReader block = weights.below(fmt::format("blocks.{}.", i));
      Impl::Block made;
      const memory::dims in = {1, inputs, n_frames, bins}, mid = {1, c, n_frames, bins};
      // The second convolution adds to what lies in its target, so that the shortcut must come in its layout.
      made.second =
          impl.make(folded(block, "conv2", "bn2", c, c, kt, kf), any(mid), any(mid), c, c, kt, kf, true, true);
      const memory::desc layout = made.second.descriptor.dst_desc();
      const memory::desc source = inputs == c ? layout : any(in);
      made.first = impl.make(folded(block, "conv1", "bn1", c, inputs, kt, kf), source,
                             made.second.descriptor.src_desc(), c, inputs, kt, kf, true, false);
      if (inputs != c) {
        const Weight shortcut{block.get("shortcut.weight", {c, inputs, 1, 1}), block.get("shortcut.bias", {c})};
        made.shortcut =
            std::make_unique<Impl::Convolution>(impl.make(shortcut, any(in), layout, c, inputs, 1, 1, false, false));
      }
      bins /= 2;
      const dnnl::pooling_forward::desc pooling(dnnl::prop_kind::forward_inference,
                                                dnnl::algorithm::pooling_avg_exclude_padding, layout,
                                                any({1, c, n_frames, bins}), {1, 2}, {1, 2}, {0, 0}, {0, 0});
      const dnnl::pooling_forward::primitive_desc descriptor(pooling, impl.cpu);
      made.pooling = dnnl::pooling_forward(descriptor);
      made.pooled = descriptor.dst_desc();
      for (const memory::desc& desc : {layout, made.first.descriptor.dst_desc(), made.pooled}) {
        impl.activation_size = std::max(impl.activation_size, desc.get_size());
      }
      impl.blocks.push_back(std::move(made));
      inputs = c;
    }
  } catch (const dnnl::error& error) {
    fail(ErrorCode::kInvalidArgument, "oneDNN cannot build the convolutions of the pre-encoder: {}", error.what());
  }
}

ResidualConv::~ResidualConv() = default;
ResidualConv::ResidualConv(ResidualConv&&) noexcept = default;
ResidualConv& ResidualConv::operator=(ResidualConv&&) noexcept = default;

int ResidualConv::n_bins_out() const {
  return impl_->n_bins >> impl_->blocks.size();
}

void ResidualConv::run(int n_threads, const float* spectrogram, float* out) const {
  Impl& impl = *impl_;
  const ThreadCount threads(n_threads);
  try {
    dnnl::stream stream(impl.cpu);
    auto workspace = impl.take_workspace();
    float *here = workspace->activations[0].data(), *there = workspace->activations[1].data();
    float* scratchpad = workspace->scratchpad.data();
    memory x(plain({1, 1, impl.n_frames, impl.n_bins}, Tag::nchw), impl.cpu, const_cast<float*>(spectrogram));
    if (!impl.blocks.front().shortcut) {
      // Of one map: the sum would be written over the caller's spectrogram.
      memory copy(x.get_desc(), impl.cpu, here);
      dnnl::reorder(x, copy).execute(stream, x, copy);
      x = copy;
    }
    for (const Impl::Block& block : impl.blocks) {
      // The block's input lies in `here` or is the spectrogram; the sum takes its place, and the pooled sum that of the
      // activations between the two convolutions.
      memory middle(block.first.descriptor.dst_desc(), impl.cpu, there);
      impl.execute(block.first, stream, impl.in_layout(x, block.first.descriptor.src_desc(), stream), middle,
                   scratchpad);
      memory sum;
      if (block.shortcut) {
        sum = memory(block.second.descriptor.dst_desc(), impl.cpu, here);
        impl.execute(*block.shortcut, stream, impl.in_layout(x, block.shortcut->descriptor.src_desc(), stream), sum,
                     scratchpad);
      } else {
        sum = impl.in_layout(x, block.second.descriptor.dst_desc(), stream);
      }
      impl.execute(block.second, stream, middle, sum, scratchpad);
      memory pooled(block.pooled, impl.cpu, there);
      block.pooling.execute(stream, {{DNNL_ARG_SRC, sum}, {DNNL_ARG_DST, pooled}});
      stream.wait();
      x = pooled;
      std::swap(here, there);
    }
    memory result(plain({1, impl.channels, impl.n_frames, n_bins_out()}, Tag::nhwc), impl.cpu, out);
    dnnl::reorder(x, result).execute(stream, x, result);
    stream.wait();
    impl.give_back(std::move(workspace));
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) fail(ErrorCode::kOutOfMemory, "out of memory in the pre-encoder");
    fail(ErrorCode::kUnsupported, "oneDNN failed in the pre-encoder: {}", error.what());
  }
}

}  // namespace yourmt3
