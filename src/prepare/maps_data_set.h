#pragma once

#include "prepare/data_set.h"

namespace yourmt3 {

/// MAPS: pieces for piano, seven played by samplers and two by a piano that plays MIDI. Only whole pieces (MUS) are
/// read, no single notes and chords.
class MapsDataSet : public DataSet {
 public:
  std::string name() const override { return "maps"; }
  std::string title() const override { return "MAPS"; }
  std::string licence() const override { return "CC BY-NC-SA"; }
  std::string layout() const override;
  std::vector<std::string> lists() const override { return {"train", "test", "train_overlap", "all"}; }
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
};

}  // namespace yourmt3
