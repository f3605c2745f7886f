#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/machine.h"
#include "cli/verb.h"

namespace yourmt3::cli {
namespace {

struct InfoOptions {
  bool json = false;
};

/// One "name  value" line for each fact; nested objects are indented.
void print_facts(const nlohmann::json& facts, int indent) {
  for (const auto& [name, value] : facts.items()) {
    if (value.is_object()) {
      fmt::print("{:{}}{}\n", "", indent, name);
      print_facts(value, indent + 2);
    } else {
      fmt::print("{:{}}{:<24} {}\n", "", indent, name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

}  // namespace

void add_info_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("info", "Describe this machine");
  auto options = std::make_shared<InfoOptions>();
  verb->add_flag("--json", options->json, "Print JSON");
  verb->callback([options, &invocation] {
    invocation.action = [options] {
      const nlohmann::json facts = machine_facts();
      if (options->json) {
        fmt::print("{}\n", facts.dump(2));
      } else {
        print_facts(facts, 0);
      }
      return kExitDone;
    };
  });
}

}  // namespace yourmt3::cli
