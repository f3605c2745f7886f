#include "cli/note_files.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/fail.h"
#include "core/lower_case.h"
#include "data/audio_out.h"
#include "notation/music_analysis.h"
#include "notation/musicxml.h"
#include "score/midi_writer.h"
#include "score/note_text.h"
#include "transcribe/piano_roll.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {

const std::vector<std::string>& note_format_names() {
  static const std::vector<std::string> names = {"midi", "json", "csv", "png",  "musicxml", "mxl",
                                                 "wav",  "flac", "ogg", "opus", "mp3"};  // In the order of NoteFormat.
  return names;
}

std::optional<NoteFormat> note_format_named(std::string_view name) {
  const auto& names = note_format_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<NoteFormat>(found - names.begin());
}

const char* extension_of(NoteFormat format) {
  static constexpr std::array kExtensions = {".mid", ".json", ".csv", ".png",  ".musicxml", ".mxl",
                                             ".wav", ".flac", ".ogg", ".opus", ".mp3"};
  return kExtensions[static_cast<std::size_t>(format)];
}

std::string extension_beside_recording(NoteFormat format) {
  return std::string(is_audio(format) ? ".transcribed" : "") + extension_of(format);
}

std::optional<NoteFormat> note_format_of(const std::filesystem::path& path) {
  const std::string extension = lower_case(path.extension().string());
  if (extension == ".midi") return NoteFormat::kMidi;
  for (std::size_t i = 0; i < note_format_names().size(); ++i) {
    const auto format = static_cast<NoteFormat>(i);
    if (extension == extension_of(format)) return format;
  }
  return std::nullopt;
}

std::string notes_to_bytes(std::span<const Note> notes, NoteFormat format, const NoteFileOptions& options) {
  switch (format) {
    case NoteFormat::kMidi:
      return serialize_midi(options.beats ? notes_to_midi_with_beats(notes) : notes_to_midi(notes));
    case NoteFormat::kJson:
      return options.beats ? notes_to_json_with_beats(notes) : notes_to_json(notes);
    case NoteFormat::kCsv:
      return notes_to_csv(notes);
    case NoteFormat::kPng:
      return piano_roll_png(notes, {.title = options.title, .duration_sec = options.duration_sec});
    case NoteFormat::kMusicXml:
      return notes_to_musicxml(notes, options.score_title);
    case NoteFormat::kMxl:
      return compress_musicxml(notes_to_musicxml(notes, options.score_title));
    default:
      break;
  }
  YOURMT3_ASSERT(options.stage != nullptr);
  Song song = song_of_notes(notes);
  song.seconds = std::max(song.seconds, options.duration_sec);
  const StereoSound sound = render_mix(std::move(song), *options.stage, options.n_threads);
  return audio_bytes(extension_of(format), sound.samples, sound.sample_rate, 2);
}

std::vector<InstrumentCount> count_instruments(std::span<const Note> notes) {
  std::map<std::string, InstrumentCount> counts;
  for (const Note& note : notes) {
    const int program = note.is_drum ? kDrumProgram : note.program;
    const std::string name = instrument_name(program);
    InstrumentCount& count = counts.try_emplace(name, InstrumentCount{name, program, 0}).first->second;
    ++count.n_notes;
  }
  std::vector<InstrumentCount> sorted;
  for (const auto& [name, count] : counts) sorted.push_back(count);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const InstrumentCount& a, const InstrumentCount& b) { return a.n_notes > b.n_notes; });
  return sorted;
}

}  // namespace yourmt3::cli
