#pragma once

#include <functional>

#include "core/fail.h"

namespace yourmt3 {

/// Asked while a call waits; an empty function never stops.
using KeepGoing = std::function<bool()>;

/// Throws Error(kCancelled) when it says no.
inline void check_keep_going(const KeepGoing& keep_going) {
  if (keep_going && !keep_going()) fail(ErrorCode::kCancelled, "cancelled");
}

}  // namespace yourmt3
