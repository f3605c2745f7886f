#pragma once

#include "prepare/data_set.h"

namespace yourmt3 {

/// The commercial MIDI files of Geerdes with recordings, which the authors of the reference have put together: about a
/// hundred songs, half of them for training. Of each song there are tracks of the whole, and, in the lists whose names
/// end in "_sep", of its separated voices and its separated accompaniment.
class GeerdesDataSet : public DataSet {
 public:
  std::string name() const override { return "geerdes"; }
  std::string title() const override { return "Geerdes"; }
  std::string licence() const override { return "commercial; not to be passed on"; }
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override {
    return {"train", "validation", "all", "train_sep", "validation_sep", "all_sep"};
  }
};

}  // namespace yourmt3
