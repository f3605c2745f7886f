#include "prepare/cmedia_data_set.h"

namespace yourmt3 {

CmediaDataSet::CmediaDataSet()
    : SingingDataSet({.annotations = {"Cmedia-train/Cmedia_train_gt.json", "Cmedia_train_gt.json"},
                      .n_recordings = 100,
                      .n_training = 100,
                      .lengthen_short = true}) {}

}  // namespace yourmt3
