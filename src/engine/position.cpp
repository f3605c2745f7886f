#include "engine/position.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace yourmt3 {

std::vector<float> sinusoid_table(int rows, int width) {
  std::vector<float> table(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
  const int n_sines = (width + 1) / 2;
  for (int pair = 0; pair < n_sines; ++pair) {
    const double frequency = std::pow(10000.0, -2.0 * pair / width);
    float* sine = table.data() + pair;
    for (int p = 0; p < rows; ++p, sine += width) {
      const double angle = p * frequency;
      *sine = static_cast<float>(std::sin(angle));
      if (pair + n_sines < width) sine[n_sines] = static_cast<float>(std::cos(angle));
    }
  }
  return table;
}

int relative_position_bucket(int key_minus_query, bool bidirectional) {
  const int n_buckets = bidirectional ? 16 : 32;
  const int offset = bidirectional && key_minus_query > 0 ? 16 : 0;
  const int distance = bidirectional ? std::abs(key_minus_query) : std::max(-key_minus_query, 0);
  const int n_exact = n_buckets / 2;
  if (distance < n_exact) return offset + distance;
  // In float32 as the reference: 128 / n_exact is a power of two and rounding decides at its powers.
  const float place = std::log(static_cast<float>(distance) / static_cast<float>(n_exact)) /
                      static_cast<float>(std::log(128.0 / n_exact)) * static_cast<float>(n_buckets - n_exact);
  return offset + std::min(n_buckets - 1, n_exact + static_cast<int>(place));
}

std::vector<float> relative_position_bias(const std::vector<float>& table, int heads, int length, bool bidirectional) {
  const int n = 2 * length - 1;
  std::vector<float> bias(static_cast<std::size_t>(heads * n));
  for (int i = 0; i < n; ++i) {
    const int bucket = relative_position_bucket(i - (length - 1), bidirectional);
    for (int h = 0; h < heads; ++h) {
      bias[static_cast<std::size_t>(h * n + i)] = table[static_cast<std::size_t>(bucket * heads + h)];
    }
  }
  return bias;
}

std::vector<float> alibi_slopes(int heads) {
  const auto geometric = [](int n, int take, int step) {
    std::vector<float> slopes;
    for (int h = 0; static_cast<int>(slopes.size()) < take; h += step) {
      slopes.push_back(static_cast<float>(std::pow(2.0, -8.0 * (h + 1) / n)));
    }
    return slopes;
  };
  int power = 1;
  while (2 * power <= heads) power *= 2;
  std::vector<float> slopes = geometric(power, power, 1);
  // Every second slope of twice as many heads fills up.
  for (float slope : geometric(2 * power, heads - power, 2)) slopes.push_back(slope);
  return slopes;
}

std::vector<float> alibi_bias(const std::vector<float>& slopes, int lq, int lk, int d_head) {
  const int n = lq + lk - 1;
  std::vector<float> bias;
  bias.reserve(slopes.size() * static_cast<std::size_t>(n));
  const float scale = 1.f / std::sqrt(static_cast<float>(d_head));
  for (float slope : slopes) {
    for (int i = 0; i < n; ++i) {
      const int key_minus_query = i - (lq - 1);
      bias.push_back(-static_cast<float>(std::abs(key_minus_query - (lk - lq))) * slope * scale);
    }
  }
  return bias;
}

std::vector<float> rope_frequencies(RopeKind kind, int width) {
  const int pairs = width / 2;
  std::vector<float> frequencies;
  for (int i = 0; i < pairs; ++i) {
    const double frequency = kind == RopeKind::kPixel
                                 ? std::numbers::pi * (pairs == 1 ? 1.0 : 1.0 + 4.0 * i / (pairs - 1))
                                 : std::pow(10000.0, -2.0 * i / width);
    frequencies.push_back(static_cast<float>(frequency));
  }
  return frequencies;
}

Rope::Rope(RopeKind kind, const std::vector<float>& frequencies, int length)
    : pairs_(static_cast<int>(frequencies.size())) {
  for (int n = 0; n < length; ++n) {
    const double place = kind == RopeKind::kLang ? n : length == 1 ? -1.0 : -1.0 + 2.0 * n / (length - 1);
    for (float frequency : frequencies) {
      const float angle = static_cast<float>(place) * frequency;
      cosines_.push_back(std::cos(angle));
      sines_.push_back(std::sin(angle));
    }
  }
}

void Rope::rotate(float* x, int n, int heads, int d_head) const {
  const float* cosine = cosines_.data() + static_cast<std::ptrdiff_t>(n) * pairs_;
  const float* sine = sines_.data() + static_cast<std::ptrdiff_t>(n) * pairs_;
  for (int h = 0; h < heads; ++h, x += d_head) {
    for (int i = 0; i < pairs_; ++i) {
      const float a = x[2 * i], b = x[2 * i + 1];
      x[2 * i] = a * cosine[i] - b * sine[i];
      x[2 * i + 1] = b * cosine[i] + a * sine[i];
    }
  }
}

}  // namespace yourmt3
