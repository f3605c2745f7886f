#pragma once

#include "prepare/data_set.h"

namespace yourmt3 {

/// GuitarSet: six guitarists, each accompanying and playing solos over the same thirty pieces.
///
/// Every recording gives two tracks: as the microphone and as the mix of the pickups heard it. Of each of the sixty
/// parts four players are drawn for training, one for validation, one for tests; the draw depends on the seed and the
/// name of the part only. Lists have the reference's names, those with copies that are shifted end in "_pshift".
class GuitarSetDataSet : public DataSet {
 public:
  std::string name() const override { return "guitarset"; }
  std::string title() const override { return "GuitarSet"; }
  std::string licence() const override { return "CC BY 4.0"; }
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override;
};

}  // namespace yourmt3
