#pragma once

#include <filesystem>

#include "eager_timing.h"

namespace yourmt3 {

/// Seconds of decoding by tokens decoded, ours and the peer's, for 8 segments: with rows of equal length, and with one
/// long row among short ones. Prints a table and writes a picture (SVG).
void draw_decoder_curves(const EagerNetwork& eager, const Engine& engine, EagerThreads threads,
                         const std::filesystem::path& picture);

}  // namespace yourmt3
