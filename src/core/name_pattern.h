#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// Whether a dotted name fits a pattern in which '*' stands for any run of characters, dots included; the whole name
/// has to fit: "decoder.*" is everything below the decoder, "*.bias" every bias.
bool matches_pattern(std::string_view name, std::string_view pattern);

/// Whether the name fits any of the patterns.
bool matches_any(std::string_view name, const std::vector<std::string>& patterns);

}  // namespace yourmt3
