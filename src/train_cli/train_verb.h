#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace yourmt3 {

/// Exit status of the verb that was chosen.
using TrainAction = std::function<int()>;

// Each verb adds its subcommand; when the user chooses it, it sets `action`.
void add_train_verb(CLI::App& app, TrainAction& action);
void add_experiment_verb(CLI::App& app, TrainAction& action);

}  // namespace yourmt3
