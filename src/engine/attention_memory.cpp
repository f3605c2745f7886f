#include "engine/attention_memory.h"

#include <algorithm>
#include <vector>

namespace yourmt3 {
namespace {

std::size_t at(int row, int column, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
}

}  // namespace

AttentionMemory::AttentionMemory(const Kernels& kernels, Rows memory, int length, int width) {
  std::vector<float> rows(at(length, 0, width)), columns(rows.size());
  for (int i = 0; i < length; ++i) {
    const float* from = memory.data + i * memory.stride;
    std::copy_n(from, width, rows.data() + at(i, 0, width));
    for (int j = 0; j < width; ++j) columns[at(j, i, length)] = from[j];
  }
  scores_ = Linear(kernels, rows, length, width);
  sum_ = Linear(kernels, columns, width, length);
}

std::size_t AttentionMemory::scratch(int n_queries, int length) {
  return at(n_queries, 0, cached_width(length));
}

void AttentionMemory::attend(const Kernels& kernels, const float* queries, int n_queries, float* out,
                             float* scratch) const {
  const int stride = cached_width(scores_.out());
  scores_.apply_alone(kernels, queries, n_queries, scratch, {.y_stride = stride});
  kernels.softmax(scratch, n_queries, scores_.out(), stride);
  sum_.apply_alone(kernels, scratch, n_queries, out, {.x_stride = stride});
}

}  // namespace yourmt3
