#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace yourmt3::cli {

/// What --version prints: our version, the kernels that this processor runs, and the libraries that are linked.
std::string version_text();

/// Processor, kernels, precision and memory as facts for `info`.
nlohmann::json machine_facts();

}  // namespace yourmt3::cli
