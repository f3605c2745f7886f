#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/pitch_shift.h"
#include "data/production.h"
#include "data/random.h"
#include "data/segment_source.h"
#include "data/stem_augmentation.h"
#include "data/stem_files.h"

namespace yourmt3 {

/// What happens to files in which something sounds that nobody wrote down.
enum class UnannotatedRule {
  kReference,  ///< Its stem is left out with chance `policy.keep`; while it is there nothing is mixed in or with.
  kMix,        ///< Mixed as any other; MixedSegment::annotated tells what is known of the result.
  kExclude,    ///< Its stem is always left out, and mixes that have any are not drawn: for a decoder of one channel.
};

/// Every bundle is shifted by one number of semitones, each in the range as likely as the others.
struct PitchShiftOptions {
  int low = 0;  ///< -12 to 12; the published runs that shift use -2 to 2.
  int high = 0;
  bool labels = true;  ///< False leaves the notes as they were, as the published code does by mistake.
};

/// All settings of StemMixer. The defaults are those of the published configuration.
struct StemMixOptions {
  std::uint64_t seed = 1;
  std::string split = "train";  ///< Of the stores; empty takes all.
  WeightMode weight_mode = WeightMode::kReference;
  double temperature = 1;  ///< For WeightMode::kTemperature.

  int bundle = 12;   ///< Segments that are drawn together, one new file for each bundle; 1 to 1000.
  int samplers = 1;  ///< Bundles n, n + samplers, ... share their files; the reference has one for each in a batch.

  /// Leaving out and mixing. With keep = 1 or more there is neither, as in the reference, unless `always_mix`; with
  /// max_k = 0 there is no mixing across files.
  CrossStemPolicy policy;
  bool always_mix = false;  ///< Mixing across files with keep = 1 as well.
  UnannotatedRule unannotated = UnannotatedRule::kReference;
  bool levelled = false;  ///< Stems as they are stored, at one loudness, instead of in the balance they were played in.

  PitchShiftOptions pitch_shift;
  ProductionOptions production;  ///< Of the finished segments.
};

/// The training material of the reference: segments of files of several data sets, instruments left out, stems of other
/// files mixed in, with random amplitudes and a peak of 1. Source: spec of the reference, training, 5 to 7.
///
/// The reference keeps the last files that it drew and takes segments from them; here what it would keep is computed
/// from the number of the draw, so that a bundle depends on nothing but its number.
class StemMixer : public SegmentSource {
 public:
  /// Throws Error as StemFiles and set_probabilities() do, and Error(kInvalidArgument) for options out of range and
  /// when `unannotated` excludes every file of a data set.
  StemMixer(std::span<const StemDataSet> sets, const StemMixOptions& options);

  /// The same files under other options; the split stays. Reads nothing.
  StemMixer with_options(const StemMixOptions& options) const;

  /// A bundle as it was planned, and which files are in it: its sounds are not read.
  struct Plan {
    std::vector<PlannedMix> mixes;
    int semitones = 0;  ///< By which all of them are shifted.
    struct Piece {
      const StemFile* file = nullptr;
      std::size_t set = 0;
      std::int64_t start = 0;  ///< Sample at which the segment begins.
    };
    std::vector<Piece> pieces;  ///< By StemSegment::file.
    struct Sound {
      std::size_t piece = 0;
      std::size_t stem = 0;  ///< Of the piece's track.
    };
    std::vector<Sound> sounds;  ///< By the names of rows.
  };
  Plan plan(std::uint64_t bundle) const;

  std::vector<MixedSegment> make(std::uint64_t bundle) const override;
  std::size_t bundle_size() const override { return static_cast<std::size_t>(options_.bundle); }
  std::size_t stem_count() const override;
  double stem_hours() const override;

  const StemMixOptions& options() const { return options_; }
  /// Chance that a draw is of each data set.
  std::span<const double> probabilities() const { return probabilities_; }

 private:
  StemMixer(const StemMixOptions& options, std::shared_ptr<const StemFiles> files);

  /// Streams of random numbers, so that what one purpose takes does not move another's.
  enum class Purpose : std::uint64_t { kFile, kMix, kShift, kProduction };

  bool mixes_across_files() const;
  std::uint64_t cache_files() const;
  Plan::Piece draw_piece(std::uint64_t sampler, std::uint64_t draw, int slot) const;
  /// Appends a piece to the plan.
  StemSegment take(Plan& plan, const Plan::Piece& piece) const;
  std::vector<float> render(const Plan& plan, const PlannedMix& mix) const;
  std::vector<Note> notes_of(const Plan& plan, const PlannedMix& mix) const;
  Random random_for(std::uint64_t sampler, std::uint64_t draw, Purpose purpose) const;

  std::shared_ptr<const StemFiles> files_;
  StemMixOptions options_;
  std::vector<std::vector<const StemFile*>> drawn_;  ///< Of each data set those that may be drawn.
  std::vector<double> probabilities_;
  std::shared_ptr<const PitchShifter> shifter_;  ///< Null where nothing is shifted.
};

}  // namespace yourmt3
