#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "support/property.h"

#include <rapidcheck/gtest.h>

#include "made_up_music.h"
#include "notation/music_analysis.h"
#include "notation/musicxml.h"
#include "notation/quantizer.h"
#include "notation/sheet_builder.h"
#include "score/midi_reader.h"
#include "score/midi_writer.h"
#include "score_reader.h"

namespace yourmt3::testing {
namespace {

/// Any notes that MIDI can hold, crowded or sparse.
rc::Gen<std::vector<Note>> any_notes() {
  const auto note = rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 60000),
                     rc::gen::weightedOneOf<int>({{6, rc::gen::inRange(0, 1500)}, {1, rc::gen::inRange(0, 20000)}}),
                     rc::gen::inRange(0, 128), rc::gen::element(0, 25, 33, 48, 73, 90, 100, 127, 128, 128)),
      [](const std::tuple<int, int, int, int>& drawn) {
        const auto [onset_ms, length_ms, pitch, program] = drawn;
        return program == kDrumProgram ? struck(onset_ms / 1000.0, pitch)
                                       : played(onset_ms / 1000.0, length_ms / 1000.0, pitch, program);
      });
  return rc::gen::container<std::vector<Note>>(note);
}

RC_GTEST_PROP(Score, AnyNotesGiveARightScore, ()) {
  const std::vector<Note> notes = *any_notes();
  read_score(notes_to_musicxml(notes, "any"));
}

// What the quantiser decided stands in the score: every note by part, pitch and beginning.
RC_GTEST_PROP(Score, ReadsBackAsQuantised, ()) {
  const std::vector<Note> notes = *any_notes();
  RC_PRE(!notes.empty());
  const MusicAnalysis analysis = analyse_music(notes);
  std::map<int, std::vector<Note>> by_program;
  for (Note note : notes) {
    while (!note.is_drum && note.pitch < 13) note.pitch += 12;  // Below, there are no names.
    by_program[note.program].push_back(note);
  }
  std::set<std::tuple<int, int, int>> expected, found;
  int part = 0, first = analysis.grid.metre.compound ? 36 : 24;
  int first_begin = std::numeric_limits<int>::max();
  for (const auto& [program, own] : by_program) {
    for (const QuantizedNote& note : quantize(own, analysis.grid).notes) {
      expected.insert({part, note.begin, note.pitch});
      first_begin = std::min(first_begin, note.begin);
    }
    ++part;
  }
  const int start = first_begin / first * first;
  const std::string xml = sheet_to_musicxml(build_sheet(notes, analysis.grid, analysis.key, ""));
  for (const ReadNote& note : read_score(xml).notes) found.insert({note.part, note.begin + start, note.pitch});
  RC_ASSERT(found == expected);
}

RC_GTEST_PROP(Score, TempoMapKeepsTimes, ()) {
  const std::vector<Note> notes = *any_notes();
  MidiNoteOptions options = general_midi_options();
  options.quantize = false;
  const std::vector<Note> plain = read_notes(notes_to_midi(notes), options).notes;
  const std::vector<Note> mapped = read_notes(notes_to_midi_with_beats(notes), options).notes;
  RC_ASSERT(plain.size() == mapped.size());
  const auto times = [](const std::vector<Note>& list) {
    std::vector<std::tuple<int, int, double, double>> rows;
    for (const Note& note : list) rows.emplace_back(note.program, note.pitch, note.onset_sec, note.offset_sec);
    std::sort(rows.begin(), rows.end());
    return rows;
  };
  const auto a = times(plain), b = times(mapped);
  for (std::size_t i = 0; i < a.size(); ++i) {
    RC_ASSERT(std::get<1>(a[i]) == std::get<1>(b[i]));
    RC_ASSERT(std::abs(std::get<2>(a[i]) - std::get<2>(b[i])) < 0.5 / 480);
    RC_ASSERT(std::abs(std::get<3>(a[i]) - std::get<3>(b[i])) < 0.5 / 480);
  }
}

RC_GTEST_PROP(Score, OrderOfNotesDoesNotMatterToBeats, ()) {
  std::vector<Note> notes = *any_notes();
  const std::vector<double> beats = analyse_music(notes).grid.beat_sec;
  std::reverse(notes.begin(), notes.end());
  RC_ASSERT(analyse_music(notes).grid.beat_sec == beats);
}

}  // namespace
}  // namespace yourmt3::testing
