#pragma once

#include <gtest/gtest.h>

#include <functional>

namespace yourmt3::testing {

/// While it lives, the n-th allocation by `operator new` from its construction, in any thread, throws std::bad_alloc;
/// those after it succeed. For programs with failing_allocation.cpp among their sources; one at a time.
class FailingAllocation {
 public:
  explicit FailingAllocation(long n);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  bool happened() const;
};

/// Does it over and over, and every time a later allocation fails, until none does: expects that each failure is borne
/// or comes out as std::bad_alloc or Error(kOutOfMemory), and that nothing is lost. Returns the number of failures.
long survive_each_failure(const std::function<void()>& body);

}  // namespace yourmt3::testing
