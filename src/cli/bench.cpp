#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "audio/audio_reader.h"
#include "cli/bench_options.h"
#include "cli/cold_start.h"
#include "cli/interrupt.h"
#include "cli/machine.h"
#include "cli/nearest_name.h"
#include "cli/precision_option.h"
#include "cli/program_files.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "engine/engine.h"
#include "measure/random_model.h"
#include "measure/test_tones.h"
#include "score/decode_lengths.h"
#include "score/note_file.h"
#include "transcribe/pipeline.h"

namespace yourmt3::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

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
    const Engine engine(load(), {.n_threads = options_.n_threads, .precision = options_.precision});
    precision_ = engine.precision();
    load_seconds_ = seconds_since(start);
    if (options_.kernels || !options_.roofline.empty()) {
      const int n_threads = options_.n_threads > 0 ? options_.n_threads : available_processors();
      return bench_kernels(options_, name_, engine, n_threads);
    }
    measure_encoder(engine);
    measure_pipeline(engine);
    if (options_.cold_start) measure_cold_starts();
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
    const FrontEndConfig& front_end = engine.config().front_end;
    const int sample_rate = front_end.sample_rate;
    const double segment_sec = static_cast<double>(engine.config().segment_advance()) / sample_rate;
    double tones_sec = options_.seconds.value_or(30);
    DecodeLengths lengths;
    if (!options_.decode_lengths.empty()) {
      lengths = read_decode_lengths(options_.decode_lengths);
      const DecoderConfig& decoder = engine.config().decoder;
      check_decode_lengths(lengths, options_.decode_lengths, decoder.n_channels, decoder.max_length);
      tones_sec = options_.seconds.value_or(static_cast<double>(lengths.n_segments()) * segment_sec);
    }
    const auto check_duration = [&](double seconds) {
      const double covered_sec = static_cast<double>(lengths.n_segments()) * segment_sec;
      if (lengths.n_segments() == 0 || seconds <= covered_sec) return;
      fail(ErrorCode::kInvalidArgument, "{}: {} segments, which cover {:.1f} s of the recording's {:.1f} s",
           options_.decode_lengths, lengths.n_segments(), covered_sec, seconds);
    };
    const OpenSource open = [&](const std::stop_token&) -> SampleSource {
      if (options_.input.empty()) {
        check_duration(tones_sec);
        const auto tones = std::make_shared<TestTones>(tones_sec, sample_rate);
        return {[tones](std::span<float> out) { return tones->read(out); }, tones_sec};
      }
      AudioReader::Options reading;
      reading.sample_rate = sample_rate;
      const auto reader = std::make_shared<AudioReader>(options_.input, reading);
      const double total_sec = reader->info().duration_sec.value_or(0);
      check_duration(total_sec);
      return {[reader](std::span<float> out) { return reader->read(out); }, total_sec};
    };
    ProgressLine line("bench", true);
    const auto start = Clock::now();
    const auto keep_going = [&line](const Progress& progress) {
      line.update(progress.done, progress.total);
      return !interrupted();
    };
    heard_ = transcribe(engine, {open, lengths.lengths}, keep_going,
                        decoding_choice(decoding_of(options_.decoding), task(engine.config().task)));
    total_seconds_ = seconds_since(start);
  }

  void measure_cold_starts() {
    std::vector<std::string> arguments = {"--precision", precision_name(precision_)};
    if (options_.n_threads > 0) arguments.insert(arguments.end(), {"--threads", std::to_string(options_.n_threads)});
    cold_start_ = measure_cold_start(name_, arguments);
  }

  double times_real_time() const { return total_seconds_ > 0 ? heard_.duration_sec / total_seconds_ : 0; }
  double tokens_per_second() const {
    return heard_.seconds.decode > 0 ? static_cast<double>(heard_.n_tokens) / heard_.seconds.decode : 0;
  }

  nlohmann::json facts() const {
    nlohmann::json json = {{"model", name_},
                           {"machine", machine_facts()},
                           {"threads", options_.n_threads},
                           {"precision", precision_name(precision_)},
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
    if (cold_start_) {
      json["cold_start_seconds"] = {{"best", cold_start_->best_sec}, {"median", cold_start_->median_sec}};
    }
    return json;
  }

  void print_table() const {
    fmt::print("model             {}\nproducts in       {}\naudio             {:.1f} s\n\n", name_,
               precision_name(precision_), heard_.duration_sec);
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
    if (cold_start_) {
      fmt::print("cold start        {:.3f} s, median {:.3f} s (a process that transcribes 10 s)\n",
                 cold_start_->best_sec, cold_start_->median_sec);
    }
  }

  const BenchOptions& options_;
  std::string name_;
  Precision precision_ = Precision::kAuto;
  double load_seconds_ = 0, total_seconds_ = 0;
  Transcription heard_;
  std::optional<ColdStart> cold_start_;
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

/// Tokens that a network of the task would write for the notes of a file.
int write_decode_lengths(const BenchOptions& options) {
  if (options.input.empty()) throw UsageError("--write-decode-lengths needs notes as INPUT");
  const std::vector<Note> notes = read_note_file(options.input);
  const DecodeLengths lengths = decode_lengths_of(notes, task(options.task));
  const std::string remarks =
      fmt::format("Tokens of each channel, EOS included; a line for each segment of 2.048 s.\nTask {}, {} notes of {}",
                  options.task, notes.size(), std::filesystem::path(options.input).filename().string());
  write_file_atomically(options.write_decode_lengths, decode_lengths_text(lengths, remarks));
  return kExitDone;
}

}  // namespace

void add_bench_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("bench", "Measure speed and memory on this machine");
  auto options = std::make_shared<BenchOptions>();
  verb->add_option("INPUT", options->input, "Recording (default: tones made for the purpose)");
  verb->add_option("--seconds", options->seconds,
                   "Length of the tones in seconds (default: 30, or that of the lengths)")
      ->check(CLI::Range(0.1, 86400.0));
  verb->add_option("--model", options->model,
                   "Model: a file, or a name that 'models' lists (default: YOURMT3_MODEL, else default)");
  verb->add_option("--variant", options->variant, "A published network with random weights instead of a model");
  verb->add_option("--threads", options->n_threads, "Threads (default: all processors)")->check(CLI::Range(0, 1024));
  add_precision_option(*verb, options->precision);
  add_decoding_options(*verb, options->decoding);
  verb->add_flag("--json", options->json, "Print JSON");
  verb->add_option("--decode-lengths", options->decode_lengths,
                   "Decode as many tokens as this file says, for each segment and channel, whatever the network says")
      ->type_name("FILE");
  verb->add_flag("--ceilings", options->ceilings, "Only what this processor and its memory reach at best");
  verb->add_flag("--kernels", options->kernels, "Only the kernels of the network, beside what the machine reaches");
  verb->add_option("--roofline", options->roofline, "The same, and draw it (SVG)")->type_name("FILE");
  verb->add_flag("--cold-start", options->cold_start, "Also start the program several times to transcribe 10 s");
  verb->add_option("--write-decode-lengths", options->write_decode_lengths,
                   "Only write, for notes (MIDI, JSON, CSV) as INPUT, how many tokens a network writes for them")
      ->type_name("FILE");
  verb->add_option("--task", options->task, "Of --write-decode-lengths")->capture_default_str();
  verb->footer(
      "Examples:\n"
      "  yourmt3 bench song.flac\n"
      "  yourmt3 bench --variant yptf-moe-multi-ps --seconds 180 --json");
  verb->callback([options, &invocation] {
    invocation.action = [options] {
      check_variant(options->variant);
      if (options->cold_start && !options->variant.empty()) throw UsageError("--cold-start needs a model file");
      if (options->ceilings) return bench_ceilings(*options);
      if (!options->write_decode_lengths.empty()) return write_decode_lengths(*options);
      return Bench(*options).run();
    };
  });
}

}  // namespace yourmt3::cli
