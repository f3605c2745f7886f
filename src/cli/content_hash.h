#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace yourmt3::cli {

/// XXH3 with 64 bits: the same on every machine and in every version.
std::uint64_t content_hash(std::span<const std::byte> bytes);

}  // namespace yourmt3::cli
