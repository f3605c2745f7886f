#include "prepare/groove_data_set.h"

namespace yourmt3 {

GrooveDataSet::GrooveDataSet()
    : DrumPerformanceDataSet("info.csv", "drummer1/eval_session/1_funk-groove1_138_beat_4-4.mid") {}

}  // namespace yourmt3
