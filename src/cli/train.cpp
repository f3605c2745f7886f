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
               "yourmt3 train: yourmt3-train is not installed: not beside this program, not in its libexec folder, "
               "not in PATH\nIt is built where libtorch is found: install the package libtorch-dev, then configure "
               "with -DYOURMT3_BUILD_TRAIN=ON.\n");
    return kExitFailed;
  }
  const std::string name = program.string();
  std::vector<char*> argv = {const_cast<char*>(name.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(name.c_str(), argv.data());
  fmt::print(stderr, "yourmt3 train: cannot start {}: {}\n", name, std::strerror(errno));
  return kExitFailed;
}

void add_train_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("train", "Train a network; hands over to yourmt3-train");
  verb->prefix_command();
  verb->callback([verb, &invocation] {
    invocation.action = [arguments = verb->remaining()] { return run_train_program(arguments); };
  });
}

}  // namespace yourmt3::cli
