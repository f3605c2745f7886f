#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/atomic_folder.h"
#include "cli/interrupt.h"
#include "cli/program_files.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "core/atomic_file.h"
#include "core/fail.h"
#include "data/store.h"
#include "data/track_mix.h"
#include "examine/expert_use.h"
#include "model/weights.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct ExpertsOptions {
  std::string model;
  std::vector<std::string> data;
  std::string split;
  int tracks = 20;
  double seconds = 60;
  int threads = 0;
  std::string out;
  bool force = false;
  bool json = false;
};

constexpr int kSampleRate = 16000;

/// Name of a data set: that of its folder.
std::string set_name(const std::string& folder) {
  const fs::path path = fs::path(folder).lexically_normal();
  return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

ExpertUse listen_to_all(const ExpertsOptions& options, const Engine& engine) {
  ExpertUse use(engine.config());
  if (engine.config().front_end.sample_rate != kSampleRate) {
    fail(ErrorCode::kUnsupported, "the network hears {} Hz, but prepared data has {}",
         engine.config().front_end.sample_rate, kSampleRate);
  }
  ProgressLine line("experts", true);
  double done = 0;
  for (const std::string& folder : options.data) {
    const Store store(folder, options.split);
    if (store.tracks().empty()) {
      fail(ErrorCode::kInvalidArgument, "{}: no track{}{}", folder, options.split.empty() ? "" : " of split ",
           options.split);
    }
    int left = options.tracks;
    for (const Store::Track& track : store.tracks()) {
      if (left-- == 0 || interrupted()) break;
      const auto samples = track_mix(track, static_cast<std::size_t>(options.seconds * kSampleRate));
      use.add(engine, set_name(folder), samples, track_notes(track));
      done += static_cast<double>(samples.size()) / kSampleRate;
      line.update(done, 0);
    }
  }
  line.clear();
  return use;
}

void write_files(const ExpertUse& use, const ExpertsOptions& options) {
  AtomicFolder folder(options.out, options.force);
  const fs::path path = folder.temporary_path();
  write_file_atomically(path / "experts.json", use.json().dump(1) + "\n");
  write_file_atomically(path / "experts.csv", use.csv());
  for (int c = 0; c < kExpertCategories; ++c) {
    const auto category = static_cast<ExpertCategory>(c);
    const auto maps = use.heat_maps(category);
    if (!maps.empty() && !maps.front().rows.empty()) {
      write_file_atomically(path / fmt::format("{}.svg", name_of(category)), to_svg(maps));
    }
  }
  folder.commit();
  fmt::print("{}\n", options.out);
}

void print_table(const ExpertUse& use) {
  fmt::print("{:<46} {:>8}  {:<40} bits told by data set, group, token, latent\n", "layer", "entropy", "load");
  for (const ExpertUse::Layer& layer : use.layers()) {
    std::string loads;
    const auto shares = layer.all.shares();
    for (const double share : shares) loads += fmt::format("{:.2f} ", share);
    fmt::print("{:<46} {:>8.3f}  {:<40}", layer.name, relative_entropy(shares), loads);
    for (const ExpertTable& table : layer.tables) fmt::print(" {:.3f}", information_bits(table));
    fmt::print("\n");
  }
}

int run_experts(const ExpertsOptions& options) {
  const Engine engine(load_model(find_model(options.model)), {.n_threads = options.threads});
  catch_interrupts();
  const ExpertUse use = listen_to_all(options, engine);
  if (interrupted()) return interrupt_status();
  if (!options.out.empty()) {
    write_files(use, options);
  } else if (options.json) {
    fmt::print("{}\n", use.json().dump(1));
  } else {
    print_table(use);
  }
  return kExitDone;
}

}  // namespace

void add_experts_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("experts", "Tell which experts of a network are active for what");
  auto options = std::make_shared<ExpertsOptions>();
  verb->add_option("--model", options->model,
                   "Network with a mixture of experts: a file, or a name that 'models' lists");
  verb->add_option("--data", options->data, "Folders of prepared data, each a data set by itself")->required();
  verb->add_option("--split", options->split, "Split or list of the data [all tracks]");
  verb->add_option("--tracks", options->tracks, "Of each data set at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  verb->add_option("--seconds", options->seconds, "Of each track at most, from its start")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 1e6));
  verb->add_option("--threads", options->threads, "Threads [all processors]")->check(CLI::NonNegativeNumber);
  verb->add_option("--out", options->out, "Folder for experts.json, experts.csv and a picture for each category");
  verb->add_flag("--force", options->force, "Replace the folder");
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer(
      "Examples:\n"
      "  yourmt3 experts --model moe.ckpt --data data/slakh data/musicnet --split test\n"
      "  yourmt3 experts --model moe.ckpt --data data/slakh --out experts");
  verb->callback([options, &invocation] { invocation.action = [options] { return run_experts(*options); }; });
}

}  // namespace yourmt3::cli
