#pragma once

#include "prepare/data_set.h"

namespace yourmt3 {

/// URMP: 44 chamber pieces, with a recording and the notes of every player. Programs, splits and what is to be mended
/// are those of the reference (preprocess_urmp.py); the test pieces are those of MT3.
class UrmpDataSet : public DataSet {
 public:
  std::string name() const override { return "urmp"; }
  std::string title() const override { return "URMP"; }
  std::string licence() const override { return "for research, see the publication (Li et al. 2019)"; }
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override { return {"train", "test", "all"}; }
};

}  // namespace yourmt3
