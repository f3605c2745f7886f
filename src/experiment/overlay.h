#pragma once

#include <nlohmann/json_fwd.hpp>

namespace yourmt3 {

/// Changes `target` as `patch` says: tables are merged field by field; of lists whose entries are tables with a `name`,
/// entries of one name are merged and others are appended; everything else is replaced. A published network's name in a
/// field `model` becomes that network's settings when a table is laid over it.
void overlay(nlohmann::json& target, const nlohmann::json& patch);

}  // namespace yourmt3
