#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.h"
#include "data/render_dataset.h"
#include "data/song.h"

namespace yourmt3 {

/// A file of notes as a song. MIDI: one part for each track, channel and program, as exact as the file is; the sustain
/// pedal prolongs notes, programs outside 0-95 stay as the file has them. Our JSON and CSV: song_of_notes(). Throws
/// Error as read_note_file() does.
Song read_song(const std::filesystem::path& file);

/// A song as MIDI notes, for a reference beside rendered audio. Velocities are kept.
std::vector<Note> song_notes(const Song& song);

/// Which files of a sorted list are held out for validation: those named in `always` (without extension), and of the
/// others every `period`-th.
std::vector<bool> held_out(std::span<const std::filesystem::path> files, std::span<const std::string> always,
                           int period);

struct MidiCollectionOptions {
  std::vector<std::filesystem::path> folders;  ///< Searched for *.mid and *.midi, with folders inside.
  std::string split = "train";                 ///< "train", "validation", or empty for all.
  std::vector<std::string> held_out;           ///< File names without extension that are always validation.
  int held_out_period = 12;                    ///< Of the others every twelfth is validation; 0 for none.
  std::string licence;                         ///< Stated for every song.
};

/// Reads a collection. A file that is broken or holds no notes is reported to `log` and left out. Throws
/// Error(kNotFound) when a folder does not exist or no song is left.
std::vector<NamedSong> load_midi_collection(const MidiCollectionOptions& options, const LogSink& log = {});

}  // namespace yourmt3
