#pragma once

#include <span>
#include <string_view>

#include "prepare/data_set.h"

namespace yourmt3 {

/// All data sets that can be prepared, in alphabetical order of their names.
std::span<const DataSet* const> data_sets();

/// By its name. Throws Error(kNotFound) with the names there are.
const DataSet& data_set_named(std::string_view name);

}  // namespace yourmt3
