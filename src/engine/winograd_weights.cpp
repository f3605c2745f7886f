#include "engine/winograd_weights.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace yourmt3 {
namespace {

/// The polynomial of three weights, the first of lowest order, at each point, over the product of the distances to the
/// other points; the last row is the point at infinity.
std::vector<std::array<double, 3>> weight_transform(int tile) {
  std::vector<double> points = {0, 1, -1};
  if (tile == 4) points = {0, kWinogradA, -kWinogradA, kWinogradB, -kWinogradB};
  std::vector<std::array<double, 3>> rows;
  for (const double at : points) {
    double distances = 1;
    for (const double other : points) distances *= other == at ? 1 : at - other;
    rows.push_back({1 / distances, at / distances, at * at / distances});
  }
  rows.push_back({0, 0, 1});
  return rows;
}

/// The nearest, ties to even.
std::uint32_t bf16_bits(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

}  // namespace

FloatBuffer winograd_weights(const WinogradKernel& kernel, const std::vector<float>& weights, int outputs, int inputs) {
  const auto over_t = weight_transform(kernel.tile_t), over_f = weight_transform(kernel.tile_f);
  const std::size_t elements = over_t.size() * over_f.size();
  const std::size_t width = static_cast<std::size_t>(kernel.panel_width), in_word = kernel.bf16 ? 2 : 1;
  const std::size_t n_out = static_cast<std::size_t>(outputs), n_in = static_cast<std::size_t>(inputs);
  const std::size_t words = static_cast<std::size_t>(padded_channels(inputs)) / in_word;
  FloatBuffer packed((n_out + width - 1) / width * elements * words * width);
  for (std::size_t o = 0; o < n_out; ++o) {
    for (std::size_t i = 0; i < n_in; ++i) {
      const float* w = weights.data() + (o * n_in + i) * 9;
      for (std::size_t e = 0; e < elements; ++e) {
        const auto &t = over_t[e / over_f.size()], &f = over_f[e % over_f.size()];
        double sum = 0;
        for (std::size_t a = 0; a < 3; ++a) {
          for (std::size_t b = 0; b < 3; ++b) sum += t[a] * f[b] * w[a * 3 + b];
        }
        float& word = packed[((o / width * elements + e) * words + i / in_word) * width + o % width];
        const float rounded = static_cast<float>(sum);
        if (kernel.bf16) {
          const auto other = std::bit_cast<std::uint32_t>(word);
          word = std::bit_cast<float>(other | bf16_bits(rounded) << (i % 2 * 16));
        } else {
          word = rounded;
        }
      }
    }
  }
  return packed;
}

}  // namespace yourmt3
