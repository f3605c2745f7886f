#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "prepare/data_set.h"

namespace yourmt3 {

/// A user's own recordings with their notes: pairs of files of one name in any folders, and folders of stems.
class FolderDataSet : public DataSet {
 public:
  std::string name() const override { return "folder"; }
  std::string title() const override { return "Own recordings"; }
  std::string licence() const override { return "that of the recordings"; }
  std::string layout() const override;
  std::vector<std::string> lists() const override { return {"train", "validation", "test"}; }
  DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const override;
};

/// "train" for eight in ten names, "validation" and "test" for one each. Depends on nothing else, so that recordings
/// that are added later move no other.
std::string drawn_split(std::string_view name, std::uint64_t seed);

}  // namespace yourmt3
