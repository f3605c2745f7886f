#pragma once

#include <filesystem>

namespace yourmt3::testing {

/// Writes the segments that configs/precision.toml learns from `store` as a prepared set of their own, split "test",
/// one track each: those that training draws with data.segments = 8.
void write_known_segments(const std::filesystem::path& store, const std::filesystem::path& output);

}  // namespace yourmt3::testing
