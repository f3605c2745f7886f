#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "data/random.h"
#include "score/segments.h"

namespace yourmt3 {

/// One segment of one file as training mixes it: its instruments and what they play. Sounds are only named, so that
/// none is read before it is known to be used.
struct StemSegment {
  std::size_t file = 0;           ///< The caller's name of the file.
  std::vector<int> programs;      ///< As the file lists them; one for each row if has_stems.
  std::vector<bool> is_drum;      ///< Beside `programs`.
  bool has_stems = false;         ///< Rows are instruments; otherwise there is one row, the whole mix.
  bool has_unannotated = false;   ///< Something sounds that `notes` does not tell; set by the intra-stem step.
  std::vector<std::size_t> rows;  ///< The caller's names of the sounds.
  SegmentEvents notes;

  /// True where the segment still has the instrument that plays the note.
  bool plays(bool is_drum_note, int program) const;
};

/// The random numbers of the steps below, in the order in which they are asked for, so that a test can give its own.
class AugmentationDraws {
 public:
  virtual ~AugmentationDraws() = default;
  /// `count` numbers from [0, 1).
  virtual std::vector<double> uniforms(std::size_t count) = 0;
  /// One of `items`, which are not empty.
  virtual int choose(std::span<const int> items) = 0;
  /// `count` numbers from [low, high).
  virtual std::vector<double> uniforms(double low, double high, std::size_t count) = 0;
};

class RandomDraws : public AugmentationDraws {
 public:
  explicit RandomDraws(Random& random) : random_(random) {}
  std::vector<double> uniforms(std::size_t count) override { return uniforms(0.0, 1.0, count); }
  int choose(std::span<const int> items) override { return random_.pick(items); }
  std::vector<double> uniforms(double low, double high, std::size_t count) override;

 private:
  Random& random_;
};

/// Which instruments are left out, how many other files are mixed into one, and which.
struct CrossStemPolicy {
  int max_k = 3;     ///< Most files added.
  double tau = 0.3;  ///< Survival exp(-(k tau)^alpha).
  double alpha = 1.0;
  int max_groups = 12;  ///< Rows of the result.
  bool no_instrument_overlap = true;
  bool no_drum_overlap = true;
  bool drop_stems_of_added = true;  ///< drop_stems() for the added files too.
  double keep = 0.7;                ///< Chance of a sounding instrument to stay.
  int max_events = 1024;            ///< Adding stops before the mix has so many events.
  double min_amplitude = 0.8;
  double max_amplitude = 1.1;
  /// Not in the reference: chance of the singing programs to stay, in place of `keep`, and of an added file with
  /// singing to be taken.
  std::optional<double> keep_singing;
  /// Not in the reference: instruments of one group (instrument_group()) overlap as if they were one.
  bool overlap_by_group = false;
  /// Not in the reference: files that are not fully annotated are mixed as others are. StemMixer sets it.
  bool mix_unannotated = false;
};

/// Intra-stem: leaves out instruments. Of a file with stems each program that sounds is kept with its chance, at least
/// one if any sounds; stems that do not sound go. A file with stems and an unannotated one loses that one with chance
/// `policy.keep` instead. A mix stays as it is. Source: spec of the reference, training, 7.1.
StemSegment drop_stems(StemSegment segment, const CrossStemPolicy& policy, AugmentationDraws& draws);

/// S(k) = exp(-(k tau)^alpha) for k = 0 to max_k.
std::vector<double> survival(const CrossStemPolicy& policy);
/// P(k) = S(k) - S(k + 1), and all that is left at max_k.
std::vector<double> stop_probabilities(const CrossStemPolicy& policy);
/// Sum of S(1) to S(max_k).
double expected_added(const CrossStemPolicy& policy);
/// The first k whose cumulative probability exceeds `uniform`.
int draw_added(const CrossStemPolicy& policy, double uniform);

/// Programs of `added` that are in any list of `gathered`, or if `by_group` share a group with one there, in their
/// order; a repeated one is repeated.
std::vector<int> overlapping_programs(std::span<const std::vector<int>> gathered, std::span<const int> added,
                                      bool by_group = false);

/// Rows of several sources that carry the same instruments.
struct RowGroup {
  struct Member {
    std::size_t source = 0;
    std::size_t row = 0;  ///< Position among those of the source.
    friend bool operator==(const Member&, const Member&) = default;
  };
  std::vector<int> programs;  ///< Of one stem: its program. Of a mix: all of its file, ascending.
  std::vector<Member> members;
};

/// Groups in the order in which they first occur. `programs[s]` are those of source s, which has `rows[s]` rows; a
/// source of at most one row is a mix.
std::vector<RowGroup> group_rows(std::span<const std::vector<int>> programs, std::span<const std::size_t> rows);

/// Events that the segment needs, without the last one (EOS), before any limit.
std::size_t count_events(const SegmentEvents& segment);

/// What became of the files that were asked for.
struct MixCounts {
  int added = 0;
  int skipped_unannotated = 0;
  int skipped_overlap = 0;
  int skipped_singing = 0;
  int stopped_by_length = 0;  ///< Files that would have made the mix too long; no further one was tried.
  int rows_dropped = 0;       ///< Rows of added files whose instruments sounded already.

  MixCounts& operator+=(const MixCounts& other);
};

/// A segment of one or several files, before its sounds are read.
struct PlannedMix {
  struct Sound {
    std::size_t row = 0;  ///< The caller's name.
    float weight = 1;
  };
  struct Group {
    std::vector<int> programs;
    std::vector<Sound> sounds;
  };
  std::vector<int> programs;
  bool has_unannotated = false;
  SegmentEvents notes;               ///< From the start of the mix, if anything was added or could have been.
  std::vector<StemSegment> sources;  ///< With what is left of them.
  std::vector<Group> groups;         ///< At most max_groups.
  std::vector<float> amplitudes;     ///< Of max_groups groups, also of those not in use.
  MixCounts counts;
};

/// Cross-stem: adds to item i up to `added[i]` of the other files, which are taken in turn, and draws amplitudes. Files
/// that are not fully annotated, whose instruments all sound already, or that make the segment too long are used up
/// without being added. Source: spec of the reference, training, 7.3.
///
/// `others` has as many files as are asked for at most, after no step or, if policy.drop_stems_of_added, before
/// drop_stems(). Throws Error(kInvalidArgument) when they run out.
std::vector<PlannedMix> mix_across_files(std::span<const StemSegment> items, std::span<const StemSegment> others,
                                         std::span<const int> added, const CrossStemPolicy& policy,
                                         AugmentationDraws& draws);

/// Without other files: every row by itself with an amplitude of its own. Source: as above, 7.2.
PlannedMix mix_alone(StemSegment item, const CrossStemPolicy& policy, AugmentationDraws& draws);

/// Rows times `weights`, those with mask 0 silent (an empty mask keeps all), in place; their sum is returned. An empty
/// row is silent. If `normalize`, rows and sum are divided by the sum's peak + 1e-7.
std::vector<float> mix_rows(std::vector<std::vector<float>>& rows, std::span<const float> weights,
                            std::span<const float> mask, bool normalize);

/// Weight of each file of data set i, and how likely a draw comes from that set, as the reference samples: weights[i] *
/// (1 - files[i] / all); a single set has weight 1.
struct SamplingWeights {
  std::vector<double> per_file;
  std::vector<double> probability;
};
SamplingWeights sampling_weights(std::span<const double> weights, std::span<const long> files);

}  // namespace yourmt3
