#include "data/gus_sound_font.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "data/fluidsynth_library.h"

namespace yourmt3 {
namespace {

constexpr int kDrumBank = 128;
constexpr int kKeys = 128;

const FluidSynthLibrary& lib() {
  return fluidsynth_library();
}

double key_hz(int key) {
  return 440 * std::exp2((key - 69) / 12.0);
}

/// At most as long as FluidSynth takes.
float timecents(double seconds) {
  return static_cast<float>(std::clamp(1200 * std::log2(std::max(seconds, 1e-6)), -12000.0, 8000.0));
}

struct Preset {
  int bank = 0;
  int number = 0;
  std::array<const GusPatchSet::Tone*, kKeys> tones{};
  fluid_preset_t* handle = nullptr;
};

/// What FluidSynth holds by pointers; the callbacks get it as the data of font and presets.
struct Font {
  explicit Font(std::shared_ptr<const GusPatchSet> set) : patches(std::move(set)) {}
  ~Font() {
    for (const auto& [key, preset] : presets) {
      if (preset.handle != nullptr) lib().delete_fluid_preset(preset.handle);
    }
    for (const auto& [frames, sample] : samples) lib().delete_fluid_sample(sample);
    if (handle != nullptr) lib().delete_fluid_sfont(handle);
  }
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;

  std::shared_ptr<const GusPatchSet> patches;
  std::map<const GusSample*, fluid_sample_t*> samples;
  std::map<std::pair<int, int>, Preset> presets;
  std::map<std::pair<int, int>, Preset>::iterator next = presets.end();
  fluid_sfont_t* handle = nullptr;
};

Font& font_of(fluid_sfont_t* handle) {
  return *static_cast<Font*>(lib().fluid_sfont_get_data(handle));
}

const Preset& preset_of(fluid_preset_t* handle) {
  return *static_cast<const Preset*>(lib().fluid_preset_get_data(handle));
}

fluid_sample_t* new_sample(const GusSample& sample) {
  fluid_sample_t* handle = lib().new_fluid_sample();
  if (handle == nullptr) return nullptr;
  // Without a copy FluidSynth only reads them.
  auto* frames = const_cast<std::int16_t*>(sample.frames.data());
  lib().fluid_sample_set_sound_data(handle, frames, nullptr, static_cast<unsigned>(sample.frames.size()),
                                    static_cast<unsigned>(sample.rate), 0);
  if (sample.loops()) {
    lib().fluid_sample_set_loop(handle, static_cast<unsigned>(sample.loop_begin),
                                static_cast<unsigned>(sample.loop_end));
  }
  const double key = 69 + 12 * std::log2(sample.root_hz / 440);
  const int root = std::clamp(static_cast<int>(std::lround(key)), 0, kKeys - 1);
  lib().fluid_sample_set_pitch(handle, root, static_cast<int>(std::lround(100 * (root - key))));
  return handle;
}

void set_generators(fluid_voice_t* voice, const GusPatchSet::Tone& tone, const GusSample& sample) {
  const auto set = [voice](int generator, double value) {
    lib().fluid_voice_gen_set(voice, generator, static_cast<float>(value));
  };
  constexpr double kForeverSec = 100;
  constexpr double kLoopReleaseSec = 0.1;
  GusEnvelope envelope;
  if (tone.use.keep_envelope && sample.envelope) envelope = *sample.envelope;
  const double attenuation_db = envelope.attenuation_db - 20 * std::log10(std::max(tone.gain, 1e-5));
  // Below 0 it makes up for soft keys; a full one is never louder.
  set(GEN_ATTENUATION, 10 * attenuation_db);
  set(GEN_VOLENVATTACK, timecents(envelope.attack_sec));
  set(GEN_VOLENVDECAY, timecents(envelope.decay_sec));
  set(GEN_VOLENVSUSTAIN, 10 * envelope.sustain_db);
  set(GEN_VOLENVRELEASE, timecents(envelope.release_sec.value_or(sample.loops() ? kLoopReleaseSec : kForeverSec)));
  set(GEN_SAMPLEMODE, sample.loops() ? 1 : 0);
  set(GEN_PAN, 500 * tone.use.pan.value_or(sample.pan));
  if (tone.use.note) {
    set(GEN_KEYNUM, *tone.use.note);
  } else if (tone.use.at_root) {
    set(GEN_SCALETUNE, 0);
  }
  const auto pitch_of = [](double hertz) { return 1200 * std::log2(hertz / 8.176); };
  if (sample.vibrato.depth > 0 && sample.vibrato.rate_hz > 0) {
    set(GEN_VIBLFOFREQ, pitch_of(sample.vibrato.rate_hz));
    set(GEN_VIBLFOTOPITCH, sample.vibrato.depth);
  }
  if (sample.tremolo.depth > 0 && sample.tremolo.rate_hz > 0) {
    set(GEN_MODLFOFREQ, pitch_of(sample.tremolo.rate_hz));
    set(GEN_MODLFOTOVOL, 10 * sample.tremolo.depth);
  }
}

int play(fluid_preset_t* handle, fluid_synth_t* synth, int channel, int key, int velocity) {
  const Preset& preset = preset_of(handle);
  const GusPatchSet::Tone* tone = preset.tones[static_cast<std::size_t>(key)];
  if (tone == nullptr) return FLUID_OK;
  const GusSample& sample = tone->patch->sample_for(key_hz(tone->use.note.value_or(key)));
  const Font& font = font_of(lib().fluid_preset_get_sfont(handle));
  fluid_voice_t* voice = lib().fluid_synth_alloc_voice(synth, font.samples.at(&sample), channel, key, velocity);
  if (voice == nullptr) return FLUID_FAILED;
  set_generators(voice, *tone, sample);
  constexpr int kHiHats = 1;
  if (preset.bank == kDrumBank && (key == 42 || key == 44 || key == 46)) {
    lib().fluid_voice_gen_set(voice, GEN_EXCLUSIVECLASS, kHiHats);
  }
  lib().fluid_synth_start_voice(synth, voice);
  return FLUID_OK;
}

const char* name_of(fluid_sfont_t*) {
  return "patch set";
}

fluid_preset_t* find(fluid_sfont_t* handle, int bank, int number) {
  const auto& presets = font_of(handle).presets;
  const auto found = presets.find({bank, number});
  return found == presets.end() ? nullptr : found->second.handle;
}

void begin(fluid_sfont_t* handle) {
  font_of(handle).next = font_of(handle).presets.begin();
}

fluid_preset_t* next(fluid_sfont_t* handle) {
  Font& font = font_of(handle);
  return font.next == font.presets.end() ? nullptr : (font.next++)->second.handle;
}

int remove(fluid_sfont_t* handle) {
  delete &font_of(handle);
  return 0;
}

const char* preset_name(fluid_preset_t*) {
  return "patch";
}

int preset_bank(fluid_preset_t* handle) {
  return preset_of(handle).bank;
}

int preset_number(fluid_preset_t* handle) {
  return preset_of(handle).number;
}

}  // namespace

fluid_sfont_t* new_gus_sound_font(std::shared_ptr<const GusPatchSet> patches) {
  auto font = std::make_unique<Font>(std::move(patches));
  const auto check = [](const void* made) {
    if (made == nullptr) fail(ErrorCode::kOutOfMemory, "no memory for a patch set");
  };
  font->handle = lib().new_fluid_sfont(name_of, find, begin, next, remove);
  check(font->handle);
  lib().fluid_sfont_set_data(font->handle, font.get());
  const auto add_samples = [&](const GusPatchSet::Tone& tone) {
    for (const auto& sample : tone.patch->samples) {
      auto& handle = font->samples[&sample];
      if (handle == nullptr) handle = new_sample(sample);
      check(handle);
    }
  };
  for (const auto& [place, tone] : font->patches->programs()) {
    add_samples(tone);
    font->presets[place].tones.fill(&tone);
  }
  for (const auto& [place, tone] : font->patches->drums()) {
    add_samples(tone);
    font->presets[{kDrumBank, place.first}].tones[static_cast<std::size_t>(place.second)] = &tone;
  }
  for (auto& [place, preset] : font->presets) {
    std::tie(preset.bank, preset.number) = place;
    preset.handle =
        lib().new_fluid_preset(font->handle, preset_name, preset_bank, preset_number, play, lib().delete_fluid_preset);
    check(preset.handle);
    lib().fluid_preset_set_data(preset.handle, &preset);
  }
  return font.release()->handle;
}

}  // namespace yourmt3
