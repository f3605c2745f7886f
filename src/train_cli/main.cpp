#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "train_cli/stop.h"
#include "train_cli/train_verb.h"
#include "yourmt3/error.h"

int main(int argc, char** argv) {
  CLI::App app("Trains networks for yourmt3.", "yourmt3-train");
  app.require_subcommand(1);
  yourmt3::TrainAction action;
  yourmt3::add_train_verb(app, action);
  yourmt3::add_experiment_verb(app, action);
  CLI11_PARSE(app, argc, argv);

  yourmt3::catch_stops();
  try {
    return action();
  } catch (const yourmt3::Error& error) {
    fmt::print(stderr, "yourmt3-train: {}\n", error.what());
    return error.code() == yourmt3::ErrorCode::kInvalidArgument ? 2 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "yourmt3-train: {}\n", error.what());
    return 1;
  }
}
