#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "data/random.h"
#include "data/song.h"

namespace yourmt3 {

/// Rate of everything rendered here, in Hz.
inline constexpr int kRenderRate = 16000;

/// How a part sounds beyond its preset.
struct Timbre {
  int bank = 0;             ///< Bank of the sound font for pitched parts.
  int kit = 0;              ///< Preset of bank 128 for drums.
  double reverb = 0;        ///< Level 0-1; 0 is dry.
  double room_size = 0.3;   ///< 0-1.
  double damping = 0.4;     ///< 0-1.
  double pan = 0;           ///< -1 left to 1 right, in stereo.
  double chorus = 0;        ///< Level 0-1; 0 is off.
  double tuning_cents = 0;  ///< -100 to 100.
  double brightness = 0;    ///< Cents by which the low-pass filter is moved; negative is duller.
  double attack = 0;        ///< Time cents added to the attack of the volume envelope.
  double release = 0;       ///< Time cents added to its release.
};

/// A random, plausible timbre. Bank and kit stay 0.
Timbre draw_timbre(bool is_drum, Random& random);

/// Renders parts with a sound font (SF2, SF3 or DLS) or with patches of the Gravis Ultrasound, which a file .cfg maps
/// to programs (gus_patch_set.h), through FluidSynth. One thread at a time; fonts of the same file share their samples
/// between objects.
class Synthesizer {
 public:
  /// Throws Error(kNotFound), also when a map's patches are all missing, Error(kMalformed) when the file is no sound
  /// font or a cut one, or when a map or one of its patches is broken, and Error(kUnsupported) where FluidSynth is not
  /// installed, or when the program was built without it.
  /// `rate` in Hz, 8000-96000, is what render_stereo() gives. FluidSynth does not low-pass the samples it plays, so for
  /// stems at 16 kHz it plays at twice that rate, lest they alias.
  explicit Synthesizer(const std::filesystem::path& sound_font, int rate = 2 * kRenderRate);
  ~Synthesizer();
  Synthesizer(Synthesizer&&) noexcept;
  Synthesizer& operator=(Synthesizer&&) noexcept;

  /// Banks below 128 that hold a preset of this number, ascending.
  std::vector<int> banks(int program) const;
  /// Presets of the drum bank, ascending; without those whose keys are not General MIDI drums.
  std::vector<int> kits() const;
  /// True when a part of this program (or kDrumProgram) can be rendered with default timbre.
  bool plays(int program) const { return program == kDrumProgram ? !kits().empty() : !banks(program).empty(); }

  /// Removes the notes that the font has no sound for, such as keys that a drum kit lacks. Throws as render().
  void drop_silent(Part& part, const Timbre& timbre = {});

  /// Mono samples at 16 kHz, `seconds` long, at the font's own level: about 0.1 for one loud note; they may exceed 1.
  /// Onsets are exact within 1 ms. Throws Error(kNotFound) when the font has no such preset.
  std::vector<float> render(const Part& part, double seconds, const Timbre& timbre = {});

  /// The same at the synthesizer's own rate: left and right samples in turn. `keep_going` is asked for each second of
  /// sound; false makes the call throw Error(kCancelled).
  std::vector<float> render_stereo(const Part& part, double seconds, const Timbre& timbre = {},
                                   const std::function<bool()>& keep_going = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Samples of another rate brought to 16 kHz.
std::vector<float> resample_to_render_rate(std::span<const float> samples, double rate);

/// Loudness of the louder passages: root mean square of the 50 ms frame that 90 % of the sounding frames stay below.
double loudness(std::span<const float> samples);

/// Gain that brings `samples` to a loudness of 0.1 without any sample beyond 0.98; 1 for silence.
double levelling_gain(std::span<const float> samples);

}  // namespace yourmt3
