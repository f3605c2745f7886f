#pragma once

#include <filesystem>

#include "data/stage.h"

namespace yourmt3::cli {

/// The first of pw-play, paplay, aplay and ffplay on PATH; empty when there is none.
std::filesystem::path find_player();

/// Plays the sound to its end with such a program. An interrupt stops it. Throws Error(kIo) when the program cannot be
/// started or fails.
void play_sound(const StereoSound& sound, const std::filesystem::path& player);

}  // namespace yourmt3::cli
