#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/verb.h"

namespace yourmt3::cli {
namespace {

struct OptionEntry {
  std::string long_name, short_name;  ///< Without dashes; either may be empty.
  std::string description;
  bool takes_value = false;
};

struct VerbEntry {
  std::string name, description;
  std::vector<OptionEntry> options;
};

std::vector<OptionEntry> options_of(const CLI::App& app) {
  std::vector<OptionEntry> entries;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() || option->get_group().empty()) continue;
    OptionEntry entry;
    if (!option->get_lnames().empty()) entry.long_name = option->get_lnames().front();
    if (!option->get_snames().empty()) entry.short_name = option->get_snames().front();
    entry.description = option->get_description();
    entry.takes_value = option->get_items_expected_max() > 0;
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<VerbEntry> verbs_of(const CLI::App& app) {
  std::vector<VerbEntry> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back({verb->get_name(), verb->get_description(), options_of(*verb)});
  }
  return verbs;
}

std::string dashed(const std::vector<OptionEntry>& options) {
  std::string words;
  for (const OptionEntry& option : options) {
    if (!option.long_name.empty()) words += " --" + option.long_name;
    if (!option.short_name.empty()) words += " -" + option.short_name;
  }
  return words.empty() ? words : words.substr(1);
}

/// Inside single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash_script(const CLI::App& app) {
  std::string verbs, cases;
  for (const VerbEntry& verb : verbs_of(app)) {
    verbs += (verbs.empty() ? "" : " ") + verb.name;
    cases += fmt::format("    {}) options={} ;;\n", verb.name, quoted(dashed(verb.options)));
  }
  return fmt::format(
      "# Completion of yourmt3 for bash.\n"
      "_yourmt3() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" options=''\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W {} -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n"
      "{}"
      "  esac\n"
      "  case \"$word\" in\n"
      "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
      "    *) if [ \"${{COMP_WORDS[1]}}\" = completion ]; then COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\")); "
      "fi ;;\n"
      "  esac\n"
      "}}\n"
      "complete -o default -F _yourmt3 yourmt3\n",
      quoted(verbs + " " + dashed(options_of(app))), cases);
}

/// In a description of zsh's _arguments brackets and colons have a meaning.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_script(const CLI::App& app) {
  std::string verbs, cases;
  for (const VerbEntry& verb : verbs_of(app)) {
    verbs += "    " + quoted(zsh_text(verb.name) + ":" + zsh_text(verb.description)) + "\n";
    cases += fmt::format("    {})\n      _arguments", verb.name);
    for (const OptionEntry& option : verb.options) {
      const std::string value = option.takes_value ? ":value:_files" : "";
      const std::string about = "[" + zsh_text(option.description) + "]" + value;
      if (!option.long_name.empty()) cases += " \\\n        " + quoted("--" + option.long_name + about);
      if (!option.short_name.empty()) cases += " \\\n        " + quoted("-" + option.short_name + about);
    }
    const bool shells = verb.name == "completion";
    cases += " \\\n        " + quoted(shells ? "1:shell:(bash zsh fish)" : "*:file:_files") + "\n      ;;\n";
  }
  return fmt::format(
      "#compdef yourmt3\n"
      "# Completion of yourmt3 for zsh.\n"
      "_yourmt3() {{\n"
      "  local -a verbs\n"
      "  verbs=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe verb verbs\n"
      "    return\n"
      "  fi\n"
      "  local verb=${{words[2]}}\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $verb in\n{}  esac\n"
      "}}\n"
      "if [ \"$funcstack[1]\" = _yourmt3 ]; then _yourmt3 \"$@\"; else compdef _yourmt3 yourmt3; fi\n",
      verbs, cases);
}

std::string fish_script(const CLI::App& app) {
  std::string script = "# Completion of yourmt3 for fish.\n";
  for (const VerbEntry& verb : verbs_of(app)) {
    script += fmt::format("complete -c yourmt3 -n __fish_use_subcommand -f -a {} -d {}\n", verb.name,
                          quoted(verb.description));
    for (const OptionEntry& option : verb.options) {
      script += fmt::format("complete -c yourmt3 -n '__fish_seen_subcommand_from {}'", verb.name);
      if (!option.long_name.empty()) script += " -l " + option.long_name;
      if (!option.short_name.empty()) script += " -s " + option.short_name;
      if (option.takes_value) script += " -r";
      script += " -d " + quoted(option.description) + "\n";
    }
  }
  script += "complete -c yourmt3 -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
  return script;
}

}  // namespace

void add_completion_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  verb->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  verb->footer("Example:\n  source <(yourmt3 completion bash)");
  verb->callback([&app, shell, &invocation] {
    invocation.action = [&app, shell] {
      const std::string script = *shell == "bash"  ? bash_script(app)
                                 : *shell == "zsh" ? zsh_script(app)
                                                   : fish_script(app);
      fmt::print("{}", script);
      return kExitDone;
    };
  });
}

}  // namespace yourmt3::cli
