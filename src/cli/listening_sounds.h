#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/stage.h"

namespace yourmt3::cli {

/// Help of --soundfont, the same in every verb.
inline constexpr const char* kSoundFontHelp =
    "Sound font (SF2, SF3 or DLS) or patch set (.cfg), or 'tones' for the built-in ones (default: an installed font, "
    "else tones)";

/// The stage with the sounds that the user named. Without any it takes an installed font, and tones where there is none
/// or FluidSynth is missing, saying so on standard error unless `quiet`.
Stage open_stage(StageOptions options, const std::vector<std::string>& named, bool quiet);

}  // namespace yourmt3::cli
