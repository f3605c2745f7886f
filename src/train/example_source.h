#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/segment_source.h"
#include "train/example.h"
#include "train/train_config.h"

namespace yourmt3 {

/// Examples for each phase of a run, made from one split of its data. Const methods may be called from several threads,
/// and are pure functions of the configuration and their arguments.
class ExampleSource {
 public:
  /// Throws Error when the data is missing or broken or has no such split.
  ExampleSource(const TrainConfig& config, const std::string& split);

  std::vector<Example> make(int phase, std::uint64_t bundle) const;
  std::size_t bundle_size() const { return phases_.front()->bundle_size(); }

  int n_frames() const { return maker_.front_end().n_frames(); }
  std::size_t stem_count() const { return phases_.front()->stem_count(); }
  double stem_hours() const { return phases_.front()->stem_hours(); }

 private:
  TrainConfig config_;
  ExampleMaker maker_;
  std::vector<std::unique_ptr<SegmentSource>> phases_;
  std::vector<std::unique_ptr<SegmentSource>> replay_;  ///< For each phase, or empty.
};

}  // namespace yourmt3
