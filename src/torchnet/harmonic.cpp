#include "torchnet/harmonic.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <vector>

#include "torchnet/fused.h"

namespace yourmt3 {

HarmonicFrontEnd::HarmonicFrontEnd(const ModelConfig& config)
    : frame_radius_(config.pre_encoder.frame_radius),
      gain_(config.pre_encoder.input_gain),
      offset_(config.pre_encoder.input_offset) {
  const PreEncoderConfig& pre = config.pre_encoder;
  const int per_semitone = config.front_end.bins_per_semitone;
  const int n_bins = config.front_end.n_bins();
  std::vector<std::int64_t> bins;
  for (int pitch = 0; pitch < pre.n_pitches; ++pitch) {
    for (const float harmonic : pre.harmonics) {
      const int offset = static_cast<int>(std::lround(12.0 * per_semitone * std::log2(static_cast<double>(harmonic))));
      for (int neighbour = -pre.bin_radius; neighbour <= pre.bin_radius; ++neighbour) {
        const int bin = pitch * per_semitone + offset + neighbour;
        bins.push_back(bin >= 0 && bin < n_bins ? bin : n_bins);
      }
    }
  }
  bins_ = at::tensor(bins, at::kLong).view({pre.n_pitches, -1});
}

at::Tensor HarmonicFrontEnd::pitch_features(const ParameterNode& node, const at::Tensor& spectrogram,
                                            const Pass& pass) const {
  PitchWindows windows;
  // A column of silence stands for everything outside; eight more frames let the gather read past the end.
  windows.columns = at::constant_pad_nd(spectrogram.to(pass.compute), {0, 1, frame_radius_, frame_radius_ + 8}, offset_)
                        .transpose(1, 2)
                        .contiguous();
  windows.bins = bins_;
  windows.n_frames = spectrogram.size(1);
  windows.frame_radius = frame_radius_;
  const ParameterNode &hidden = node["harmonic"]["hidden"], &output = node["harmonic"]["output"];
  const auto cast = [&](const at::Tensor& tensor) { return tensor.to(pass.compute); };
  return fused_pitch_network(windows, cast(hidden.weight()), cast(hidden.tensor("bias")), cast(output.weight()),
                             cast(output.tensor("bias")));
}

at::Tensor HarmonicFrontEnd::frame_vectors(const ParameterNode& node, const at::Tensor& pitch_features,
                                           const at::Tensor& spectrogram, const Pass& pass) const {
  return widened(linear(node["projection"], pitch_features.flatten(2))) +
         widened(linear(node["direct"], spectrogram.to(pass.compute)));
}

}  // namespace yourmt3
