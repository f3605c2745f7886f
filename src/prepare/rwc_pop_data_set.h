#pragma once

#include "prepare/data_set.h"

namespace yourmt3 {

/// RWC Music Database, popular music: 100 pieces for evaluation. Of each piece the recording is stored once, with two
/// tracks: all notes (list "full"), by the rules for names of tracks that the reference uses, and the bass (list
/// "bass", 90 pieces), beside which all else is not told.
class RwcPopDataSet : public DataSet {
 public:
  std::string name() const override { return "rwc-pop"; }
  std::string title() const override { return "RWC Music Database: Popular Music"; }
  std::string licence() const override { return "by agreement with AIST; not to be passed on"; }
  std::string layout() const override;
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
  std::vector<std::string> lists() const override { return {"test", "full", "bass"}; }
};

}  // namespace yourmt3
