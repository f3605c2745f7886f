#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "prepare/data_set.h"

namespace yourmt3 {

/// Songs in which only the singing is annotated, and which come apart as vocals and accompaniment by some separation.
///
/// Of each song up to three tracks that share their sounds: the mixture ("train"), the vocals alone, in which all notes
/// are told ("train_vocal"), and both parts as stems ("train_stem"). A track whose sounds are missing is not there.
class SingingDataSet : public DataSet {
 public:
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override;

 protected:
  struct Description {
    std::vector<std::string> annotations;  ///< Where the annotation may be below the source folder.
    int n_recordings = 0;                  ///< Numbered from 1.
    int n_training = 0;                    ///< The first so many are for training, the rest for tests.
    bool lengthen_short = false;           ///< See parse_singing_annotation().
  };
  explicit SingingDataSet(Description description) : description_(std::move(description)) {}

 private:
  Description description_;
};

}  // namespace yourmt3
