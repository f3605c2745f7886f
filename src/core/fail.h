#pragma once

#include <fmt/format.h>

#include <cassert>

#include "yourmt3/error.h"

/// Our own mistakes; checked in debug builds only. Input from outside is checked with fail() instead.
#define YOURMT3_ASSERT(condition) assert(condition)

namespace yourmt3 {

/// Throws Error with a formatted message.
template <class... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace yourmt3
