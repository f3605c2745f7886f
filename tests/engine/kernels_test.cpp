// Every instruction set against obvious scalar loops, with sizes around the widths of vectors and panels.

#include "engine/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "core/fail.h"
#include "engine/linear.h"

namespace yourmt3 {
namespace {

constexpr double kEps = 6e-8;  // Half an ulp of values around 1.

std::vector<float> noise(std::size_t n, int seed, float scale = 1.f) {
  std::mt19937 generator(static_cast<unsigned>(seed));
  std::uniform_real_distribution<float> uniform(-scale, scale);
  std::vector<float> values(n);
  for (float& x : values) x = uniform(generator);
  return values;
}

std::size_t times(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

double scalar_op(ElementOp op, double x) {
  switch (op) {
    case ElementOp::kIdentity:
      return x;
    case ElementOp::kGelu:
      return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
    case ElementOp::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case ElementOp::kSilu:
      return x / (1 + std::exp(-x));
    case ElementOp::kRelu:
      return std::max(x, 0.0);
    case ElementOp::kTanh:
      return std::tanh(x);
  }
  return 0;
}

constexpr Isa kAllIsas[] = {Isa::kPortable, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16};
constexpr ElementOp kAllOps[] = {ElementOp::kIdentity, ElementOp::kGelu, ElementOp::kGeluTanh,
                                 ElementOp::kSilu,     ElementOp::kRelu, ElementOp::kTanh};

class KernelsTest : public ::testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    const std::vector<Isa> present = supported_isas();
    if (std::ranges::find(present, GetParam()) == present.end()) {
      GTEST_SKIP() << "this build or processor has no " << isa_name(GetParam());
    }
    kernels_ = &kernels_for(GetParam());
  }
  const Kernels& kernels() const { return *kernels_; }

 private:
  const Kernels* kernels_ = nullptr;
};

TEST_P(KernelsTest, ProductsAgreeWithAScalarLoop) {
  for (const int m : {1, 2, 5, 6, 7, 13, 14, 15, 29}) {
    for (const int n : {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 65}) {
      const int k = 1 + (m * 7 + n * 3) % 70;
      const auto a = noise(times(m, k), m), w = noise(times(n, k), n), bias = noise(times(n, 1), k);
      const auto residual = noise(times(m, n), 3);
      const Linear linear(kernels(), w, n, k, bias);
      std::vector<float> c = residual;
      linear.apply_alone(kernels(), a.data(), m, c.data(), {.op = ElementOp::kRelu, .residual = c.data()});
      for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) {
          double sum = bias[times(j, 1)], magnitude = 1;
          for (int l = 0; l < k; ++l) {
            sum += double{a[times(i, k) + times(l, 1)]} * w[times(j, k) + times(l, 1)];
            magnitude += std::abs(double{a[times(i, k) + times(l, 1)]} * w[times(j, k) + times(l, 1)]);
          }
          const double expected = std::max(sum, 0.0) + residual[times(i, n) + times(j, 1)];
          // k roundings of partial sums that stay below their magnitude.
          ASSERT_NEAR(c[times(i, n) + times(j, 1)], expected, k * kEps * magnitude + 2 * kEps)
              << m << " x " << n << " x " << k << " at " << i << ", " << j;
        }
      }
    }
  }
}

TEST_P(KernelsTest, GatedProductsAgreeWithAScalarLoop) {
  for (const ElementOp op : kAllOps) {
    for (const int n : {1, 4, 5, 8, 16, 17, 33}) {
      const int m = 9, k = 21;
      const auto a = noise(times(m, k), 1), w0 = noise(times(n, k), 2), w1 = noise(times(n, k), 3);
      const Linear linear = Linear::gated(kernels(), w0, w1, n, k);
      std::vector<float> c(times(m, n));
      linear.apply_alone(kernels(), a.data(), m, c.data(), {.op = op});
      for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) {
          double s0 = 0, s1 = 0;
          for (int l = 0; l < k; ++l) {
            s0 += double{a[times(i, k) + times(l, 1)]} * w0[times(j, k) + times(l, 1)];
            s1 += double{a[times(i, k) + times(l, 1)]} * w1[times(j, k) + times(l, 1)];
          }
          // Sums of 21 products below 1 in magnitude, multiplied by a factor below 21 each.
          ASSERT_NEAR(c[times(i, n) + times(j, 1)], scalar_op(op, s0) * s1,
                      21 * kEps * (std::abs(s0) + std::abs(s1) + 2));
        }
      }
    }
  }
}

/// The upper half of a float, rounded to the nearest, ties to even.
float as_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000u);
}

/// Values as products of a precision read them: n of them, with the largest of which they are scaled.
std::vector<double> as_read(Precision precision, const float* x, int n) {
  float largest = 0;
  for (int i = 0; i < n; ++i) largest = std::max(largest, std::abs(x[i]));
  std::vector<double> read(x, x + n);
  for (double& value : read) {
    if (precision == Precision::kBf16) value = as_bf16(static_cast<float>(value));
    if (precision == Precision::kInt8) {
      value = largest > 0 ? std::nearbyint(static_cast<float>(value) * (127.f / largest)) * (double{largest} / 127) : 0;
    }
  }
  return read;
}

constexpr Precision kPrecisions[] = {Precision::kF32, Precision::kBf16, Precision::kInt8};

TEST_P(KernelsTest, ProductsOfRoundedFactorsAgreeWithAScalarLoop) {
  for (const Precision precision : kPrecisions) {
    for (const int k : {1, 2, 3, 31, 32, 33, 64, 127, 130}) {
      const int m = 1 + k % 14, n = 1 + (7 * k) % 90;
      const auto a = noise(times(m, k), m, 3.f), w = noise(times(n, k), n), gate = noise(times(n, k), 5);
      const auto bias = noise(times(n, 1), k);
      const Linear linear({kernels(), precision}, w, n, k, bias);
      const Linear gated = Linear::gated({kernels(), precision}, w, gate, n, k);
      std::vector<float> c(times(m, n)), d(times(m, n));
      linear.apply_alone(kernels(), a.data(), m, c.data(), {});
      gated.apply_alone(kernels(), a.data(), m, d.data(), {.op = ElementOp::kRelu});
      for (int i = 0; i < m; ++i) {
        const auto x = as_read(precision, a.data() + times(i, k), k);
        for (int j = 0; j < n; ++j) {
          const auto y = as_read(precision, w.data() + times(j, k), k),
                     z = as_read(precision, gate.data() + times(j, k), k);
          double sum = 0, other = 0, size = 0;
          for (std::size_t l = 0; l < x.size(); ++l) {
            sum += x[l] * y[l];
            other += x[l] * z[l];
            size += std::abs(x[l]) * (std::abs(y[l]) + std::abs(z[l]));
          }
          // k roundings of partial sums that stay below `size`, and some more of scales, bias and gate.
          const double bound = (k + 6) * kEps * (size + 1);
          const std::size_t at = times(i, n) + times(j, 1);
          ASSERT_NEAR(c[at], sum + bias[times(j, 1)], bound) << precision_name(precision) << ", k = " << k;
          ASSERT_NEAR(d[at], std::max(sum, 0.0) * other, bound * (size + 1))
              << precision_name(precision) << ", k = " << k;
        }
      }
    }
  }
}

TEST_P(KernelsTest, ProductsOfTheLargestBytesDoNotOverflow) {
  const int n = 40, k = 4096;
  for (const float sign : {-1.f, 1.f}) {
    const std::vector<float> x(times(1, k), 2.f), w(times(n, k), sign);
    const Linear linear({kernels(), Precision::kInt8}, w, n, k);
    std::vector<float> y(times(n, 1));
    linear.apply_alone(kernels(), x.data(), 1, y.data(), {});
    for (const float value : y) ASSERT_NEAR(value, sign * 2 * k, 4 * kEps * 2 * k);
  }
}

TEST_P(KernelsTest, RowsOfZerosGiveTheBiasInEveryPrecision) {
  const auto bias = noise(20, 1);
  for (const Precision precision : kPrecisions) {
    const Linear linear({kernels(), precision}, noise(20 * 9, 2), 20, 9, bias);
    const Linear nothing({kernels(), precision}, std::vector<float>(20 * 9), 20, 9, bias);
    std::vector<float> y(20);
    linear.apply_alone(kernels(), std::vector<float>(9).data(), 1, y.data(), {});
    EXPECT_EQ(y, bias) << precision_name(precision);
    nothing.apply_alone(kernels(), noise(9, 3).data(), 1, y.data(), {});
    EXPECT_EQ(y, bias) << precision_name(precision);
  }
}

TEST_P(KernelsTest, WhatIsNoNumberStaysNone) {
  const Linear linear({kernels(), Precision::kBf16}, noise(20 * 9, 2), 20, 9);
  std::vector<float> x(9, 1.f), y(20);
  for (const std::uint32_t bits : {0x7fffffffu, 0xffffffffu, 0x7f800001u}) {
    x[4] = std::bit_cast<float>(bits);
    linear.apply_alone(kernels(), x.data(), 1, y.data(), {});
    for (const float value : y) EXPECT_TRUE(std::isnan(value));
  }
}

TEST_P(KernelsTest, ARowOfAProductDoesNotDependOnTheOthersOrOnThreads) {
  const int m = 261, n = 150, k = 67;
  const auto a = noise(times(m, k), 5), w = noise(times(n, k), 6);
  for (const Precision precision : kPrecisions) {
    const Linear linear({kernels(), precision}, w, n, k);
    std::vector<float> whole(times(m, n)), shared(times(m, n)), one(times(n, 1));
    linear.apply_alone(kernels(), a.data(), m, whole.data(), {});
    ThreadTeam team(3);
    linear.apply({kernels(), team}, a.data(), m, shared.data());
    EXPECT_EQ(whole, shared) << precision_name(precision);
    for (int i = 0; i < m; ++i) {
      linear.apply_alone(kernels(), a.data() + times(i, k), 1, one.data(), {});
      ASSERT_TRUE(std::equal(one.begin(), one.end(), whole.data() + times(i, n)))
          << precision_name(precision) << ", row " << i;
    }
  }
}

TEST_P(KernelsTest, ProductsReadAndWriteListedRowsAndHonourStrides) {
  const int n = 19, k = 11;
  const auto a = noise(40 * 13, 7), w = noise(times(n, k), 8);
  const std::vector<std::int32_t> rows = {39, 0, 7, 7, 20}, to = {4, 2, 0, 1, 3};
  const std::vector<float> factors = {0.5f, 2.f, 1.f, -4.f, 0.f};
  for (const Precision precision : kPrecisions) {
    const Linear linear({kernels(), precision}, w, n, k);
    std::vector<float> c(5 * 23, -1.f), sums(5 * 23, -1.f), expected(n);
    linear.apply_alone(kernels(), a.data(), 5, c.data(), {.x_stride = 13, .y_stride = 23, .x_rows = rows.data()});
    linear.apply_alone(kernels(), a.data(), 5, sums.data(),
                       {.residual = sums.data(),
                        .x_stride = 13,
                        .y_stride = 23,
                        .x_rows = rows.data(),
                        .y_rows = to.data(),
                        .factors = factors.data()});
    for (std::size_t i = 0; i < rows.size(); ++i) {
      linear.apply_alone(kernels(), a.data() + rows[i] * 13, 1, expected.data(), {});
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), c.data() + i * 23));
      const auto row = std::span(sums).subspan(static_cast<std::size_t>(to[i]) * 23, 23);
      // The factors are powers of two: only the sum is rounded.
      for (std::size_t j = 0; j < n; ++j) EXPECT_EQ(row[j], expected[j] * factors[i] - 1.f);
      for (const auto& all : {std::span(c).subspan(i * 23, 23), row}) {
        EXPECT_TRUE(std::all_of(all.begin() + n, all.end(), [](float x) { return x == -1.f; }));
      }
    }
  }
}

/// Attention of one head in double precision.
std::vector<double> scalar_attention(const AttentionArgs& g) {
  std::vector<double> out(times(g.lq, g.d_v));
  for (int i = 0; i < g.lq; ++i) {
    const int n = g.causal ? i + 1 : g.lk;
    std::vector<double> p(static_cast<std::size_t>(n));
    double top = -1e300, total = 0;
    for (int j = 0; j < n; ++j) {
      double score = 0;
      for (int c = 0; c < g.d_qk; ++c) score += double{g.q[i * g.q_stride + c]} * g.k[j * g.k_stride + c];
      score *= g.scale;
      if (g.bias != nullptr) score += g.bias[j - i + g.lq - 1];
      p[static_cast<std::size_t>(j)] = score;
      top = std::max(top, score);
    }
    for (double& x : p) total += x = std::exp(x - top);
    for (int j = 0; j < n; ++j) {
      for (int c = 0; c < g.d_v; ++c) {
        out[times(i, g.d_v) + times(c, 1)] += p[static_cast<std::size_t>(j)] / total * g.v[j * g.v_stride + c];
      }
    }
  }
  return out;
}

TEST_P(KernelsTest, AttentionAgreesWithAScalarLoop) {
  for (const int lq : {1, 2, 5, 14, 17, 26}) {
    for (const int lk : {1, 3, 8, 16, 31, 32, 33, 110}) {
      for (const bool causal : {false, true}) {
        if (causal && lk < lq) continue;
        const int d_qk = 1 + (lq + lk) % 19, d_v = 1 + (3 * lq + lk) % 40;
        const auto q = noise(times(lq, d_qk + 3), lq, 3.f), k = noise(times(lk, d_qk + 1), lk, 3.f);
        const auto v = noise(times(lk, d_v + 2), lq + lk), bias = noise(times(lq + lk, 1), 4, 5.f);
        AttentionArgs args;
        args.q = q.data(), args.k = k.data(), args.v = v.data();
        args.q_stride = d_qk + 3, args.k_stride = d_qk + 1, args.v_stride = d_v + 2;
        args.lq = lq, args.lk = lk, args.d_qk = d_qk, args.d_v = d_v;
        args.scale = 0.37f;
        args.causal = causal;
        args.bias = lk % 2 == 0 ? nullptr : bias.data();
        std::vector<float> out(times(lq, d_v + 5), -7.f);
        std::vector<float> scratch(kernels().attention_scratch(lq, lk, d_qk, d_v), std::nanf(""));
        args.out = out.data(), args.out_stride = d_v + 5, args.scratch = scratch.data();
        kernels().attention(args);
        const auto expected = scalar_attention(args);
        for (int i = 0; i < lq; ++i) {
          for (int c = 0; c < d_v + 5; ++c) {
            const float found = out[times(i, d_v + 5) + times(c, 1)];
            if (c >= d_v) {
              ASSERT_EQ(found, -7.f);
              continue;
            }
            // Scores up to 9 * 19 * 0.37 = 63 carry d_qk roundings, which the exponential turns into relative ones.
            ASSERT_NEAR(found, expected[times(i, d_v) + times(c, 1)], 2e-5) << lq << ", " << lk << ", " << causal;
          }
        }
      }
    }
  }
}

TEST_P(KernelsTest, CachedAttentionAgreesWithAScalarLoop) {
  for (const int d : {1, 3, 8, 16, 24, 64}) {
    for (const int n : {1, 2, 5, 31, 32, 33, 64, 100}) {
      const auto q = noise(times(d, 1), d, 2.f), k = noise(times(n, d), n, 2.f), v = noise(times(n, d), n + d);
      const auto bias = noise(times(n, 1), 9);
      const int width = cached_width(d), offset = 5;
      std::vector<std::vector<float>> storage;
      std::vector<const float*> pages;
      for (int page = 0; page < (n + kPagePositions - 1) / kPagePositions; ++page) {
        // What lies behind the last position has to be without effect.
        auto& values = storage.emplace_back(times(kPagePositions, d + width) + 5, 1e3f);
        for (int j = page * kPagePositions; j < std::min(n, (page + 1) * kPagePositions); ++j) {
          for (int c = 0; c < d; ++c) {
            const int at = j % kPagePositions;
            values[times(c, kPagePositions) + times(at, 1) + offset] = k[times(j, d) + times(c, 1)];
            values[times(kPagePositions, d) + times(at, width) + times(c, 1) + offset] = v[times(j, d) + times(c, 1)];
          }
        }
        pages.push_back(values.data());
      }
      std::vector<float> scores(storage.size() * kPagePositions), out(times(d, 1) + 1, -7.f);
      CachedAttentionArgs args;
      args.q = q.data(), args.d = d, args.pages = pages.data(), args.k_offset = offset;
      args.v_offset = kPagePositions * d + offset, args.n = n, args.scores = scores.data(), args.out = out.data();
      args.bias = n % 2 == 0 ? bias.data() : nullptr;
      kernels().cached_attention(args);

      AttentionArgs plain;
      plain.q = q.data(), plain.k = k.data(), plain.v = v.data(), plain.k_stride = plain.v_stride = d;
      plain.lq = 1, plain.lk = n, plain.d_qk = plain.d_v = d, plain.bias = args.bias;
      const auto expected = scalar_attention(plain);
      for (int c = 0; c < d; ++c) ASSERT_NEAR(out[times(c, 1)], expected[times(c, 1)], 5e-5) << d << ", " << n;
      EXPECT_EQ(out.back(), -7.f);
    }
  }
}

TEST_P(KernelsTest, SumsOfExponentialsAgreeWithAScalarLoop) {
  for (const int n : {1, 3, 15, 16, 17, 31, 32, 33, 598}) {
    std::vector<float> x = noise(times(n, 1), n, 20.f);
    if (n > 3) x[2] = -std::numeric_limits<float>::infinity();
    const float top = *std::max_element(x.begin(), x.end());
    double expected = 0;
    for (const float value : x) expected += std::exp(double(value) - top);
    // The differences are exact to an ulp of 40, the exponentials to 1.5.
    EXPECT_NEAR(kernels().exp_sum(x.data(), n, top), expected, 4e-6 * expected) << n;
  }
}

TEST_P(KernelsTest, SoftmaxAgreesWithAScalarLoopAndLeavesZerosBehind) {
  for (const int n : {1, 3, 15, 16, 17, 31, 32, 33, 110}) {
    const int rows = 3, stride = cached_width(n) + 16;
    std::vector<float> x = noise(times(rows, stride), n, 20.f);
    const std::vector<float> before = x;
    kernels().softmax(x.data(), rows, n, stride);
    for (int r = 0; r < rows; ++r) {
      double total = 0, top = -1e9;
      for (int i = 0; i < n; ++i) top = std::max(top, double(before[times(r, stride) + times(i, 1)]));
      for (int i = 0; i < n; ++i) total += std::exp(before[times(r, stride) + times(i, 1)] - top);
      for (int i = 0; i < stride; ++i) {
        const std::size_t at = times(r, stride) + times(i, 1);
        if (i < n) {
          // A difference of scores up to 40 is known to an ulp of it.
          ASSERT_NEAR(x[at], std::exp(before[at] - top) / total, 4e-6) << n;
        } else if (i < (n + kernels().lanes - 1) / kernels().lanes * kernels().lanes) {
          ASSERT_EQ(x[at], 0.f) << n;
        } else {
          ASSERT_EQ(x[at], before[at]) << n;
        }
      }
    }
  }
}

TEST_P(KernelsTest, NormsAgreeWithAScalarLoop) {
  for (const int n : {1, 3, 4, 5, 8, 15, 16, 17, 33, 128, 512}) {
    const int rows = 3;
    auto x = noise(times(rows, n), n);
    for (float& value : x) value += 10.f;  // A mean far above the deviation.
    const auto weight = noise(times(n, 1), 1), bias = noise(times(n, 1), 2);
    std::vector<float> layer(x.size()), rms(x.size());
    kernels().layer_norm(x.data(), rows, n, weight.data(), bias.data(), 1e-5f, layer.data());
    kernels().rms_norm(x.data(), rows, n, weight.data(), 1e-6f, rms.data());
    for (int r = 0; r < rows; ++r) {
      double mean = 0, variance = 0, squares = 0;
      for (int i = 0; i < n; ++i) mean += x[times(r, n) + times(i, 1)] / double(n);
      for (int i = 0; i < n; ++i) {
        const double value = x[times(r, n) + times(i, 1)];
        variance += (value - mean) * (value - mean) / n;
        squares += value * value / n;
      }
      for (int i = 0; i < n; ++i) {
        const std::size_t at = times(r, n) + times(i, 1), one = times(i, 1);
        const double normal = (x[at] - mean) / std::sqrt(variance + 1e-5);
        // The mean of 10 is known to an ulp of 1e-6, against a deviation of 0.5.
        ASSERT_NEAR(layer[at], normal * weight[one] + bias[one], n == 1 ? 1e-3 : 6e-6) << n;
        ASSERT_NEAR(rms[at], x[at] / std::sqrt(squares + 1e-6) * weight[one], 3e-7) << n;
      }
    }
  }
}

TEST_P(KernelsTest, ElementFunctionsAreAccurateOverTheirWholeRange) {
  std::vector<float> x;
  for (int i = -40000; i <= 40000; ++i) x.push_back(static_cast<float>(i) * 1e-3f);
  for (const float far : {-1e4f, -200.f, -89.f, 89.f, 200.f, 1e4f, 0.f, -0.f, 1e-20f}) x.push_back(far);
  for (const ElementOp op : kAllOps) {
    std::vector<float> y = x;
    kernels().element_op(op, y.data(), y.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = scalar_op(op, x[i]);
      // A few roundings of a factor below 1 that multiplies x.
      ASSERT_NEAR(y[i], expected, 4 * kEps * std::max(1.0, std::abs(double{x[i]})))
          << static_cast<int>(op) << ": " << x[i];
    }
  }
}

TEST_P(KernelsTest, ElementFunctionsLeaveWhatLiesBehindTheEnd) {
  for (std::size_t n = 0; n < 40; ++n) {
    std::vector<float> x(n + 1, -2.f), y(n + 1, 1.f);
    kernels().element_op(ElementOp::kRelu, x.data(), n);
    kernels().add_scaled(3.f, std::vector<float>(n, 2.f).data(), y.data(), n);
    EXPECT_EQ(x.back(), -2.f);
    EXPECT_EQ(y.back(), 1.f);
    for (std::size_t i = 0; i < n; ++i) ASSERT_TRUE(x[i] == 0.f && y[i] == 7.f);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, KernelsTest, ::testing::ValuesIn(kAllIsas),
                         [](const auto& isa) { return isa_name(isa.param); });

TEST(Kernels, OfAnAbsentInstructionSetAreRefused) {
  const auto present = supported_isas();
  ASSERT_EQ(present.front(), Isa::kPortable);
  for (const Isa isa : kAllIsas) {
    if (std::ranges::find(present, isa) == present.end()) {
      EXPECT_THROW(kernels_for(isa), Error) << isa_name(isa);
    } else {
      EXPECT_EQ(kernels_for(isa).isa, isa);
    }
  }
  EXPECT_EQ(best_kernels().isa, present.back());
}

}  // namespace
}  // namespace yourmt3
