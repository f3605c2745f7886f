#pragma once

#include "prepare/drum_performance_data_set.h"

namespace yourmt3 {

/// E-GMD: the performances of Groove MIDI played by 43 drum kits.
class EgmdDataSet : public DrumPerformanceDataSet {
 public:
  EgmdDataSet();
  std::string name() const override { return "egmd"; }
  std::string title() const override { return "E-GMD"; }
  std::string licence() const override { return "CC BY 4.0"; }
  std::vector<std::string> lists() const override { return {"train", "validation", "test", "test_reduced"}; }

 private:
  std::vector<std::string> lists_of(const std::string& split, const std::string& midi_name) const override;
};

}  // namespace yourmt3
