#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "experiment/experiment_config.h"
#include "experiment/results.h"

namespace yourmt3 {

/// The part of a report about which experts are active. Adds pictures; `facts` receives the same for programs. Empty
/// where no run has experts.
std::string experts_section(const Experiment& experiment, const Results& results,
                            std::map<std::string, std::string>& pictures, nlohmann::json& facts);

}  // namespace yourmt3
