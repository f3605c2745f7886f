#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/decoding_options.h"
#include "cli/interrupt.h"
#include "cli/listening_sounds.h"
#include "cli/note_files.h"
#include "cli/output_plan.h"
#include "cli/precision_option.h"
#include "cli/program_files.h"
#include "cli/progress_line.h"
#include "cli/stream_notes.h"
#include "cli/verb.h"
#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "transcribe/instruments.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct TranscribeOptions {
  std::vector<std::string> inputs;
  OutputChoice output;
  std::string model;
  DecodingOptions decoding;
  std::string keep;
  std::vector<std::string> sound_fonts;
  int n_threads = 0;
  Precision precision = Precision::kAuto;
  bool beats = false;
  bool force = false, skip_existing = false;
  bool json = false, quiet = false, verbose = false;
  bool list_instruments = false;
  bool stream = false;
};

/// Every output of one recording. The files are opened before the work begins, so that an unwritable folder is known at
/// once, and appear together at its end.
class Outputs {
 public:
  Outputs(const Job& job, bool force) : files_(job.files) {
    for (const PlannedFile& file : files_) {
      opened_.push_back(nullptr);
      if (is_stream(file.path)) continue;
      if (!file.path.parent_path().empty()) make_folder(file.path.parent_path());
      opened_.back() = std::make_unique<AtomicFile>(
          file.path, force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse);
    }
  }

  void write(std::span<const Note> notes, const NoteFileOptions& options) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const std::string bytes = notes_to_bytes(notes, files_[i].format, options);
      if (opened_[i]) {
        opened_[i]->write(bytes);
      } else {
        write_stream(files_[i].path, bytes);
      }
    }
    for (const auto& file : opened_) {
      if (file) file->commit();
    }
  }

 private:
  /// Standard output, and devices and pipes with a name: nothing may be renamed over those.
  static bool is_stream(const fs::path& path) {
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    return path == "-" || (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status));
  }

  static void write_stream(const fs::path& path, const std::string& bytes) {
    std::FILE* stream = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
    bool written = stream != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), stream) == bytes.size();
    written = stream != nullptr && std::fflush(stream) == 0 && written;
    const std::string reason = std::strerror(errno);
    if (stream != nullptr && stream != stdout) std::fclose(stream);
    const std::string name = path == "-" ? "standard output" : path.string();
    if (!written) fail(ErrorCode::kIo, "{}: cannot write: {}", name, reason);
  }

  static void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail(ErrorCode::kIo, "{}: cannot make this folder: {}", folder.string(), error.message());
  }

  const std::vector<PlannedFile>& files_;
  std::vector<std::unique_ptr<AtomicFile>> opened_;
};

int list_instruments() {
  for (const Instrument& instrument : instruments()) {
    fmt::print("{}{}\n", instrument.name == instrument.family ? "" : "  ", instrument.name);
  }
  return kExitDone;
}

struct Outcome {
  enum class Kind { kDone, kSkipped, kFailed };
  Kind kind = Kind::kDone;
  std::string message;  ///< Why it failed.
  Transcription transcription;
  double seconds = 0;
};

class TranscribeRun {
 public:
  explicit TranscribeRun(const TranscribeOptions& options)
      : options_(options),
        decoding_(decoding_of(options.decoding)),
        kept_(instruments_named("--keep", options.keep)),
        jobs_(plan(options)),
        results_on_stdout_(options.stream || (!jobs_.empty() && !jobs_.front().files.empty() &&
                                              jobs_.front().files.front().path == "-")) {
    if (results_on_stdout_ && options.json) throw UsageError("--json and notes cannot both go to standard output");
    if (options.force && options.skip_existing) throw UsageError("--force and --skip-existing exclude each other");
  }

  int run() {
    catch_interrupts();
    open_stage_if_wanted();
    try {
      // Without a model no recording can be done: its errors end the run.
      if (begin_next()) {
        if (options_.stream) {
          settle_first(stream_notes(load_model(), kept_));
          return failures_.empty() ? kExitDone : kExitFailed;  // An interrupt is how a stream ends.
        }
        transcribe_begun(load_model());
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCancelled) throw;
    }
    if (interrupted()) return interrupt_status();
    if (!failures_.empty() && jobs_.size() > 1) {
      fmt::print(stderr, "{} of {} recordings failed:\n", failures_.size(), jobs_.size());
      for (const std::string& failure : failures_) fmt::print(stderr, "  {}\n", failure);
    }
    return failures_.empty() ? kExitDone : kExitFailed;
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// A stream needs no file: its notes are printed.
  static std::vector<Job> plan(const TranscribeOptions& options) {
    if (!options.stream) return plan_jobs(options.inputs, options.output);
    if (options.inputs != std::vector<std::string>{"-"}) {
      throw UsageError("--stream reads standard input: give - as the only INPUT");
    }
    const OutputChoice& output = options.output;
    if (output.output == "-") throw UsageError("--stream prints notes to standard output; -o needs a file");
    if (output.output.empty() && output.output_folder.empty()) return {Job{"-", {}, {}}};
    return plan_jobs(options.inputs, output);
  }

  /// A job from its beginning until its outcome is reported, which happens in order.
  struct Begun {
    const Job* job;
    std::optional<Outputs> outputs;  ///< None when the outcome is known already.
    Outcome outcome;
    Clock::time_point start = Clock::now();
  };

  /// Before anything is transcribed, so that a bad sound font is known at once.
  void open_stage_if_wanted() {
    for (const Job& job : jobs_) {
      for (const PlannedFile& file : job.files) {
        if (!is_audio(file.format)) continue;
        StageOptions stage_options;
        stage_options.keep_going = [] { return !interrupted(); };
        stage_.emplace(open_stage(stage_options, options_.sound_fonts, options_.quiet));
        return;
      }
    }
  }

  bool exists_already(const Job& job) const {
    std::error_code ignored;
    for (const PlannedFile& file : job.files) {
      if (file.path == "-" || !fs::exists(file.path, ignored)) return false;
    }
    return !job.files.empty();
  }

  /// Begins jobs up to the next one that has to be transcribed; false when there is none.
  bool begin_next() {
    while (next_job_ < jobs_.size() && !interrupted()) {
      const Job& job = jobs_[next_job_++];
      Begun& begun = begun_.emplace_back(Begun{&job, {}, {}});
      if (!job.problem.empty()) {
        begun.outcome = failed(job, job.problem);
      } else if (options_.skip_existing && exists_already(job)) {
        begun.outcome.kind = Outcome::Kind::kSkipped;
      } else {
        try {
          begun.outputs.emplace(job, options_.force || options_.skip_existing);
          show_progress_of_first();
          return true;
        } catch (const Error& error) {
          begun.outcome = failed(job, error.what());
        }
      }
      report_settled();
    }
    return false;
  }

  /// The job begun last, and all that follow.
  void transcribe_begun(const Transcriber& transcriber) {
    Transcriber::Recordings recordings;
    recordings.next = [this, first = true]() mutable -> std::optional<fs::path> {
      if (!std::exchange(first, false) && !begin_next()) return std::nullopt;
      return begun_.back().job->input;
    };
    recordings.done = [this](Transcription heard) { settle_first(std::move(heard)); };
    recordings.failed = [this](const Error& error) {
      begun_.front().outcome = failed(*begun_.front().job, error.what());
      begun_.front().outputs.reset();
      report_settled();
    };
    recordings.progress = [this](double done_sec, double total_sec) {
      if (line_) line_->update(done_sec, total_sec);
      return !interrupted();
    };
    transcriber.transcribe_files(recordings);
  }

  void settle_first(Transcription heard) {
    Begun& first = begun_.front();
    try {
      if (!kept_.empty()) heard.notes = select_instruments(heard.notes, kept_);
      first.outcome.transcription = std::move(heard);
      line_.reset();
      const fs::path& input = first.job->input;
      first.outputs->write(first.outcome.transcription.notes,
                           {.title = input.filename().string(),
                            .score_title = input == "-" ? "Transcription" : input.stem().string(),
                            .duration_sec = first.outcome.transcription.duration_sec,
                            .beats = options_.beats,
                            .stage = stage_ ? &*stage_ : nullptr,
                            .n_threads = options_.n_threads > 0 ? options_.n_threads : available_processors()});
      // Each moment counts for one recording, although several are in work.
      first.outcome.seconds =
          std::chrono::duration<double>(Clock::now() - std::max(first.start, last_settled_)).count();
    } catch (const Error& error) {
      first.outcome = failed(*first.job, error.what());
    } catch (const std::bad_alloc&) {
      first.outcome = failed(*first.job, "out of memory");
    }
    first.outputs.reset();
    report_settled();
  }

  /// Reports the outcomes at the front that are known.
  void report_settled() {
    if (interrupted() && !options_.stream) return;
    while (!begun_.empty() && !begun_.front().outputs) {
      const Begun& first = begun_.front();
      line_.reset();
      last_settled_ = Clock::now();
      if (first.outcome.kind == Outcome::Kind::kFailed) {
        failures_.push_back(fmt::format("{}: {}", first.job->input.string(), first.outcome.message));
        fmt::print(stderr, "yourmt3: {}\n", failures_.back());
      }
      report(*first.job, first.outcome);
      begun_.pop_front();
    }
    show_progress_of_first();
  }

  void show_progress_of_first() {
    if (!line_ && !begun_.empty()) line_.emplace(begun_.front().job->input.filename().string(), !options_.quiet);
  }

  static Outcome failed(const Job& job, const std::string& message) {
    // Messages of the reader begin with the name already.
    const std::string name = job.input.string() + ": ";
    return {Outcome::Kind::kFailed, message.starts_with(name) ? message.substr(name.size()) : message, {}, 0};
  }

  const Transcriber& load_model() {
    const auto start = Clock::now();
    Transcriber::Options options;
    options.n_threads = options_.n_threads;
    options.precision = options_.precision;
    options.decoding = decoding_;
    options.on_warning = [this](std::string_view text) {
      if (!options_.quiet) fmt::print(stderr, "yourmt3: warning: {}\n", text);
    };
    const fs::path model = find_model(options_.model);
    transcriber_.emplace(model, options);
    if (options_.verbose) {
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      fmt::print(stderr, "model {}, products in {}, loaded in {:.2f} s\n", model.string(),
                 precision_name(transcriber_->precision()), seconds);
    }
    return *transcriber_;
  }

  void report(const Job& job, const Outcome& outcome) const {
    if (options_.json) {
      fmt::print("{}\n", facts(job, outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      std::fflush(stdout);
    } else if (outcome.kind == Outcome::Kind::kDone && !results_on_stdout_) {
      for (const PlannedFile& file : job.files) fmt::print("{}\n", file.path.string());
      std::fflush(stdout);
    }
    if (options_.quiet) return;
    if (outcome.kind == Outcome::Kind::kSkipped)
      fmt::print(stderr, "{}: exists already, skipped\n", job.input.string());
    if (outcome.kind == Outcome::Kind::kDone) print_summary(job, outcome);
  }

  void print_summary(const Job& job, const Outcome& outcome) const {
    const Transcription& heard = outcome.transcription;
    fmt::print(stderr, "{}: {} of music in {:.1f} s, {} notes\n", job.input.string(), clock_text(heard.duration_sec),
               outcome.seconds, heard.notes.size());
    for (const InstrumentCount& count : count_instruments(heard.notes)) {
      fmt::print(stderr, "  {:<28} {:>6}\n", count.name, count.n_notes);
    }
    if (!options_.verbose) return;
    fmt::print(stderr, "  seconds: read {:.2f}, encode {:.2f}, decode {:.2f}, notes {:.2f}; {} tokens\n",
               heard.seconds.read, heard.seconds.encode, heard.seconds.decode, heard.seconds.notes, heard.n_tokens);
    for (const auto& [kind, count] : heard.decode_errors) fmt::print(stderr, "  {}: {}\n", kind, count);
  }

  nlohmann::json facts(const Job& job, const Outcome& outcome) const {
    static constexpr const char* kNames[] = {"done", "skipped", "failed"};
    nlohmann::json json = {{"input", job.input.string()}, {"status", kNames[static_cast<int>(outcome.kind)]}};
    if (outcome.kind == Outcome::Kind::kFailed) json["error"] = outcome.message;
    if (outcome.kind != Outcome::Kind::kDone) return json;
    const Transcription& heard = outcome.transcription;
    for (const PlannedFile& file : job.files) {
      json["outputs"][note_format_names()[static_cast<std::size_t>(file.format)]] = file.path.string();
    }
    json["duration_sec"] = heard.duration_sec;
    json["n_notes"] = heard.notes.size();
    json["n_tokens"] = heard.n_tokens;
    json["instruments"] = nlohmann::json::array();
    for (const InstrumentCount& count : count_instruments(heard.notes)) {
      json["instruments"].push_back({{"name", count.name}, {"program", count.program}, {"n_notes", count.n_notes}});
    }
    json["decode_errors"] = heard.decode_errors;
    json["precision"] = precision_name(transcriber_->precision());
    json["seconds"] = outcome.seconds;
    json["stage_seconds"] = {{"read", heard.seconds.read},
                             {"encode", heard.seconds.encode},
                             {"decode", heard.seconds.decode},
                             {"notes", heard.seconds.notes}};
    return json;
  }

  const TranscribeOptions& options_;
  Transcriber::Decoding decoding_;
  std::vector<const Instrument*> kept_;
  std::vector<Job> jobs_;
  bool results_on_stdout_;
  std::optional<Stage> stage_;
  std::optional<Transcriber> transcriber_;
  std::size_t next_job_ = 0;
  std::deque<Begun> begun_;
  std::optional<ProgressLine> line_;  // Of the first of them.
  Clock::time_point last_settled_{};
  std::vector<std::string> failures_;
};

}  // namespace

void add_transcribe_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("transcribe", "Turn recordings into MIDI, one track per instrument");
  auto options = std::make_shared<TranscribeOptions>();
  verb->add_option("INPUT", options->inputs, "Audio files, folders (searched recursively), or - for standard input");

  verb->add_option("-o,--output", options->output.output, "File to write, or - for standard output")->group("Output");
  verb->add_option("--output-dir", options->output.output_folder, "Folder to write to (default: beside the input)")
      ->group("Output");
  verb->add_option("--format", options->output.formats,
                   "midi, json, csv, png, scores musicxml, mxl, and to listen wav, flac, ogg, opus, mp3; several with "
                   "commas (default: midi)")
      ->group("Output");
  verb->add_flag("--beats", options->beats, "MIDI gets the tempo, bars and key of the music, JSON lists them")
      ->group("Output");
  verb->add_option("--soundfont", options->sound_fonts, kSoundFontHelp)->group("Output")->allow_extra_args(false);
  verb->add_option("--keep", options->keep, "Of the instruments heard, keep these, such as bass,drums")
      ->group("Output");
  verb->add_flag("--instruments", options->list_instruments, "List the names that --keep, --only and --without know")
      ->group("Output");
  verb->add_flag("--stream", options->stream,
                 "Print each note as a line of JSON while WAV sound arrives at standard input")
      ->group("Output");
  verb->add_flag("--force", options->force, "Replace existing files")->group("Output");
  verb->add_flag("--skip-existing", options->skip_existing, "Leave out recordings whose files all exist")
      ->group("Output");

  verb->add_option("--model", options->model,
                   "Model: a file, or a name that 'models' lists (default: YOURMT3_MODEL, else default)")
      ->group("Network");
  verb->add_option("--threads", options->n_threads, "Threads (default: all processors)")
      ->check(CLI::Range(0, 1024))
      ->group("Network");
  add_precision_option(*verb, options->precision)->group("Network");
  add_decoding_options(*verb, options->decoding, "Network");

  verb->add_flag("--json", options->json, "One JSON object for each recording on standard output")->group("Messages");
  verb->add_flag("-q,--quiet", options->quiet, "Only errors on standard error")->group("Messages");
  verb->add_flag("-v,--verbose", options->verbose, "More on standard error")->group("Messages");
  verb->footer(
      "Examples:\n"
      "  yourmt3 transcribe song.mp3                       writes song.mid\n"
      "  yourmt3 transcribe album/ --output-dir midi --format midi,png\n"
      "  yourmt3 transcribe song.flac --keep bass,drums -o groove.mid\n"
      "  yourmt3 transcribe trio.wav --only piano,bass,drums   when it is known who plays\n"
      "  ffmpeg -i film.mkv -f wav - | yourmt3 transcribe - -o film.mid\n"
      "  arecord -q -f S16_LE -r 44100 -t wav | yourmt3 transcribe - --stream");
  verb->callback([options, &invocation] {
    invocation.action = [options] {
      if (options->list_instruments) return list_instruments();
      if (options->inputs.empty()) throw UsageError("no INPUT given");
      return TranscribeRun(*options).run();
    };
  });
}

}  // namespace yourmt3::cli
