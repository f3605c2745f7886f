#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"

namespace yourmt3 {

/// The whole number that a JSON value is, 8 and 8.0 alike. Throws Error(kMalformed) for anything else and for a number
/// beyond every Int, where nlohmann::json::get() would have no defined value.
template <std::integral Int>
Int whole_number(const nlohmann::json& json) {
  if (json.is_number_unsigned()) {
    const auto number = json.get<std::uint64_t>();
    if (std::in_range<Int>(number)) return static_cast<Int>(number);
  } else if (json.is_number_integer()) {
    const auto number = json.get<std::int64_t>();
    if (std::in_range<Int>(number)) return static_cast<Int>(number);
  } else if (json.is_number_float()) {
    constexpr double kExact = 9007199254740992.;  // 2^53: beyond, neighbours are the same double.
    const auto number = json.get<double>();
    if (std::abs(number) <= kExact && number == std::trunc(number)) {
      const auto whole = static_cast<std::int64_t>(number);
      if (std::in_range<Int>(whole)) return static_cast<Int>(whole);
    }
  }
  fail(ErrorCode::kMalformed, "{} is no whole number from {} to {}", json.dump(), std::numeric_limits<Int>::min(),
       std::numeric_limits<Int>::max());
}

}  // namespace yourmt3
