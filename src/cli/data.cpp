#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "audio/resampler.h"
#include "cli/interrupt.h"
#include "cli/listening.h"
#include "cli/listening_sounds.h"
#include "cli/progress_line.h"
#include "cli/verb.h"
#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "data/audio_out.h"
#include "data/synthesizer.h"
#include "data/track_mix.h"
#include "prepare/ensemble_lists.h"
#include "prepare/store_index.h"
#include "prepare/store_summary.h"
#include "prepare/verify_store.h"
#include "score/note_text.h"

namespace yourmt3::cli {
namespace {

struct DataOptions {
  std::string action;
  std::string folder;
  std::string track, split;
  std::vector<std::string> pairs;
  ListeningChoice listening;
  bool json = false;
};

int print_summary(const DataOptions& options) {
  const StoreSummary summary = summarize_store(options.folder);
  fmt::print("{}", options.json ? summary_json(summary) + "\n" : summary_text(summary));
  return kExitDone;
}

int verify(const DataOptions& options) {
  catch_interrupts();
  const int threads = options.listening.n_threads > 0 ? options.listening.n_threads : available_processors();
  ProgressLine line("verify", !options.listening.quiet);
  const auto problems = verify_store(options.folder, threads, [&line](const Progress& progress) {
    line.update(progress.done, progress.total);
    return !interrupted();
  });
  line.clear();
  if (options.json) {
    fmt::print("{}\n", nlohmann::json{{"folder", options.folder}, {"problems", problems}}.dump(
                           -1, ' ', false, nlohmann::json::error_handler_t::replace));
  } else {
    for (const std::string& problem : problems) fmt::print("{}\n", problem);
    if (problems.empty()) fmt::print("all files are there and as told\n");
  }
  return problems.empty() ? kExitDone : kExitFailed;
}

int listen(const DataOptions& options) {
  catch_interrupts();
  const Store::Track track = open_store_track(options.folder, options.track);
  ListeningTask task;
  task.name = "track " + track.info.id;
  task.song = [&] { return song_of_notes(track_notes(track)); };
  task.recording = [&](int sample_rate) {
    Resampler resampler(kRenderRate, sample_rate);
    std::vector<float> samples;
    resampler.push(track_mix(track), samples);
    resampler.finish(samples);
    return samples;
  };
  task.file_without_player = track.info.id + ".wav";
  if (!options.listening.quiet)
    fmt::print(stderr, "{} ({}), left; its notes, right\n", track.info.id, track.info.split);
  return listen_to(task, options.listening);
}

/// The recordings of tracks as the network hears them, and their notes, for other programs.
int export_tracks(const DataOptions& options) {
  const std::filesystem::path folder = options.listening.output;
  if (folder.empty()) throw UsageError("'data export' needs a folder: -o DIR");
  catch_interrupts();
  const auto existing = options.listening.force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse;
  const Store store(options.folder, options.split);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(ErrorCode::kIo, "{}: cannot make this folder: {}", folder.string(), error.message());
  ProgressLine line("export", !options.listening.quiet);
  double n_done = 0;
  for (const Store::Track& track : store.tracks()) {
    if (interrupted()) fail(ErrorCode::kCancelled, "interrupted");
    write_audio(folder / (track.info.id + ".wav"), track_mix(track), kRenderRate, 1, existing);
    write_file_atomically(folder / (track.info.id + ".json"), notes_to_json(track_notes(track)), existing);
    line.update(++n_done, static_cast<double>(store.tracks().size()));
  }
  line.clear();
  fmt::print("{} tracks\n", store.tracks().size());
  return kExitDone;
}

int part_by_ensemble(const DataOptions& options) {
  std::vector<InstrumentPair> pairs;
  for (const std::string& pair : options.pairs) {
    try {
      pairs.push_back(parse_instrument_pair(pair));
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
  }
  if (pairs.empty()) throw UsageError("'data ensembles' needs --pair, such as --pair Organ+Strings");
  for (const auto& list : write_ensemble_lists(options.folder, pairs).lists) {
    fmt::print("{:<28} {} tracks\n", list.name, list.tracks);
  }
  return kExitDone;
}

int look_at_data(const DataOptions& options) {
  if (options.action != "listen" && !options.track.empty()) throw UsageError("TRACK is for 'data listen' only");
  if (options.action != "ensembles" && !options.pairs.empty()) throw UsageError("--pair is for 'data ensembles' only");
  if (options.action != "export" && !options.split.empty()) throw UsageError("--split is for 'data export' only");
  if (options.action == "info") return print_summary(options);
  if (options.action == "export") return export_tracks(options);
  if (options.action == "ensembles") return part_by_ensemble(options);
  return options.action == "verify" ? verify(options) : listen(options);
}

}  // namespace

void add_data_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("data", "Look at, check and listen to a prepared data set");
  auto options = std::make_shared<DataOptions>();
  auto& listening = options->listening;
  verb->add_option(
          "ACTION", options->action,
          "info: what is in it; verify: whether it is whole; listen: hear a track; export: recordings and notes as "
          "files; ensembles: list its tracks by who plays together")
      ->required()
      ->check(CLI::IsMember({"info", "verify", "listen", "export", "ensembles"}));
  verb->add_option("DIR", options->folder, "Folder of the store")->required();
  verb->add_option("TRACK", options->track, "listen: id of the track [the first]");
  verb->add_option("--pair", options->pairs,
                   "ensembles: two instruments, such as Organ+Strings; tracks that have both go into SPLIT_unseen, "
                   "others into SPLIT_seen; may be repeated")
      ->allow_extra_args(false);
  verb->add_flag("--json", options->json, "info, verify: print JSON");
  verb->add_option(
      "-o,--output", listening.output,
      "listen: write .wav .flac .ogg .opus or .mp3 instead of playing; - for WAV on standard output; export: "
      "folder to write to");
  verb->add_option("--split", options->split, "export: a split or list of its tracks [all]");
  verb->add_flag("--blend", listening.blend, "listen: recording and notes on both sides");
  verb->add_option("--soundfont", listening.sound_fonts, kSoundFontHelp)->allow_extra_args(false);
  verb->add_option("--start", listening.start_sec, "listen: where to begin, in seconds")->check(CLI::NonNegativeNumber);
  verb->add_option("--length", listening.length_sec, "listen: how much, in seconds [all]")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--threads", listening.n_threads, "Threads (default: all processors)")->check(CLI::Range(0, 1024));
  verb->add_flag("--force", listening.force, "listen, export: replace files that exist");
  verb->add_flag("-q,--quiet", listening.quiet, "Only errors on standard error");
  verb->footer(
      "Examples:\n"
      "  yourmt3 data info data/maestro\n"
      "  yourmt3 data verify data/maestro                     exit status 1 if anything is wrong\n"
      "  yourmt3 data listen data/slakh Track01876 -o both.ogg  the recording left, its notes right\n"
      "  yourmt3 data export data/slakh --split test -o slakh   WAV and JSON of each track\n"
      "  yourmt3 data ensembles data/slakh --pair Organ+Strings --pair Piano+Reed");
  verb->callback([options, &invocation] { invocation.action = [options] { return look_at_data(*options); }; });
}

}  // namespace yourmt3::cli
