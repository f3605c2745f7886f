#include "prepare/data_sets.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/fail.h"

namespace yourmt3 {

std::span<const DataSet* const> data_sets() {
  static const std::vector<const DataSet*> all = {};
  return all;
}

const DataSet& data_set_named(std::string_view name) {
  std::string names;
  for (const DataSet* set : data_sets()) {
    if (set->name() == name) return *set;
    names += (names.empty() ? "" : ", ") + set->name();
  }
  fail(ErrorCode::kNotFound, "no data set is called '{}'; there are {}", name, names);
}

}  // namespace yourmt3
