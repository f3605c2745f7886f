#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/stage.h"
#include "yourmt3/note.h"

namespace yourmt3::cli {

/// What notes can be written as; from kWav on they are played.
enum class NoteFormat { kMidi, kJson, kCsv, kPng, kMusicXml, kMxl, kWav, kFlac, kOgg, kOpus, kMp3 };

/// "midi", "json", "csv", "png", "musicxml", "mxl", "wav", "flac", "ogg", "opus", "mp3".
std::optional<NoteFormat> note_format_named(std::string_view name);
const std::vector<std::string>& note_format_names();

inline bool is_audio(NoteFormat format) {
  return format >= NoteFormat::kWav;
}

/// True for what read_note_file() reads: MIDI, JSON and CSV.
inline bool holds_notes(NoteFormat format) {
  return format < NoteFormat::kPng;
}

/// ".mid", ".json", ".csv", ".png", ".wav", and so on.
const char* extension_of(NoteFormat format);

/// The same, but ".transcribed.wav" and so on for audio, which could not stand beside its recording otherwise.
std::string extension_beside_recording(NoteFormat format);

/// By its extension, upper or lower case; none for an unknown one.
std::optional<NoteFormat> note_format_of(const std::filesystem::path& path);

/// What some formats want to know besides the notes.
struct NoteFileOptions {
  std::string title = {};        ///< Of pictures.
  std::string score_title = {};  ///< Of scores.
  double duration_sec = 0;       ///< Length of the recording, for pictures and audio.
  bool beats = false;            ///< MIDI and JSON tell the beats, bars and key of the music.
  const Stage* stage = nullptr;  ///< For audio, which needs one.
  int n_threads = 1;             ///< For audio.
};

/// The bytes of a file with these notes.
std::string notes_to_bytes(std::span<const Note> notes, NoteFormat format, const NoteFileOptions& options);

/// How many notes each instrument plays, by number of notes.
struct InstrumentCount {
  std::string name;
  int program = 0;  ///< kDrumProgram for drums.
  int n_notes = 0;
};
std::vector<InstrumentCount> count_instruments(std::span<const Note> notes);

}  // namespace yourmt3::cli
