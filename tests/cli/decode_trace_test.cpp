// The workload in bench/traces is that of music which the program composes.

#include <gtest/gtest.h>

#include "data/composer.h"
#include "data/midi_songs.h"
#include "score/decode_lengths.h"
#include "score/midi_file.h"
#include "score/midi_reader.h"
#include "score/midi_writer.h"

namespace yourmt3 {
namespace {

TEST(DecodeTrace, IsThatOfThePieceThatItsRemarksName) {
  // As `yourmt3 synth --compose 20 --style pop --length 300 --midi piece.mid` writes the notes, and
  // `yourmt3 bench piece.mid --write-decode-lengths` reads them.
  ComposeOptions options;
  options.seed = 20;
  options.style = Style::kPop;
  options.seconds = 300;
  options.surprise = 0.1;
  MidiWriteOptions as_is;
  as_is.instruments = nullptr;
  const auto midi = serialize_midi(notes_to_midi(song_notes(compose(options)), as_is));
  const std::vector<Note> notes = read_notes(parse_midi(std::as_bytes(std::span(midi))), general_midi_options()).notes;
  const DecodeLengths made = decode_lengths_of(notes, task("mc13_full_plus_256"));
  const DecodeLengths shipped = read_decode_lengths(YOURMT3_TEST_SOURCE_DIR "/bench/traces/pop_300s.lengths");
  EXPECT_EQ(made.n_segments(), 147u);
  EXPECT_EQ(shipped, made);
}

}  // namespace
}  // namespace yourmt3
