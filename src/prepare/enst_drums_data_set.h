#pragma once

#include "prepare/data_set.h"

namespace yourmt3 {

/// ENST-Drums: three drummers, some of them playing to an accompaniment that nobody wrote down.
///
/// Every recording gives a track of its drums alone; one with accompaniment two more, of drums and accompaniment with a
/// mix of both: `r2` of 0.6 to 0.4 and `r1` of 0.75 to 0.25, each scaled to its peak. Lists have the reference's names.
class EnstDrumsDataSet : public DataSet {
 public:
  std::string name() const override { return "enst-drums"; }
  std::string title() const override { return "ENST-Drums"; }
  std::string licence() const override {
    return "for research, on request from Telecom ParisTech; not to be passed on";
  }
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override;
};

}  // namespace yourmt3
