#include <filesystem>
#include <memory>
#include <string>

#include "audio/audio_reader.h"
#include "cli/interrupt.h"
#include "cli/listening.h"
#include "cli/listening_sounds.h"
#include "cli/verb.h"
#include "data/midi_songs.h"

namespace yourmt3::cli {
namespace {

struct ListenOptions {
  std::string song;
  std::string recording;
  ListeningChoice choice;
};

int listen(const ListenOptions& options) {
  if (options.choice.blend && options.recording.empty()) throw UsageError("--blend needs --with RECORDING");
  catch_interrupts();
  ListeningTask task;
  task.name = options.song;
  task.song = [&] { return read_song(options.song); };
  task.file_without_player = std::filesystem::path(options.song).replace_extension(".wav");
  if (!options.recording.empty()) {
    task.recording = [&](int sample_rate) {
      AudioReader::Options reading;
      reading.sample_rate = sample_rate;
      reading.keep_going = [] { return !interrupted(); };
      return load_audio(options.recording, reading);
    };
  }
  return listen_to(task, options.choice);
}

}  // namespace

void add_listen_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("listen", "Play notes, alone or beside the recording they were heard in");
  auto options = std::make_shared<ListenOptions>();
  verb->add_option("SONG", options->song, "Notes: MIDI, or JSON or CSV of this program")->required();
  verb->add_option("-o,--output", options->choice.output,
                   "Write .wav .flac .ogg .opus or .mp3 instead of playing; - for WAV on standard output");
  verb->add_option("--with", options->recording,
                   "Recording to compare with: it is on the left, the notes on the right, equally loud");
  verb->add_flag("--blend", options->choice.blend, "With --with: both on both sides");
  verb->add_option("--soundfont", options->choice.sound_fonts, kSoundFontHelp)->allow_extra_args(false);
  verb->add_option("--start", options->choice.start_sec, "Where to begin, in seconds")->check(CLI::NonNegativeNumber);
  verb->add_option("--length", options->choice.length_sec, "How much to play, in seconds [all]")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--threads", options->choice.n_threads, "Threads (default: all processors)")
      ->check(CLI::Range(0, 1024));
  verb->add_flag("--force", options->choice.force, "Replace files that exist");
  verb->add_flag("-q,--quiet", options->choice.quiet, "Only errors on standard error");
  verb->footer(
      "Examples:\n"
      "  yourmt3 listen song.mid                              plays it, or writes song.wav without a player\n"
      "  yourmt3 listen song.mid --with song.mp3 -o both.ogg");
  verb->callback([options, &invocation] { invocation.action = [options] { return listen(*options); }; });
}

}  // namespace yourmt3::cli
