#include "support/failing_allocation.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include "yourmt3/error.h"

namespace {

constexpr long kNever = -1;

std::atomic<long> until_failure = kNever;
std::atomic<bool> has_failed = false;
std::atomic<long> n_live = 0;

void* allocate(std::size_t size, std::size_t alignment) noexcept {
  if (until_failure > 0 && --until_failure == 0) {
    has_failed = true;
    return nullptr;
  }
  void* memory = alignment == 0 ? std::malloc(size + (size == 0))
                                : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory != nullptr) ++n_live;
  return memory;
}

void* allocate_or_throw(std::size_t size, std::size_t alignment = 0) {
  void* memory = allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void give_back(void* memory) noexcept {
  if (memory == nullptr) return;
  --n_live;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate_or_throw(size);
}
void* operator new[](std::size_t size) {
  return allocate_or_throw(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, 0);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, 0);
}
void operator delete(void* memory) noexcept {
  give_back(memory);
}
void operator delete[](void* memory) noexcept {
  give_back(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  give_back(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  give_back(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  give_back(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  give_back(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  give_back(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  give_back(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  give_back(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  give_back(memory);
}

namespace yourmt3::testing {

FailingAllocation::FailingAllocation(long n) {
  has_failed = false;
  until_failure = n;
}

FailingAllocation::~FailingAllocation() {
  until_failure = kNever;
}

bool FailingAllocation::happened() const {
  return has_failed;
}

long survive_each_failure(const std::function<void()>& body) {
  body();  // What is made once and kept is made now.
  for (long n = 1;; ++n) {
    bool told = false, happened = false;
    long lost = 0;
    // What a failure makes the first time, and keeps, is not lost again.
    for (int attempt = 0; attempt < 2 && (attempt == 0 || lost != 0); ++attempt) {
      const long before = n_live;
      {
        const FailingAllocation failing(n);
        try {
          body();
          told = true;  // There was another way, as for std::stable_sort.
        } catch (const std::bad_alloc&) {
          told = true;
        } catch (const Error& error) {
          told = error.code() == ErrorCode::kOutOfMemory;
        } catch (const std::exception&) {
          told = false;
        }
        happened = failing.happened();
      }
      lost = n_live - before;
    }
    if (!happened) return n - 1;
    EXPECT_TRUE(told) << "failure of allocation " << n << " comes out as something else";
    EXPECT_EQ(lost, 0) << "after failure of allocation " << n;
    if (::testing::Test::HasFailure()) return n;
  }
}

}  // namespace yourmt3::testing
