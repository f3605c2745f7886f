#include "prepare/mir_st500_data_set.h"

namespace yourmt3 {

MirSt500DataSet::MirSt500DataSet()
    : SingingDataSet({.annotations = {"MIR-ST500_20210206/MIR-ST500_corrected.json", "MIR-ST500_corrected.json"},
                      .n_recordings = 500,
                      .n_training = 400}) {}

}  // namespace yourmt3
