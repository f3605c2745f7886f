#pragma once

#include "prepare/data_set.h"

namespace yourmt3 {

/// Slakh2100, in any of its distributions: slakh2100_flac_redux, the original slakh2100_flac, babyslakh_16k.
class SlakhDataSet : public DataSet {
 public:
  std::string name() const override { return "slakh"; }
  std::string title() const override { return "Slakh2100"; }
  std::string licence() const override { return "CC BY 4.0"; }
  std::string layout() const override;
  std::vector<std::string> lists() const override { return {"train", "validation", "test"}; }
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
};

}  // namespace yourmt3
