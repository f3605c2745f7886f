#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/note_files.h"
#include "cli/verb.h"
#include "core/atomic_file.h"
#include "core/fail.h"
#include "score/note_file.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct NotateOptions {
  std::string notes, output, title;
  bool force = false;
};

int notate(const NotateOptions& options) {
  const fs::path input = options.notes;
  const fs::path output =
      options.output.empty() ? fs::path(input).replace_extension(".musicxml") : fs::path(options.output);
  const bool to_stdout = output == "-";
  const auto format = to_stdout ? NoteFormat::kMusicXml : note_format_of(output);
  if (!format || *format == NoteFormat::kCsv || *format == NoteFormat::kPng || is_audio(*format)) {
    throw UsageError(fmt::format("--output {}: expected .musicxml, .mxl, .mid or .json", output.string()));
  }
  NoteFileOptions file;
  file.score_title = options.title.empty() ? input.stem().string() : options.title;
  file.beats = true;
  const std::string bytes = notes_to_bytes(read_note_file_with_velocity(input), *format, file);
  if (to_stdout) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size()) {
      fail(ErrorCode::kIo, "standard output: cannot write the score");
    }
    return kExitDone;
  }
  write_file_atomically(output, bytes, options.force ? AtomicFile::Existing::kReplace : AtomicFile::Existing::kRefuse);
  fmt::print("{}\n", output.string());
  return kExitDone;
}

}  // namespace

void add_notate_verb(CLI::App& app, Invocation& invocation) {
  CLI::App* verb = app.add_subcommand("notate", "Write notes as a score, or give MIDI the beats and bars of its music");
  auto options = std::make_shared<NotateOptions>();
  verb->add_option("NOTES", options->notes, "Notes: MIDI, or JSON or CSV of this program")->required();
  verb->add_option(
      "-o,--output", options->output,
      "File to write: .musicxml or .mxl for a score, .mid or .json for notes with beats, - for MusicXML on "
      "standard output [NOTES.musicxml]");
  verb->add_option("--title", options->title, "Of the score [name of the file]");
  verb->add_flag("--force", options->force, "Replace an existing file");
  verb->footer(
      "Examples:\n"
      "  yourmt3 notate song.mid                  writes song.musicxml\n"
      "  yourmt3 notate song.json -o beats.mid    MIDI with a tempo map");
  verb->callback([options, &invocation] { invocation.action = [options] { return notate(*options); }; });
}

}  // namespace yourmt3::cli
