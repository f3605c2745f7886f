#pragma once

#include <filesystem>
#include <string>

namespace yourmt3::cli {

/// Folder of the running program, links resolved.
std::filesystem::path program_folder();

/// The model to use: `option` when not empty, else the environment's YOURMT3_MODEL, else default.safetensors in
/// `models` beside the program (build tree) or in the installed share/yourmt3/models. Throws Error(kNotFound) that
/// lists the places.
std::filesystem::path find_model(const std::string& option);

/// The executable of that name in the first folder of PATH that has one; empty when there is none.
std::filesystem::path find_on_path(const std::string& name);

/// yourmt3-train beside the program, in the installed libexec folder or in PATH; empty when there is none.
std::filesystem::path find_train_program();

}  // namespace yourmt3::cli
