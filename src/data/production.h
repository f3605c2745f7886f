#pragma once

#include <vector>

#include "data/random.h"

namespace yourmt3 {

/// What is done to finished mixes so that they are less like clean stems and more like recordings as people have them.
/// Not in the reference. Each effect happens with its chance, independent of the others and in the order of the fields;
/// its strength is drawn evenly from its range. All chances are 0, which leaves mixes untouched.
///
/// Onsets stay where they are (sound_effects.h). The peak stays what it was, unless `loudness` draws another.
struct ProductionOptions {
  struct Range {
    double low = 0;
    double high = 0;
  };

  double equalise = 0;     ///< One to three peaks or dips and a shelf at either end.
  double equalise_db = 8;  ///< Each up to this, either way.

  double reverb = 0;
  Range reverb_sec = {0.15, 1.0};
  Range reverb_db = {-24, -6};  ///< Level relative to the sound.

  double compress = 0;
  Range compress_threshold_db = {-30, -10};  ///< Relative to the peak.
  Range compress_ratio = {1.5, 8};

  double clip = 0;
  Range clip_db = {1, 8};  ///< By how much the loudest sample is too loud.

  double noise = 0;
  Range noise_db = {-55, -15};  ///< Relative to the sound; white, pink or hum.

  double band_limit = 0;
  Range band_low_hz = {20, 300};
  Range band_high_hz = {3000, 8000};

  double codec = 0;
  Range codec_hz = {4000, 8000};  ///< Bandwidth.
  Range codec_db = {-24, -6};     ///< Coarseness; higher loses more.

  double loudness = 0;
  Range loudness_db = {-18, 0};  ///< Peak relative to full scale.
};

/// Throws Error(kInvalidArgument) naming a chance that is not in 0 to 1 and a range that does not ascend.
void check(const ProductionOptions& options);

/// Applies what is drawn. `random` is used only where some chance is above 0.
void produce(std::vector<float>& samples, const ProductionOptions& options, Random& random);

}  // namespace yourmt3
