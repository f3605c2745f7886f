#include "torchnet/cpu_kernels.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <vector>

#include "torchnet/cpu_loops.h"

namespace yourmt3::cpu_kernels {
namespace {

std::atomic<int> rounded_products = 0;  // Scopes that are open.
std::atomic<const Kernels*> fixed_kernels = nullptr;

const Kernels& kernels() {
  static const Kernels& best = best_kernels();
  const Kernels* fixed = fixed_kernels;
  return fixed != nullptr ? *fixed : best;
}

const Loops& loops() {
  return loops_for(kernels().isa);
}

/// Memory of one thread for packed matrices, kept from product to product.
struct Scratch {
  std::vector<std::int32_t> a, b, rows;

  static Word* of(std::vector<std::int32_t>& buffer, std::int64_t size) {
    if (buffer.size() < static_cast<std::size_t>(size)) buffer.resize(static_cast<std::size_t>(size));
    return buffer.data();
  }
};
thread_local Scratch scratch;

/// Both factors in the words that products of one precision read.
class Product {
 public:
  Product(std::int64_t m, std::int64_t n, std::int64_t k)
      : m_(m),
        n_(n),
        k_(k),
        rounded_(rounded_products > 0),
        words_(kernels_.packed_words(rounded_ ? Precision::kBf16 : Precision::kF32, static_cast<int>(k))) {}

  void run(MatrixView a, MatrixView b, float* c, std::int64_t c_stride, bool accumulate) const {
    GemmArgs args;
    args.m = static_cast<int>(m_);
    args.n = static_cast<int>(n_);
    args.k = static_cast<int>(words_);
    args.a = rows_of_a(a, args.a_stride);
    args.panels = panels_of_b(b);
    args.c = c;
    args.c_stride = c_stride;
    if (accumulate) {
      args.residual = c;
      args.residual_stride = c_stride;
    }
    const auto panels = static_cast<int>((n_ + width_ - 1) / width_);
    (rounded_ ? kernels_.bf16 : kernels_.f32).gemm(args, 0, panels);
  }

 private:
  static const Word* as_words(const float* values) { return reinterpret_cast<const Word*>(values); }

  /// `count` rows along k, which lie side by side, into rows of words.
  void pack_rows(const float* rows, std::int64_t stride, std::int64_t count, Word* out) const {
    for (std::int64_t i = 0; i < count; ++i) {
      kernels_.bf16.pack(rows + i * stride, static_cast<int>(k_), out + i * words_, nullptr);
    }
  }

  /// k rows of `count` values, of which two make a row of words; see engine/dots.inc for which two.
  void pair_rows(const float* rows, std::int64_t stride, std::int64_t count, Word* out) const {
    const auto row = [&](std::int64_t i) { return i < k_ ? rows + i * stride : nullptr; };
    for (std::int64_t word = 0; word < words_; ++word, out += count) {
      const std::int64_t low = word / lanes_ * 2 * lanes_ + word % lanes_;
      loops_.pair_rows(row(low), row(low + lanes_), count, out);
    }
  }

  const Word* rows_of_a(MatrixView a, std::ptrdiff_t& stride) const {
    stride = words_;
    if (!a.transposed && !rounded_) {
      stride = a.row_stride;
      return as_words(a.data);
    }
    Word* out = Scratch::of(scratch.a, m_ * words_);
    if (!a.transposed) {
      pack_rows(a.data, a.row_stride, m_, out);
    } else if (!rounded_) {
      loops_.transpose(as_words(a.data), a.row_stride, k_, m_, out, words_);
    } else {
      Word* rows = Scratch::of(scratch.rows, words_ * m_);
      pair_rows(a.data, a.row_stride, m_, rows);
      loops_.transpose(rows, m_, words_, m_, out, words_);
    }
    return out;
  }

  const Word* panels_of_b(MatrixView b) const {
    // Rows of words along the columns, or along k.
    const Word* rows = as_words(b.data);
    std::int64_t stride = b.row_stride;
    if (rounded_) {
      Word* packed = Scratch::of(scratch.rows, words_ * n_);
      if (b.transposed) {
        pack_rows(b.data, b.row_stride, n_, packed);
      } else {
        pair_rows(b.data, b.row_stride, n_, packed);
      }
      rows = packed;
      stride = b.transposed ? words_ : n_;
    }
    Word* panels = Scratch::of(scratch.b, words_ * ((n_ + lanes_ - 1) / lanes_ * lanes_));
    Word* out = panels;
    for (std::int64_t first = 0; first < n_; first += width_) {
      const std::int64_t columns = std::min(n_ - first, width_), stored = (columns + lanes_ - 1) / lanes_ * lanes_;
      if (b.transposed) {
        if (columns < stored) std::fill_n(out, words_ * stored, Word{0});
        loops_.transpose(rows + first * stride, stride, columns, words_, out, stored);
        out += words_ * stored;
        continue;
      }
      for (std::int64_t word = 0; word < words_; ++word, out += stored) {
        std::copy_n(rows + word * stride + first, columns, out);
        std::fill(out + columns, out + stored, Word{0});
      }
    }
    return panels;
  }

  const Kernels& kernels_ = kernels();
  const Loops& loops_ = loops();
  const std::int64_t lanes_ = kernels_.lanes, width_ = kernels_.panel_width;
  std::int64_t m_, n_, k_;
  bool rounded_;
  std::int64_t words_;
};

}  // namespace

RoundedProducts::RoundedProducts() {
  ++rounded_products;
}

RoundedProducts::~RoundedProducts() {
  --rounded_products;
}

FixedIsa::FixedIsa(Isa isa) {
  fixed_kernels = &kernels_for(isa);
}

FixedIsa::~FixedIsa() {
  fixed_kernels = nullptr;
}

void multiply(std::int64_t m, std::int64_t n, std::int64_t k, MatrixView a, MatrixView b, float* c,
              std::int64_t c_stride, bool accumulate) {
  Product(m, n, k).run(a, b, c, c_stride, accumulate);
}

void softmax_row(float* row, std::int64_t width, std::int64_t row_size, float scale) {
  loops().softmax_row(row, width, row_size, scale);
}

void softmax_row_backward(const float* p, float* dp, std::int64_t size, float scale) {
  loops().softmax_row_backward(p, dp, size, scale);
}

void dropout(const float* x, std::int64_t count, double rate, std::uint64_t seed, std::uint64_t first, float* out) {
  loops().dropout(x, count, rate, seed, first, out);
}

void bias_gelu(float* pre, const float* bias, std::int64_t rows, std::int64_t width, float* out) {
  loops().bias_gelu(pre, bias, rows, width, out);
}

void gelu_backward(const float* pre, float* grad, std::int64_t count) {
  loops().gelu_backward(pre, grad, count);
}

void gated_gelu(const float* x, std::int64_t rows, std::int64_t width, float* out) {
  loops().gated_gelu(x, rows, width, out);
}

void gated_gelu_backward(const float* x, const float* grad, std::int64_t rows, std::int64_t width, float* grad_x) {
  loops().gated_gelu_backward(x, grad, rows, width, grad_x);
}

}  // namespace yourmt3::cpu_kernels
