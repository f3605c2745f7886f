#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/decoding_options.h"
#include "cli/interrupt.h"
#include "cli/journal.h"
#include "cli/listening_sounds.h"
#include "cli/note_files.h"
#include "cli/output_plan.h"
#include "cli/precision_option.h"
#include "cli/program_files.h"
#include "cli/progress_line.h"
#include "cli/recording_outcome.h"
#include "cli/recording_outputs.h"
#include "cli/shard.h"
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
  bool force = false, skip_existing = false, retry_failed = false;
  std::string journal, shard;
  bool json = false, quiet = false, verbose = false;
  bool list_instruments = false;
  bool stream = false;
};

int list_instruments() {
  for (const Instrument& instrument : instruments()) {
    fmt::print("{}{}\n", instrument.name == instrument.family ? "" : "  ", instrument.name);
  }
  return kExitDone;
}

using Outcome = RecordingOutcome;

class TranscribeRun {
 public:
  explicit TranscribeRun(const TranscribeOptions& options)
      : options_(options),
        decoding_(decoding_of(options.decoding)),
        kept_(instruments_named("--keep", options.keep)),
        shard_(parse_shard(options.shard, process_environment())),
        jobs_(plan(options)),
        results_on_stdout_(options.stream || (!jobs_.empty() && !jobs_.front().files.empty() &&
                                              jobs_.front().files.front().path == "-")) {
    if (results_on_stdout_ && options.json) throw UsageError("--json and notes cannot both go to standard output");
    if (options.force && options.skip_existing) throw UsageError("--force and --skip-existing exclude each other");
    if (options.retry_failed && options.journal.empty()) throw UsageError("--retry-failed needs --journal");
    if (results_on_stdout_ && !(options.journal.empty() && options.shard.empty())) {
      throw UsageError("--journal and --shard are for files, but these notes go to standard output");
    }
    std::erase_if(jobs_, [this](const Job& job) { return !shard_.holds(job.name); });
  }

  int run() {
    catch_interrupts();
    if (!options_.journal.empty()) journal_.emplace(options_.journal, shard_);
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
      line_.reset();
      if (error.code() != ErrorCode::kCancelled) {
        print_failures();
        if (jobs_.size() > 1) {
          fmt::print(stderr, "yourmt3: stopped with {} of {} recordings still to do\n", jobs_.size() - n_settled_,
                     jobs_.size());
        }
        throw;
      }
    }
    if (interrupted()) return interrupt_status();
    print_totals();
    print_failures();
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
    if (output.output.empty() && output.output_folder.empty()) return {Job{"-", {}, {}, {}}};
    return plan_jobs(options.inputs, output);
  }

  /// A job from its beginning until its outcome is reported, which happens in order.
  struct Begun {
    const Job* job;
    std::optional<RecordingOutputs> outputs;  ///< None when the outcome is known already.
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

  void print_totals() const {
    if (options_.quiet) return;
    if (n_done_before_ > 0) {
      fmt::print(stderr, "{} of {} recordings were done before, says {}\n", n_done_before_, jobs_.size(),
                 journal_->path().string());
    }
    if (jobs_.empty()) {
      fmt::print(stderr, "no recordings in shard {}/{}\n", shard_.index + 1, shard_.count);
    }
  }

  void print_failures() const {
    if (failures_.empty() || jobs_.size() == 1) return;
    fmt::print(stderr, "{} of {} recordings failed:\n", failures_.size(), jobs_.size());
    for (const std::string& failure : failures_) fmt::print(stderr, "  {}\n", failure);
  }

  AtomicFile::Existing existing() const {
    return options_.force || options_.skip_existing ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse;
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
      try {
        if (begin(begun)) {
          show_progress_of_first();
          return true;
        }
      } catch (const DiskFullError&) {
        throw;
      } catch (const Error& error) {
        begun.outcome = failed_outcome(job, error.what());
      }
      report_settled();
    }
    return false;
  }

  /// Opens the outputs of a job; false when there is nothing to transcribe, because its outcome is known.
  bool begin(Begun& begun) const {
    const Job& job = *begun.job;
    if (journal_ && journal_->has_done(job, existing())) {
      begun.outcome.kind = Outcome::Kind::kSkipped;
      begun.outcome.in_journal = true;
    } else if (const auto failure = journal_ && !options_.retry_failed ? journal_->failure(job) : std::nullopt) {
      begun.outcome = failed_outcome(job, *failure);
      begun.outcome.in_journal = true;
    } else if (!job.problem.empty()) {
      begun.outcome = failed_outcome(job, job.problem);
    } else if (options_.skip_existing && exists_already(job)) {
      begun.outcome.kind = Outcome::Kind::kSkipped;
    } else {
      begun.outputs.emplace(job, existing());
    }
    return begun.outputs.has_value();
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
      begun_.front().outcome = failed_outcome(*begun_.front().job, error.what());
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
      first.outcome.precision = transcriber_->precision();
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
    } catch (const DiskFullError&) {
      throw;
    } catch (const Error& error) {
      first.outcome = failed_outcome(*first.job, error.what());
    } catch (const std::bad_alloc&) {
      first.outcome = failed_outcome(*first.job, "out of memory");
    }
    if (first.outcome.kind == Outcome::Kind::kDone) commit_first();
    first.outputs.reset();
    report_settled();
  }

  /// Gives the files of the first job their names, once the journal knows of them.
  void commit_first() {
    Begun& first = begun_.front();
    if (journal_) {
      journal_->add(*first.job, outcome_json(*first.job, first.outcome), first.outputs->hashes());
      first.outcome.in_journal = true;
    }
    try {
      first.outputs->commit();
    } catch (const Error& error) {
      first.outcome = failed_outcome(*first.job, error.what());
    }
  }

  /// Reports the outcomes at the front that are known.
  void report_settled() {
    if (interrupted() && !options_.stream) return;
    while (!begun_.empty() && !begun_.front().outputs) {
      const Begun& first = begun_.front();
      line_.reset();
      last_settled_ = Clock::now();
      if (journal_ && !first.outcome.in_journal) journal_->add(*first.job, outcome_json(*first.job, first.outcome), {});
      if (first.outcome.kind == Outcome::Kind::kFailed) {
        failures_.push_back(fmt::format("{}: {}", first.job->input.string(), first.outcome.message));
        fmt::print(stderr, "yourmt3: {}{}\n", failures_.back(),
                   first.outcome.in_journal ? " (in an earlier run; --retry-failed tries again)" : "");
      }
      if (first.outcome.kind == Outcome::Kind::kSkipped && first.outcome.in_journal) {
        ++n_done_before_;
      } else {
        report(*first.job, first.outcome);
      }
      ++n_settled_;
      begun_.pop_front();
    }
    show_progress_of_first();
  }

  void show_progress_of_first() {
    if (!line_ && !begun_.empty()) line_.emplace(begun_.front().job->input.filename().string(), !options_.quiet);
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
      fmt::print("{}\n", outcome_json(job, outcome).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      std::fflush(stdout);
    } else if (outcome.kind == Outcome::Kind::kDone && !results_on_stdout_) {
      for (const PlannedFile& file : job.files) fmt::print("{}\n", file.path.string());
      std::fflush(stdout);
    }
    if (options_.quiet) return;
    if (outcome.kind == Outcome::Kind::kSkipped)
      fmt::print(stderr, "{}: exists already, skipped\n", job.input.string());
    if (outcome.kind == Outcome::Kind::kDone) print_outcome(job, outcome, options_.verbose);
  }

  const TranscribeOptions& options_;
  Transcriber::Decoding decoding_;
  std::vector<const Instrument*> kept_;
  Shard shard_;
  std::vector<Job> jobs_;
  bool results_on_stdout_;
  std::optional<Journal> journal_;
  std::optional<Stage> stage_;
  std::optional<Transcriber> transcriber_;
  std::size_t next_job_ = 0;
  std::deque<Begun> begun_;
  std::optional<ProgressLine> line_;  // Of the first of them.
  Clock::time_point last_settled_{};
  std::size_t n_settled_ = 0, n_done_before_ = 0;
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

  constexpr const char* kMany = "Many recordings";
  verb->add_option("--journal", options->journal,
                   "File of JSON lines that remembers what was done; the same command goes on from there")
      ->group(kMany);
  verb->add_flag("--retry-failed", options->retry_failed, "Try again what failed, says the journal")->group(kMany);
  verb->add_option("--shard", options->shard,
                   "Only part I of N (I/N, from 1 on); auto: as Slurm, MPI or Kubernetes tell this process")
      ->group(kMany);

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
      "  yourmt3 transcribe music/ --output-dir midi --journal midi.jsonl   goes on where it was killed\n"
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
