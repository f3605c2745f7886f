#pragma once

#include <fluidsynth.h>

#include <memory>

#include "data/gus_patch_set.h"

namespace yourmt3 {

/// The patches as a font of FluidSynth, with drum sets in bank 128. The synth to which it is added deletes it; its
/// frames are those of `patches`, which it keeps. Throws Error(kOutOfMemory).
fluid_sfont_t* new_gus_sound_font(std::shared_ptr<const GusPatchSet> patches);

}  // namespace yourmt3
