#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace yourmt3 {

/// Allocates whole cache lines: a vector register that lies across two of them costs two loads, which halved the speed
/// of the products.
template <class T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  CacheLineAllocator() = default;
  template <class U>
  CacheLineAllocator(const CacheLineAllocator<U>&) {}

  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kLine); }

  friend bool operator==(const CacheLineAllocator&, const CacheLineAllocator&) { return true; }
};

/// Floats that kernels read or write.
using FloatBuffer = std::vector<float, CacheLineAllocator<float>>;
/// Packed values, see Word in kernels.h.
using WordBuffer = std::vector<std::int32_t, CacheLineAllocator<std::int32_t>>;

}  // namespace yourmt3
