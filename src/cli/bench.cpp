#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>

#include "audio/audio_reader.h"
#include "cli/interrupt.h"
#include "cli/machine.h"
#include "cli/nearest_name.h"
#include "cli/program_files.h"
#include "cli/progress_line.h"
#include "cli/random_model.h"
#include "cli/verb.h"
#include "engine/engine.h"
#include "transcribe/pipeline.h"

namespace yourmt3::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct BenchOptions {
  std::string input;
  std::string model, variant;
  double seconds = 30;
  int n_threads = 0;
  bool json = false;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Decaying tones on a grid of eighths, always the same: music enough to keep a trained network busy.
class TestTones {
 public:
  TestTones(double seconds, int sample_rate)
      : total_(static_cast<std::size_t>(seconds * sample_rate)), rate_(sample_rate) {}

  std::size_t read(std::span<float> out) {
    const std::size_t count = std::min(out.size(), total_ - next_);
    for (std::size_t i = 0; i < count; ++i) out[i] = sample(next_ + i);
    next_ += count;
    return count;
  }

 private:
  float sample(std::size_t index) const {
    constexpr double kNoteSec = 0.25;
    const double time_sec = static_cast<double>(index) / rate_;
    const auto note = static_cast<std::size_t>(time_sec / kNoteSec);
    const double since_sec = time_sec - static_cast<double>(note) * kNoteSec;
    double sum = 0;
    for (const std::size_t voice : {std::size_t{0}, std::size_t{7}, std::size_t{16}}) {
      const double pitch = 45.0 + static_cast<double>((note * 5 + voice) % 36);
      const double frequency_hz = 440 * std::exp2((pitch - 69) / 12);
      for (const double harmonic : {1.0, 2.0, 3.0}) {
        sum += 0.1 / harmonic * std::sin(2 * std::numbers::pi * frequency_hz * harmonic * since_sec);
      }
    }
    return static_cast<float>(sum * std::exp(-4 * since_sec));
  }

  std::size_t total_;
  std::size_t next_ = 0;
  double rate_;
};

double peak_memory_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {}

  int run() {
    catch_interrupts();
    const auto start = Clock::now();
    const Engine engine(load(), {.n_threads = options_.n_threads});
    load_seconds_ = seconds_since(start);
    measure_encoder(engine);
    measure_pipeline(engine);
    if (options_.json) {
      fmt::print("{}\n", facts().dump(2));
    } else {
      print_table();
    }
    return kExitDone;
  }

 private:
  Model load() {
    if (options_.variant.empty()) {
      const std::filesystem::path path = find_model(options_.model);
      name_ = path.string();
      return load_model(path);
    }
    name_ = options_.variant + ", random weights";
    return random_model(published_config(options_.variant), 1);
  }

  /// One batch through the stages of the encoder, one after another; the best of three, as caches and clocks warm up.
  void measure_encoder(const Engine& engine) {
    constexpr int kSegments = 8;
    const FrontEndConfig& front_end = engine.config().front_end;
    std::vector<float> samples(static_cast<std::size_t>(kSegments * front_end.segment_samples));
    TestTones tones(1e6, front_end.sample_rate);
    tones.read(samples);
    for (int repeat = 0; repeat < 3; ++repeat) {
      const auto timed = [&](const char* stage, const auto& body) {
        const auto start = Clock::now();
        auto result = body();
        const double ms = 1000 * seconds_since(start) / kSegments;
        const auto [entry, is_new] = encoder_ms_.emplace(stage, ms);
        if (is_new) {
          encoder_stages_.push_back(stage);
        } else {
          entry->second = std::min(entry->second, ms);
        }
        return result;
      };
      const auto picture = timed("spectrogram", [&] { return engine.spectrogram(samples, kSegments); });
      const auto features = timed("pre_encoder", [&] { return engine.pre_encode(picture, kSegments); });
      const auto encoded = timed("encoder", [&] { return engine.encode_features(features, kSegments); });
      timed("pre_decoder", [&] { return engine.pre_decode(encoded, kSegments); });
    }
  }

  void measure_pipeline(const Engine& engine) {
    const int sample_rate = engine.config().front_end.sample_rate;
    const OpenSource open = [&](const std::stop_token&) -> SampleSource {
      if (options_.input.empty()) {
        const auto tones = std::make_shared<TestTones>(options_.seconds, sample_rate);
        return {[tones](std::span<float> out) { return tones->read(out); }, options_.seconds};
      }
      AudioReader::Options reading;
      reading.sample_rate = sample_rate;
      const auto reader = std::make_shared<AudioReader>(options_.input, reading);
      return {[reader](std::span<float> out) { return reader->read(out); }, reader->info().duration_sec.value_or(0)};
    };
    ProgressLine line("bench", true);
    const auto start = Clock::now();
    heard_ = transcribe(engine, {open}, [&line](const Progress& progress) {
      line.update(progress.done, progress.total);
      return !interrupted();
    });
    total_seconds_ = seconds_since(start);
  }

  double times_real_time() const { return total_seconds_ > 0 ? heard_.duration_sec / total_seconds_ : 0; }
  double tokens_per_second() const {
    return heard_.seconds.decode > 0 ? static_cast<double>(heard_.n_tokens) / heard_.seconds.decode : 0;
  }

  nlohmann::json facts() const {
    return {{"model", name_},
            {"machine", machine_facts()},
            {"threads", options_.n_threads},
            {"audio_seconds", heard_.duration_sec},
            {"seconds",
             {{"load", load_seconds_},
              {"read", heard_.seconds.read},
              {"encode", heard_.seconds.encode},
              {"decode", heard_.seconds.decode},
              {"notes", heard_.seconds.notes},
              {"total", total_seconds_}}},
            {"encoder_ms_per_segment", encoder_ms_},
            {"n_tokens", heard_.n_tokens},
            {"n_notes", heard_.notes.size()},
            {"tokens_per_second", tokens_per_second()},
            {"times_real_time", times_real_time()},
            {"peak_memory_mib", peak_memory_mib()}};
  }

  void print_table() const {
    fmt::print("model             {}\naudio             {:.1f} s\n\n", name_, heard_.duration_sec);
    fmt::print("stage             seconds\n");
    const auto row = [](const char* stage, double seconds) { fmt::print("{:<16} {:>8.3f}\n", stage, seconds); };
    row("load", load_seconds_);
    row("read", heard_.seconds.read);
    row("encode", heard_.seconds.encode);
    row("decode", heard_.seconds.decode);
    row("notes", heard_.seconds.notes);
    row("total", total_seconds_);
    fmt::print("(reading and encoding go on beside decoding; total leaves loading out)\n\n");
    fmt::print("part of encode    ms per segment of 2.048 s\n");
    for (const std::string& stage : encoder_stages_) fmt::print("{:<16} {:>8.2f}\n", stage, encoder_ms_.at(stage));
    fmt::print("\ntokens per second {:.0f}\ntimes real time   {:.2f}\npeak memory       {:.0f} MiB\n",
               tokens_per_second(), times_real_time(), peak_memory_mib());
  }

  const BenchOptions& options_;
  std::string name_;
  double load_seconds_ = 0, total_seconds_ = 0;
  Transcription heard_;
  std::map<std::string, double> encoder_ms_;
  std::vector<std::string> encoder_stages_;
};

void check_variant(const std::string& variant) {
  const auto& known = published_variants();
  if (variant.empty() || std::find(known.begin(), known.end(), variant) != known.end()) return;
  const auto nearest = nearest_name(variant, known);
  throw UsageError(fmt::format("--variant: unknown variant '{}'{}; known are {}", variant,
                               nearest ? fmt::format("; did you mean '{}'?", *nearest) : "", fmt::join(known, ", ")));
}

}  // namespace

void add_bench_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("bench", "Measure speed and memory on this machine");
  auto options = std::make_shared<BenchOptions>();
  verb->add_option("INPUT", options->input, "Recording (default: tones made for the purpose)");
  verb->add_option("--seconds", options->seconds, "Length of the tones in seconds")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 86400.0));
  verb->add_option("--model", options->model, "Model file (default: YOURMT3_MODEL, else the bundled one)");
  verb->add_option("--variant", options->variant, "A published network with random weights instead of a model");
  verb->add_option("--threads", options->n_threads, "Threads (default: all processors)")->check(CLI::Range(0, 1024));
  verb->add_flag("--json", options->json, "Print JSON");
  verb->footer(
      "Examples:\n"
      "  yourmt3 bench song.flac\n"
      "  yourmt3 bench --variant yptf-moe-multi-ps --seconds 180 --json");
  verb->callback([options, &invocation] {
    invocation.action = [options] {
      check_variant(options->variant);
      return Bench(*options).run();
    };
  });
}

}  // namespace yourmt3::cli
