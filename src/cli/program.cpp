#include "cli/program.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "cli/decode.h"
#include "cli/interrupt.h"
#include "cli/machine.h"
#include "cli/nearest_name.h"
#include "cli/train_program.h"
#include "cli/verb.h"
#include "yourmt3/error.h"

namespace yourmt3::cli {
namespace {

/// Long and short names of every option of `app`, with their dashes.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

std::string with_suggestion(std::string message, const std::string& word, const std::vector<std::string>& known) {
  if (const auto nearest = nearest_name(word, known)) message += fmt::format("; did you mean '{}'?", *nearest);
  return message;
}

/// The parser's complaint in our words, naming the nearest verb or option.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const CLI::App& scope = chosen.empty() ? app : *chosen.front();
  for (const std::string& word : app.remaining(true)) {
    if (word.size() > 1 && word.front() == '-') {
      const std::string name = word.substr(0, word.find('='));
      return with_suggestion(fmt::format("unknown option '{}'", name), name, option_names(scope));
    }
    if (chosen.empty()) return with_suggestion(fmt::format("unknown verb '{}'", word), word, verb_names(app));
    return fmt::format("unexpected argument '{}'", word);
  }
  if (chosen.empty() && app.count_all() <= 1) return "a verb is missing";
  return error.what();
}

int usage_failure(const CLI::App& app, const std::string& message) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  const std::string name = chosen.empty() ? "yourmt3" : "yourmt3 " + chosen.front()->get_name();
  fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", name, message, name);
  return kExitUsage;
}

int run_verb(const CLI::App& app, const Invocation& invocation) {
  try {
    const int status = invocation.action();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
      fmt::print(stderr, "yourmt3: cannot write the results to standard output\n");
      return kExitFailed;
    }
    return status;
  } catch (const UsageError& error) {
    return usage_failure(app, error.what());
  } catch (const Error& error) {
    if (interrupted()) return interrupt_status();
    fmt::print(stderr, "yourmt3: {}\n", error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "yourmt3: out of memory\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "yourmt3: {}\n", error.what());
  }
  return kExitFailed;
}

}  // namespace

int run_program(int argc, char** argv) {
  // Everything behind `train` and `experiment` belongs to the other program, --help included.
  if (argc >= 2 && (std::string_view(argv[1]) == "train" || std::string_view(argv[1]) == "experiment")) {
    return run_train_program({argv + 1, argv + argc});
  }
  if (argc >= 2 && std::string_view(argv[1]) == kDecodeVerb) return run_decode_verb({argv + 2, argv + argc});

  CLI::App app("Turns a music recording into MIDI, one track per instrument, vocals and drums included.", "yourmt3");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text, "Version, kernels and libraries");
  app.get_formatter()->column_width(34);
  app.footer(
      "Examples:\n"
      "  yourmt3 transcribe song.mp3              writes song.mid\n"
      "  yourmt3 transcribe --help                options of one verb\n"
      "\nExit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.");
  Invocation invocation;
  add_transcribe_verb(app, invocation);
  add_listen_verb(app, invocation);
  add_serve_verb(app, invocation);
  add_notate_verb(app, invocation);
  add_score_verb(app, invocation);
  add_convert_verb(app, invocation);
  add_models_verb(app, invocation);
  add_info_verb(app, invocation);
  add_bench_verb(app, invocation);
  add_train_verb(app, invocation);
  add_experiment_verb(app, invocation);
  add_experts_verb(app, invocation);
  add_synth_verb(app, invocation);
  add_prepare_verb(app, invocation);
  add_data_verb(app, invocation);
  add_evaluate_verb(app, invocation);
  add_completion_verb(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    app.exit(request, std::cout, std::cerr);
    return std::cout.flush() ? kExitDone : kExitFailed;
  } catch (const CLI::ParseError& error) {
    return usage_failure(app, usage_message(app, error));
  }
  return run_verb(app, invocation);
}

}  // namespace yourmt3::cli
