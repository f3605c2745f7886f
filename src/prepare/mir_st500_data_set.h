#pragma once

#include "prepare/singing_data_set.h"

namespace yourmt3 {

/// MIR-ST500: the singing of 500 pop songs, 400 for training.
class MirSt500DataSet : public SingingDataSet {
 public:
  MirSt500DataSet();
  std::string name() const override { return "mir-st500"; }
  std::string title() const override { return "MIR-ST500"; }
  std::string licence() const override { return "annotations for research; recordings belong to their owners"; }
};

}  // namespace yourmt3
