#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace yourmt3::cli {

/// What --version prints: our version, then one line for each library with its version.
std::string version_text();

/// Processor, instruction sets, memory and back ends as facts for `info`.
nlohmann::json machine_facts();

}  // namespace yourmt3::cli
