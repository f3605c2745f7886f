#pragma once

#include "prepare/drum_performance_data_set.h"

namespace yourmt3 {

/// Groove MIDI: performances on one electronic drum kit.
class GrooveDataSet : public DrumPerformanceDataSet {
 public:
  GrooveDataSet();
  std::string name() const override { return "groove"; }
  std::string title() const override { return "Groove MIDI"; }
  std::string licence() const override { return "CC BY 4.0"; }
  std::vector<std::string> lists() const override { return {"train", "validation", "test"}; }

 private:
  std::vector<std::string> lists_of(const std::string&, const std::string&) const override { return {}; }
};

}  // namespace yourmt3
