#pragma once

#include <atomic>
#include <functional>

#include "core/fail.h"

namespace yourmt3 {

/// Work done so far and in all, in any unit; total 0 means not known.
struct Progress {
  double done = 0;
  double total = 0;
};

/// Called now and then by long operations, from any thread. Returning false cancels: the operation throws
/// Error(kCancelled) soon after.
using ProgressCallback = std::function<bool(const Progress&)>;

/// Calls `callback` if there is one; throws Error(kCancelled) when it says stop.
inline void report_progress(const ProgressCallback& callback, double done, double total) {
  if (callback && !callback({done, total})) fail(ErrorCode::kCancelled, "cancelled");
}

}  // namespace yourmt3
