#include "prepare/egmd_data_set.h"

namespace yourmt3 {

EgmdDataSet::EgmdDataSet()
    : DrumPerformanceDataSet("e-gmd-v1.0.0.csv", "drummer1/eval_session/1_funk-groove1_138_beat_4-4_1.midi") {}

std::vector<std::string> EgmdDataSet::lists_of(const std::string& split, const std::string& midi_name) const {
  // The number at the end is that of the kit: 2 of the 43. Source: preprocess_egmd.py of the reference.
  const bool reduced = midi_name.ends_with("_5.midi") || midi_name.ends_with("_10.midi");
  if (split == "test" && reduced) return {"test_reduced"};
  return {};
}

}  // namespace yourmt3
