#pragma once

#include <span>
#include <string>
#include <vector>

#include "notation/beat_grid.h"
#include "notation/key_finder.h"
#include "score/midi_file.h"
#include "yourmt3/note.h"

namespace yourmt3 {

/// How music is counted and in which key it stands.
struct MusicAnalysis {
  BeatGrid grid;  ///< Beats from before the first onset to after the last offset; none without notes.
  KeySignature key;
};

/// Beats, bars, metre and key of notes in any order; notes of velocity 0 do not count. Takes time and memory in
/// proportion to the length of the music. Throws Error(kInvalidArgument) for a time that is not in 0 to 100000 s, and
/// for a pitch or program that MIDI does not have.
MusicAnalysis analyse_music(std::span<const Note> notes);

/// The notes as a score in MusicXML 4.0.
std::string notes_to_musicxml(std::span<const Note> notes, const std::string& title);

/// notes_to_midi() with the tempo of every beat, time signatures and the key: bar lines of the file fall on bar lines
/// of the music, while every message keeps its time within a tick. Before the first bar line there is a bar of as many
/// beats as lie between it and the beginning, the first of which is cut where the recording begins within it.
MidiFile notes_to_midi_with_beats(std::span<const Note> notes);

/// notes_to_json() with the members "tempo" (quarters a minute), "time_signature" ("4/4"), "key" (tonic, mode, fifths),
/// "beats" and "downbeats" (seconds).
std::string notes_to_json_with_beats(std::span<const Note> notes);

}  // namespace yourmt3
