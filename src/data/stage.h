#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "data/song.h"

namespace yourmt3 {

/// Stands for the built-in tones (tones.h) where the file of a sound font is asked for.
inline constexpr std::string_view kTones = "tones";

/// The General MIDI font to listen with: the best-sounding of those that distributions install; none if there is none.
std::optional<std::filesystem::path> installed_listening_font();

/// How songs are played for listeners.
struct StageOptions {
  std::vector<std::filesystem::path> sounds = {kTones};  ///< Sound fonts, or kTones; of several each part draws one.
  int sample_rate = 48000;                               ///< Hz, 8000-96000; 48000 suits every audio format.
  double tail_sec = 2;                                   ///< Sound kept after the end of the song.
  double max_detune_cents = 0;                           ///< Each part is tuned up or down by up to so much, 0-100.
  std::uint64_t seed = 1;                                ///< Of the sounds and tunings drawn.
  std::function<bool()> keep_going;                      ///< False makes play() throw Error(kCancelled) soon after.
};

/// Plays the parts of songs in stereo: instruments in the balance of the font and spread over the stage, a little
/// reverb. May be used from several threads.
class Stage {
 public:
  /// Opens the sounds. Throws as Synthesizer, and Error(kInvalidArgument) for options out of range.
  explicit Stage(const StageOptions& options);
  ~Stage();
  Stage(Stage&&) noexcept;
  Stage& operator=(Stage&&) noexcept;

  const StageOptions& options() const { return options_; }

  /// Frames in each part of a song of that length. Throws Error(kInvalidArgument) for more than a day.
  std::size_t frames(const Song& song) const;

  /// Left and right samples in turn, 2 * frames(song); empty when no sound is left. The part is changed into what is
  /// heard: notes without a sound are removed; its program stays what it was, though a font that lacks it plays it with
  /// the first of the family it has. `song_number` tells songs with one seed apart.
  std::vector<float> play(Song& song, std::size_t part, std::uint64_t song_number = 0) const;

 private:
  struct Band;
  std::unique_ptr<Band> take_band() const;
  void give_back(std::unique_ptr<Band> band) const;

  StageOptions options_;
  struct Idle;
  std::unique_ptr<Idle> idle_;
};

/// A recording for listeners.
struct StereoSound {
  int sample_rate = 48000;
  std::vector<float> samples;  ///< Left and right in turn.
};

/// The whole song with a peak of 0.9; silence when nothing sounds. The same for every number of threads.
StereoSound render_mix(Song song, const Stage& stage, int threads = 1);

}  // namespace yourmt3
