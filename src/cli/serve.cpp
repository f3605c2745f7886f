#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "audio/audio_reader.h"
#include "cli/decode.h"
#include "cli/interrupt.h"
#include "cli/listening_sounds.h"
#include "cli/note_files.h"
#include "cli/program_files.h"
#include "cli/verb.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "engine/engine.h"
#include "model/weights.h"
#include "score/task.h"
#include "server/access.h"
#include "server/random_text.h"
#include "server/server.h"
#include "transcribe/pipeline.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct ServeOptions {
  ServerOptions server;
  std::string data_folder, token_file, model;
  std::vector<std::string> sound_fonts;
  double max_upload_mib = 512, max_minutes = 120, max_disk_gib = 64;
  int n_threads = 0;
  bool quiet = false;
};

fs::path default_data_folder() {
  const fs::path folder = user_data_folder();
  if (folder.empty()) throw UsageError("HOME is not set: say with --data where jobs are kept");
  return folder / "serve";
}

/// The token of the file, of the environment, or for hosts that others can reach a new one.
std::string choose_token(const ServeOptions& options) {
  if (!options.token_file.empty()) {
    std::ifstream file(options.token_file);
    std::string token;
    if (!(file >> token)) fail(ErrorCode::kNotFound, "{}: cannot read a token from this file", options.token_file);
    return token;
  }
  if (const char* token = std::getenv("YOURMT3_TOKEN"); token != nullptr && *token != '\0') return token;
  return is_loopback(options.server.host) ? "" : random_hex(16);
}

std::string content_type_of(NoteFormat format) {
  switch (format) {
    case NoteFormat::kMidi:
      return "audio/midi";
    case NoteFormat::kJson:
      return "application/json";
    case NoteFormat::kCsv:
      return "text/csv; charset=utf-8";
    case NoteFormat::kPng:
      return "image/png";
    case NoteFormat::kMusicXml:
      return "application/vnd.recordare.musicxml+xml";
    case NoteFormat::kMxl:
      return "application/vnd.recordare.musicxml";
    case NoteFormat::kWav:
      return "audio/wav";
    case NoteFormat::kFlac:
      return "audio/flac";
    case NoteFormat::kOgg:
    case NoteFormat::kOpus:
      return "audio/ogg";
    case NoteFormat::kMp3:
      return "audio/mpeg";
  }
  return "application/octet-stream";
}

std::vector<ResultFormat> result_formats(const Stage& stage, int n_threads) {
  std::vector<ResultFormat> formats;
  for (const std::string& name : note_format_names()) {
    const NoteFormat format = *note_format_named(name);
    formats.push_back(
        {name, content_type_of(format), extension_of(format),
         [format, &stage, n_threads](std::span<const Note> notes, const std::string& title, double duration_sec) {
           return notes_to_bytes(notes, format,
                                 {.title = title,
                                  .score_title = fs::path(title).stem().string(),
                                  .duration_sec = duration_sec,
                                  .stage = &stage,
                                  .n_threads = n_threads});
         }});
  }
  return formats;
}

/// For recordings of that length: even slow processors decode ten times as fast as they play.
DecoderLimits decoder_limits(double max_duration_sec) {
  return {.cpu_sec = static_cast<int>(std::min(60 + max_duration_sec / 10, 1e6))};
}

DecodingChoice choice(const Engine& engine, const Transcriber::Decoding& decoding) {
  return decoding_choice(decoding, task(engine.config().task));
}

/// The samples of a recording, decoded by a process of its own.
OpenSource decoded(const fs::path& recording, const Engine& engine, const ServerOptions& server) {
  return [&server, recording, sample_rate = engine.config().front_end.sample_rate](const std::stop_token& stop) {
    AudioReader::Options reading;
    reading.sample_rate = sample_rate;
    reading.log = server.log;
    reading.decoder = server.decoder;
    reading.keep_going = [stop] { return !stop.stop_requested(); };
    // Shared, because what is in a std::function can be copied.
    const auto reader = std::make_shared<AudioReader>(recording, std::move(reading));
    return SampleSource{[reader](std::span<float> out) { return reader->read(out); },
                        reader->info().duration_sec.value_or(0)};
  };
}

int serve(ServeOptions options) {
  catch_interrupts();
  options.server.data_folder = options.data_folder.empty() ? default_data_folder() : fs::path(options.data_folder);
  options.server.token = choose_token(options);
  options.server.max_upload_bytes = static_cast<std::int64_t>(options.max_upload_mib * 1048576);
  options.server.max_duration_sec = options.max_minutes * 60;
  options.server.max_disk_bytes = static_cast<std::int64_t>(options.max_disk_gib * 1073741824);
  const auto warn = [quiet = options.quiet](std::string_view text) {
    if (!quiet) fmt::print(stderr, "yourmt3: warning: {}\n", text);
  };
  options.server.log = [warn](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning) warn(text);
  };

  options.server.decoder = decode_command(decoder_limits(options.server.max_duration_sec));
  options.server.decoder.max_sec = options.server.max_duration_sec;

  const Engine engine(load_model(find_model(options.model), options.server.log),
                      {.n_threads = options.n_threads, .precision = Precision::kAuto});
  options.server.check_decoding = [&engine](const Transcriber::Decoding& decoding) { choice(engine, decoding); };
  const Stage stage = open_stage({}, options.sound_fonts, options.quiet);
  const int n_threads = options.n_threads > 0 ? options.n_threads : available_processors();

  const Server server(
      options.server,
      [&](const Job& job, const fs::path& recording, const Transcriber::Progress& progress,
          const Transcriber::OnNotes& on_notes) {
        return transcribe(
            engine, {.open = decoded(recording, engine, options.server), .on_notes = on_notes},
            [&progress](const Progress& now) { return progress(now.done, now.total); },
            choice(engine, {.only = job.only, .without = job.without}));
      },
      result_formats(stage, n_threads));
  fmt::print("{}\n", server.url());
  std::fflush(stdout);
  if (!options.quiet) {
    fmt::print(stderr, "Open that address in a browser; Ctrl-C stops. Jobs are kept in {}\n",
               options.server.data_folder.string());
  }
  while (!interrupted()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return kExitDone;
}

}  // namespace

void add_serve_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("serve", "Transcribe in the browser and for other programs, over HTTP");
  auto options = std::make_shared<ServeOptions>();
  ServerOptions& server = options->server;
  verb->add_option("--port", server.port, "Port to listen on, 0 for one that is free [8000]")
      ->check(CLI::Range(0, 65535));
  verb->add_option("--host", server.host,
                   "Name or address to listen on; others than this machine's need a token [127.0.0.1]");
  verb->add_option("--data", options->data_folder,
                   "Folder for recordings and notes (default: ~/.local/share/yourmt3/serve)");
  verb->add_option(
      "--token-file", options->token_file,
      "File with the token that clients show (default: YOURMT3_TOKEN, else a new one for hosts that others reach)");

  verb->add_option("--max-upload", options->max_upload_mib, "Largest recording, in MiB [512]")
      ->check(CLI::PositiveNumber)
      ->group("Limits");
  verb->add_option("--max-minutes", options->max_minutes, "Longest recording, in minutes [120]")
      ->check(CLI::PositiveNumber)
      ->group("Limits");
  verb->add_option("--max-waiting", server.max_waiting, "Jobs that may wait [16]")
      ->check(CLI::Range(1, 100000))
      ->group("Limits");
  verb->add_option("--max-disk", options->max_disk_gib, "What --data may hold in all, in GiB [64]")
      ->check(CLI::Range(1e-6, 1e6))
      ->group("Limits");

  verb->add_option("--model", options->model,
                   "Model: a file, or a name that 'models' lists (default: YOURMT3_MODEL, else default)")
      ->group("Network");
  verb->add_option("--threads", options->n_threads, "Threads (default: all processors)")
      ->check(CLI::Range(0, 1024))
      ->group("Network");
  verb->add_option("--soundfont", options->sound_fonts, kSoundFontHelp)->group("Network")->allow_extra_args(false);
  verb->add_flag("-q,--quiet", options->quiet, "Only errors on standard error");
  verb->footer(
      "Examples:\n"
      "  yourmt3 serve                                         prints the address to open\n"
      "  curl -F audio=@song.mp3 localhost:8000/api/v1/jobs    the same for programs");
  verb->callback([options, &invocation] { invocation.action = [options] { return serve(*options); }; });
}

}  // namespace yourmt3::cli
