#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/production.h"
#include "data/segment_source.h"

namespace yourmt3 {

/// Makes training segments from the stems of prepared data sets: stems of unrelated pieces, or of one, at random
/// levels, equalised, with noise.
///
/// One segment takes about half a millisecond.
class SegmentMixer : public SegmentSource {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::string split = "train";  ///< Of the stores; empty takes all.
    int min_stems = 1;
    int max_stems = 6;             ///< Raise it as the network learns.
    double coherent_share = 0.25;  ///< Segments whose stems are one piece at one time.
    double drum_share = 0.55;      ///< Segments of several stems that may have a drum kit.
    double empty_share = 0.02;     ///< Segments with no instrument: silence or noise.
    double early_share = 0.08;     ///< Segments that begin before the music does.
    double min_gain_db = -9;       ///< Of each stem; all are levelled to one loudness before.
    double max_gain_db = 3;
    double min_peak_db = -18;  ///< Of the mix, relative to full scale.
    double max_peak_db = 0;
    double tilt_share = 0.5;       ///< Stems whose spectrum is tilted by up to +-6 dB.
    double equalise_share = 0.3;   ///< Mixes with a peak or dip of up to 8 dB somewhere.
    double saturate_share = 0.1;   ///< Mixes driven into soft clipping, as loud masters are.
    double noise_share = 0.3;      ///< Mixes with coloured noise, 15 to 55 dB below them.
    ProductionOptions production;  ///< After all of these; the peak is drawn from the range above all the same.
  };

  /// Throws Error when a store is missing or broken, or holds no stems of that split.
  SegmentMixer(const std::vector<std::filesystem::path>& stores, const Options& options);

  /// The same stems under other options; the split stays. Costs nothing.
  SegmentMixer with_options(const Options& options) const;

  MixedSegment mix(std::uint64_t index) const;

  std::vector<MixedSegment> make(std::uint64_t bundle) const override { return {mix(bundle)}; }
  std::size_t bundle_size() const override { return 1; }
  std::size_t stem_count() const override;
  double stem_hours() const override;
  const Options& options() const { return options_; }

 private:
  struct Library;
  SegmentMixer(std::shared_ptr<const Library> library, const Options& options);

  std::shared_ptr<const Library> library_;
  Options options_;
};

}  // namespace yourmt3
