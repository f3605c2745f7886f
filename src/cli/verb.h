#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <stdexcept>
#include <string>

namespace yourmt3::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// A command line that cannot be carried out; the program ends with kExitUsage.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the chosen verb will do once the command line is read; gives the exit status.
struct Invocation {
  std::function<int()> action;
};

// Each verb adds its subcommand to `app`; when the user chooses it, it sets `invocation.action`.
void add_transcribe_verb(CLI::App& app, Invocation& invocation);
void add_listen_verb(CLI::App& app, Invocation& invocation);
void add_notate_verb(CLI::App& app, Invocation& invocation);
void add_score_verb(CLI::App& app, Invocation& invocation);
void add_serve_verb(CLI::App& app, Invocation& invocation);
void add_convert_verb(CLI::App& app, Invocation& invocation);
void add_experts_verb(CLI::App& app, Invocation& invocation);
void add_experiment_verb(CLI::App& app, Invocation& invocation);
void add_bench_verb(CLI::App& app, Invocation& invocation);
void add_info_verb(CLI::App& app, Invocation& invocation);
void add_train_verb(CLI::App& app, Invocation& invocation);
void add_synth_verb(CLI::App& app, Invocation& invocation);
void add_models_verb(CLI::App& app, Invocation& invocation);
void add_prepare_verb(CLI::App& app, Invocation& invocation);
void add_data_verb(CLI::App& app, Invocation& invocation);
void add_evaluate_verb(CLI::App& app, Invocation& invocation);
void add_completion_verb(CLI::App& app, Invocation& invocation);

}  // namespace yourmt3::cli
