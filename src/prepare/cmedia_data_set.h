#pragma once

#include "prepare/singing_data_set.h"

namespace yourmt3 {

/// CMedia: the singing of 100 pop songs, all for training. Its notes that are too short are lengthened.
class CmediaDataSet : public SingingDataSet {
 public:
  CmediaDataSet();
  std::string name() const override { return "cmedia"; }
  std::string title() const override { return "CMedia"; }
  std::string licence() const override { return "for research, on request from its makers"; }
};

}  // namespace yourmt3
