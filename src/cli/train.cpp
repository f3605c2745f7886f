#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/program_files.h"
#include "cli/train_program.h"
#include "cli/verb.h"

namespace yourmt3::cli {

int run_train_program(const std::vector<std::string>& arguments) {
  const std::filesystem::path program = find_train_program();
  if (program.empty()) {
    fmt::print(stderr,
               "yourmt3 {}: yourmt3-train is not installed: not beside this program, not in its libexec folder, "
               "not in PATH\nIt is built where libtorch is found: install the package libtorch-dev, then configure "
               "with -DYOURMT3_BUILD_TRAIN=ON.\n",
               arguments.front());
    return kExitFailed;
  }
  const std::string name = program.string();
  std::vector<char*> argv = {const_cast<char*>(name.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(name.c_str(), argv.data());
  fmt::print(stderr, "yourmt3 {}: cannot start {}: {}\n", arguments.front(), name, std::strerror(errno));
  return kExitFailed;
}

namespace {

void add_handed_over(CLI::App& app, Invocation& invocation, const char* name, const char* purpose) {
  CLI::App* verb = app.add_subcommand(name, purpose);
  verb->prefix_command();
  verb->callback([verb, &invocation] {
    std::vector<std::string> arguments = verb->remaining();
    arguments.insert(arguments.begin(), verb->get_name());
    invocation.action = [arguments] { return run_train_program(arguments); };
  });
}

}  // namespace

void add_train_verb(CLI::App& app, Invocation& invocation) {
  add_handed_over(app, invocation, "train", "Train a network; hands over to yourmt3-train");
}

void add_experiment_verb(CLI::App& app, Invocation& invocation) {
  add_handed_over(app, invocation, "experiment",
                  "Train and compare networks as a file says, and write a report; hands over to yourmt3-train");
}

}  // namespace yourmt3::cli
