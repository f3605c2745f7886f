#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "experiment/experiment_config.h"
#include "experiment/results.h"

namespace yourmt3 {

/// The part of a report about effects on the sound: a curve and a table for each, a profile by instrument, and what
/// goes wrong. Adds pictures; `facts` receives the same for programs. Empty without effects.
std::string effects_section(const Experiment& experiment, const Results& results,
                            std::map<std::string, std::string>& pictures, nlohmann::json& facts);

}  // namespace yourmt3
