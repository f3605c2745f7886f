#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "yourmt3/error.h"
#include "yourmt3/export.h"
#include "yourmt3/note.h"

namespace yourmt3 {

struct Beat {
  double time_sec = 0;      ///< Seconds from the start of the recording.
  bool begins_bar = false;  ///< A downbeat.

  friend bool operator==(const Beat&, const Beat&) = default;
};

/// How music is counted and in which key it stands.
struct Beats {
  std::vector<Beat> beats;  ///< Ascending, from the start of the recording to behind the last note; none without notes.
  double quarters_per_minute = 120;  ///< By the median beat.
  int numerator = 4;                 ///< Of the time signature.
  int denominator = 4;               ///< 4: a beat is a quarter; 8: a dotted quarter.
  std::string tonic = "C";           ///< "G", "F#", "Bb".
  bool is_minor = false;
  int fifths = 0;  ///< Sharps of the key signature, or flats when negative.
};

/// Estimates beats, bars, metre and key of notes in any order. Throws Error(kInvalidArgument) for a time that is not in
/// 0 to 100000 s, and for a pitch or program that MIDI does not have; so do the others.
YOURMT3_API Beats find_beats(std::span<const Note> notes);

/// Writes the notes as a score in MusicXML 4.0, quantised, a part for each program; compressed when `path` ends in
/// ".mxl". Whole or not at all; replaces an existing file. Throws Error(kIo), Error(kUnsupported) for more than half a
/// million measures.
YOURMT3_API void write_musicxml(const std::filesystem::path& path, std::span<const Note> notes,
                                const std::string& title);

/// write_midi() with the tempo of every beat, time signature and key, so that bars of the file are bars of the music.
/// Notes keep their times.
YOURMT3_API void write_midi_with_beats(const std::filesystem::path& path, std::span<const Note> notes);

}  // namespace yourmt3
