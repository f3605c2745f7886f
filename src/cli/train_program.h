#pragma once

#include <string>
#include <vector>

namespace yourmt3::cli {

/// Hands over to yourmt3-train with these arguments, of which the first is the verb; returns an exit status only when
/// that is not possible.
int run_train_program(const std::vector<std::string>& arguments);

}  // namespace yourmt3::cli
