#pragma once

#include <span>
#include <vector>

#include "data/random.h"

namespace yourmt3 {

// What recording, mixing and transmission do to 16 kHz sound, in place. None of these moves an onset: filters are of
// minimum phase, reverberation begins with the direct sound, the rest has no delay at all.

/// A second-order section: peak or dip, shelf, or pass at the corners of a band.
class Biquad {
 public:
  /// `width` is Q, `gain_db` what the centre is raised by.
  static Biquad peak(double centre_hz, double width, double gain_db);
  static Biquad low_shelf(double corner_hz, double gain_db);
  static Biquad high_shelf(double corner_hz, double gain_db);
  static Biquad low_pass(double corner_hz);
  static Biquad high_pass(double corner_hz);

  void apply(std::span<float> samples) const;

 private:
  Biquad(double b0, double b1, double b2, double a0, double a1, double a2);
  float b0_, b1_, b2_, a1_, a2_;
};

struct Reverberation {
  double decay_sec = 0.4;   ///< Until 60 dB are lost.
  double level_db = -12;    ///< Energy of what is added, relative to the sound.
  double brightness = 0.5;  ///< 0 dull to 1 bright.
};
/// Early reflections and a network of eight delays with feedback, whose lengths `random` draws.
void reverberate(std::vector<float>& samples, const Reverberation& room, Random& random);

struct Compression {
  double threshold_db = -20;  ///< Relative to the peak.
  double ratio = 4;
  double knee_db = 6;
  double attack_sec = 0.005;
  double release_sec = 0.1;
};
void compress(std::span<float> samples, const Compression& compression);

/// Cuts what is above the peak less `drive_db`, hard or by a smooth curve; the peak stays.
void clip(std::span<float> samples, double drive_db, bool hard);

enum class NoiseColour { kWhite, kPink, kHum };
/// Noise of a root mean square `level`; hum is 50 or 60 Hz and its harmonics.
void add_noise(std::span<float> samples, NoiseColour colour, double level, Random& random);

struct CodecLoss {
  double bandwidth_hz = 6000;
  double coarseness_db = -12;  ///< Step of the quantisation relative to the level of each band at each time.
};
/// Quantises coarsely what a transform tells of each band, as lossy codecs do, and drops what is above the bandwidth.
/// Does nothing to 256 samples or less.
void lose_as_codec(std::vector<float>& samples, const CodecLoss& loss);

float peak_of(std::span<const float> samples);
double root_mean_square(std::span<const float> samples);
double from_db(double db);

}  // namespace yourmt3
