#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yourmt3::cli {

/// Folder of the running program, links resolved.
std::filesystem::path program_folder();

/// Folders in which models are found by name, the first first: those in the environment's YOURMT3_MODELS (with colons
/// between them), the user's ~/.local/share/yourmt3/models (or below XDG_DATA_HOME), `models` beside the program (build
/// tree) and the installed share/yourmt3/models. They need not exist.
std::vector<std::filesystem::path> model_folders();

/// The model to use: `option` when not empty, else the environment's YOURMT3_MODEL, else "default". What is no file's
/// name is the name of a model: NAME.safetensors in the first of model_folders() that has it. Throws Error(kNotFound)
/// that lists the places.
std::filesystem::path find_model(const std::string& option);

/// Where programs keep what belongs to a user, by the XDG Base Directory Specification; empty when nobody says.
std::filesystem::path user_data_folder();

/// The executable of that name in the first folder of PATH that has one; empty when there is none.
std::filesystem::path find_on_path(const std::string& name);

/// yourmt3-train beside the program, in the installed libexec folder or in PATH; empty when there is none.
std::filesystem::path find_train_program();

}  // namespace yourmt3::cli
