#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "score/drum_groups.h"
#include "score/program_groups.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// Which of the reference implementation's metrics to compute, and how.
struct TrackMetricOptions {
  const ProgramVocabulary* classes = nullptr;  ///< A class_set(); null: no scores by instrument and no multi_f.
  const DrumVocabulary* drums = nullptr;       ///< Null: drums are compared by their keys.
  double onset_tolerance_sec = 0.05;
  std::vector<std::string> pitch_class_for;  ///< Classes that are also scored with octaves folded, case ignored.
  std::vector<std::string> melody_for;       ///< Classes that are also scored as a melody, case ignored.
  bool frame = true;
  bool micro = true;  ///< Precision and recall for pooling over files.
  bool multi = true;
};

/// A score, and how much it counts where files are averaged. NaN: there was nothing to score.
struct WeightedScore {
  double value = 0;
  double weight = 1;
};

/// The scores of one file under the reference's names: onset_f, offset_f, frame_f, onset_f_drum, onset_f_Piano,
/// micro_offset_p_Piano, multi_f, ...
struct TrackMetrics {
  std::map<std::string, WeightedScore> drum;
  std::map<std::string, WeightedScore> non_drum;
  std::map<std::string, WeightedScore> instrument;
};

/// Throws Error(kInvalidArgument) for negative times and for pitched notes without length, where both sides have notes.
TrackMetrics compute_track_metrics(std::span<const Note> reference, std::span<const Note> estimate,
                                   const TrackMetricOptions& options);

/// Averages the metrics of files. As the reference: in float32, in the order in which they are added, NaN passed over.
class MetricAverage {
 public:
  void add(const TrackMetrics& track);

  /// Means by name. Of micro precision and recall only their F is given, as micro_onset_f_X.
  std::map<std::string, double> result() const;

 private:
  struct Mean {
    float sum = 0;
    float weight = 0;
    double value() const;
  };
  void accumulate(const std::map<std::string, WeightedScore>& scores);

  std::map<std::string, Mean> means_;
};

}  // namespace yourmt3
