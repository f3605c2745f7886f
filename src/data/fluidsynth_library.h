#pragma once

#include <fluidsynth.h>

namespace yourmt3 {

/// What we call of FluidSynth. It is loaded when it is first wanted, because it brings some forty libraries with it and
/// most runs of the program play nothing.
struct FluidSynthLibrary {
#define YOURMT3_FLUIDSYNTH_FUNCTIONS(X)    \
  X(delete_fluid_preset)                   \
  X(delete_fluid_sample)                   \
  X(delete_fluid_settings)                 \
  X(delete_fluid_sfont)                    \
  X(delete_fluid_synth)                    \
  X(fluid_preset_get_banknum)              \
  X(fluid_preset_get_data)                 \
  X(fluid_preset_get_num)                  \
  X(fluid_preset_get_sfont)                \
  X(fluid_preset_set_data)                 \
  X(fluid_sample_set_loop)                 \
  X(fluid_sample_set_pitch)                \
  X(fluid_sample_set_sound_data)           \
  X(fluid_set_log_function)                \
  X(fluid_settings_setint)                 \
  X(fluid_settings_setnum)                 \
  X(fluid_settings_setstr)                 \
  X(fluid_sfont_get_data)                  \
  X(fluid_sfont_iteration_next)            \
  X(fluid_sfont_iteration_start)           \
  X(fluid_sfont_set_data)                  \
  X(fluid_synth_add_sfont)                 \
  X(fluid_synth_all_sounds_off)            \
  X(fluid_synth_alloc_voice)               \
  X(fluid_synth_cc)                        \
  X(fluid_synth_chorus_on)                 \
  X(fluid_synth_get_active_voice_count)    \
  X(fluid_synth_get_sfont_by_id)           \
  X(fluid_synth_noteoff)                   \
  X(fluid_synth_noteon)                    \
  X(fluid_synth_program_select)            \
  X(fluid_synth_remove_sfont)              \
  X(fluid_synth_reverb_on)                 \
  X(fluid_synth_set_chorus_group_level)    \
  X(fluid_synth_set_gen)                   \
  X(fluid_synth_set_reverb_group_damp)     \
  X(fluid_synth_set_reverb_group_level)    \
  X(fluid_synth_set_reverb_group_roomsize) \
  X(fluid_synth_sfload)                    \
  X(fluid_synth_start_voice)               \
  X(fluid_synth_write_float)               \
  X(fluid_voice_gen_set)                   \
  X(new_fluid_preset)                      \
  X(new_fluid_sample)                      \
  X(new_fluid_settings)                    \
  X(new_fluid_sfont)                       \
  X(new_fluid_synth)
#define YOURMT3_DECLARE(name) decltype(&::name) name = nullptr;
  YOURMT3_FLUIDSYNTH_FUNCTIONS(YOURMT3_DECLARE)
#undef YOURMT3_DECLARE
};

/// The library, loaded once for the process and with its messages turned off. Throws Error(kUnsupported) where it is
/// not installed or too old, and then again at each call.
const FluidSynthLibrary& fluidsynth_library();

}  // namespace yourmt3
