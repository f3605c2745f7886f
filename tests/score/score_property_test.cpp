#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/property.h"

#include <rapidcheck/gtest.h>

#include "score/merge.h"
#include "score/midi_reader.h"
#include "score/midi_writer.h"
#include "score/note_ops.h"
#include "score/note_text.h"
#include "score/tokenizer.h"

namespace yourmt3 {
namespace {

// Notes on the grid of 10 ms within some 20 s, of instruments that `vocabulary` does not group, trimmed and validated.
// Drum notes end where `drum_offset` says.
template <class DrumOffset>
std::vector<Note> grid_notes(const ProgramVocabulary& vocabulary, int max_notes, const DrumOffset& drum_offset) {
  std::vector<Note> notes;
  const int n_notes = *rc::gen::inRange(0, max_notes + 1);
  const auto& drums = drum_vocabulary("gm").classes();
  // A few instruments, pitches and times collide often.
  const int n_ticks = *rc::gen::element(60, 2000);
  const int n_pitches = *rc::gen::element(3, 128);
  for (int i = 0; i < n_notes; ++i) {
    const int begin = *rc::gen::inRange(0, n_ticks);
    if (*rc::gen::inRange(0, 4) == 0) {
      const auto& drum = drums[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(drums.size())))];
      notes.push_back({true, kDrumProgram, begin / 100.0, drum_offset(begin), drum.representative(), 1});
    } else {
      const auto& instruments = vocabulary.classes();
      const auto index = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(instruments.size())));
      // Longer than ten seconds counts as an error of the network.
      const int length = *rc::gen::inRange(1, 999);
      notes.push_back({false, instruments[index].representative(), begin / 100.0, (begin + length) / 100.0,
                       *rc::gen::inRange(0, n_pitches), 1});
    }
  }
  return mix_notes(std::span<const std::vector<Note>>(&notes, 1));
}

RC_GTEST_PROP(ScoreProperty, NotesSurviveEventsTokensAndMerging, ()) {
  const Task& any_task =
      task(task_names()[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(task_names().size())))]);
  // Few enough that no sequence is cut: eight tokens for each note at most, and two for each tie.
  const std::vector<Note> notes = grid_notes(any_task.vocabulary.programs(), any_task.max_note_tokens / 11,
                                             [](int tick) { return tick / 100.0 + kMinimumDurationSec; });
  const SongEvents song(notes);
  std::vector<std::vector<std::vector<std::int32_t>>> segments;
  for (std::int64_t k = 0; k < 16; ++k) segments.push_back(encode_channels(slice_segment(song, k), any_task));
  std::vector<ChannelErrors> errors;
  RC_ASSERT(tokens_to_notes(segments, any_task, &errors) == notes);
  for (const ChannelErrors& channel : errors) RC_ASSERT(channel.tokens.total() + channel.merge.total() == 0);
}

RC_GTEST_PROP(ScoreProperty, OnsetsSurviveTheOnsetsMode, ()) {
  const Task& onset = task("onset_v1");
  const std::vector<Note> notes =
      grid_notes(onset.vocabulary.programs(), 60, [](int tick) { return tick / 100.0 + 0.01; });
  const SongEvents song(notes);
  std::vector<NoteEvent> expected;
  std::vector<NoteEvent> found;
  for (const NoteEvent& event : song.events()) {
    if (event.velocity == 1) expected.push_back(event);
  }
  DecodeErrors errors;
  for (std::int64_t k = 0; k < 16; ++k) {
    const auto row = encode_segment(slice_segment(song, k), onset, TokenMode::kOnsets);
    const DecodedSegment decoded = decode_segment(row, segment_start_sec(k), onset, errors);
    found.insert(found.end(), decoded.events.begin(), decoded.events.end());
  }
  sort_events(found);
  RC_ASSERT(found == expected);
  RC_ASSERT(errors.total() == 0);
}

RC_GTEST_PROP(ScoreProperty, AnyTokensGiveValidNotes, ()) {
  const Task& any_task = task(*rc::gen::element<std::string>("mt3_full_plus", "singing_v1", "exc_v1", "onset_v1"));
  std::vector<std::vector<std::vector<std::int32_t>>> segments;
  for (int k = 0; k < 4; ++k) {
    segments.push_back(
        {*rc::gen::container<std::vector<std::int32_t>>(rc::gen::inRange(0, any_task.vocabulary.size()))});
    if (*rc::gen::arbitrary<bool>())
      segments.back()[0].insert(segments.back()[0].begin(), any_task.vocabulary.id(EventType::kTie));
  }
  const std::vector<Note> notes = tokens_to_notes(segments, any_task);
  for (const Note& note : notes) {
    RC_ASSERT(note.onset_sec >= 0);
    RC_ASSERT(note.offset_sec > note.onset_sec);
  }
  RC_ASSERT(std::is_sorted(notes.begin(), notes.end(),
                           [](const Note& a, const Note& b) { return a.onset_sec < b.onset_sec; }));
}

RC_GTEST_PROP(ScoreProperty, MidiWrittenAndReadIsUnchanged, ()) {
  const ProgramVocabulary& instruments =
      program_vocabulary(*rc::gen::element<std::string>("gm_ext_plus", "gm_plus", "gm", "mt3_midi", "mt3_midi_plus"));
  const std::vector<Note> notes = grid_notes(instruments, 100, [](int tick) { return (tick + 1) / 100.0; });
  const std::string bytes = serialize_midi(notes_to_midi(notes, {.instruments = &instruments}));
  RC_ASSERT(read_notes(parse_midi(std::as_bytes(std::span(bytes))), general_midi_options()).notes == notes);
}

RC_GTEST_PROP(ScoreProperty, ManyInstrumentsKeepTheirOnsets, ()) {
  const ProgramVocabulary& instruments = program_vocabulary("mt3_full_plus");
  std::vector<Note> notes = grid_notes(instruments, 150, [](int tick) { return (tick + 1) / 100.0; });
  const MidiFile file = notes_to_midi(notes, {.instruments = &instruments});
  std::vector<Note> read = read_notes(file, general_midi_options()).notes;
  // Ends may move where instruments share a channel.
  for (std::vector<Note>* list : {&notes, &read}) {
    for (Note& note : *list) note.offset_sec = 0;
  }
  RC_ASSERT(read == notes);
}

RC_GTEST_PROP(ScoreProperty, MidiMessagesSurviveTheirBytes, ()) {
  MidiFile file{.ticks_per_quarter = *rc::gen::inRange(1, 0x8000)};
  const int n_tracks = *rc::gen::inRange(0, 4);
  for (int t = 0; t < n_tracks; ++t) {
    MidiTrack track;
    const int n_messages = *rc::gen::inRange(0, 30);
    for (int i = 0; i < n_messages; ++i) {
      track.end_tick += *rc::gen::element<std::uint64_t>(0, 1, 127, 128, 16384, 0x0FFFFFFF);
      const int status = *rc::gen::inRange(0x80, 0xF1);
      MidiMessage message{.tick = track.end_tick};
      if (status == 0xF0) {
        message.status = kMidiMeta;
        message.data1 = kMidiMetaTrackName;
        message.data = *rc::gen::string<std::string>();
      } else {
        message.status = static_cast<std::uint8_t>(status);
        message.data1 = static_cast<std::uint8_t>(*rc::gen::inRange(0, 128));
        const bool two = message.kind() != 0xC0 && message.kind() != 0xD0;
        if (two) message.data2 = static_cast<std::uint8_t>(*rc::gen::inRange(0, 128));
      }
      track.messages.push_back(message);
    }
    track.end_tick += static_cast<std::uint64_t>(*rc::gen::inRange(0, 1000));
    file.tracks.push_back(track);
  }
  const std::string bytes = serialize_midi(file);
  RC_ASSERT(parse_midi(std::as_bytes(std::span(bytes))) == file);
}

RC_GTEST_PROP(ScoreProperty, JsonAndCsvKeepEveryBit, ()) {
  std::vector<Note> notes;
  const int n_notes = *rc::gen::inRange(0, 20);
  for (int i = 0; i < n_notes; ++i) {
    const auto time = [] {
      const double value = *rc::gen::arbitrary<double>();
      return std::isfinite(value) ? value : 0.1;
    };
    const bool is_drum = *rc::gen::arbitrary<bool>();
    notes.push_back({is_drum, is_drum ? kDrumProgram : *rc::gen::inRange(0, 128), time(), time(),
                     *rc::gen::inRange(0, 128), *rc::gen::inRange(0, 128)});
  }
  RC_ASSERT(notes_from_json(notes_to_json(notes)) == notes);
  RC_ASSERT(notes_from_csv(notes_to_csv(notes)) == notes);
}

/// The notes of one channel as the reference finds them: lists that are searched from the front, and changed while they
/// are walked.
std::vector<Note> notes_by_searching(const MidiTrack& track) {
  struct Entry {
    Note note;
    bool finished = false;
  };
  std::vector<Entry> entries;
  std::vector<std::size_t> open, sustained, finished;
  bool sustain = false;
  const auto finish = [&](std::size_t index, double offset_sec) {
    entries[index].note.offset_sec = offset_sec;
    entries[index].finished = true;
    finished.push_back(index);
  };
  const auto equal = [&](std::size_t a, std::size_t b) {
    const Note &x = entries[a].note, &y = entries[b].note;
    return a == b || (!entries[a].finished && !entries[b].finished && x.onset_sec == y.onset_sec &&
                      x.pitch == y.pitch && x.velocity == y.velocity);
  };
  double time_sec = 0;
  std::uint64_t tick = 0;
  for (const MidiMessage& message : track.messages) {
    time_sec += static_cast<double>(message.tick - tick) * (500000 * 1e-6 / 480);
    tick = message.tick;
    if (message.kind() == kMidiControl) {
      sustain = message.data2 >= 64;
      if (sustain) continue;
      for (const std::size_t index : sustained) finish(index, time_sec);
      sustained.clear();
    } else if (message.kind() == kMidiNoteOn) {
      open.push_back(entries.size());
      entries.push_back({{false, 0, time_sec, 0, message.data1, message.data2}});
    } else {
      for (std::size_t i = 0; i < open.size(); ++i) {
        const std::size_t index = open[i];
        if (entries[index].note.pitch != message.data1) continue;
        if (sustain) {
          sustained.push_back(index);
        } else {
          finish(index, time_sec);
        }
        open.erase(std::find_if(open.begin(), open.end(), [&](std::size_t other) { return equal(other, index); }));
        if (!sustain) break;
      }
    }
  }
  for (const auto& left : {open, sustained}) {
    for (const std::size_t index : left) {
      finish(index, std::min(time_sec, entries[index].note.onset_sec + kMinimumDurationSec));
    }
  }
  std::vector<Note> notes;
  for (const std::size_t index : finished) notes.push_back(entries[index].note);
  sort_in_note_order(notes);
  return notes;
}

RC_GTEST_PROP(ScoreProperty, MidiNotesEndAsIfListsWereSearched, ()) {
  MidiTrack track;
  std::uint64_t tick = 0;
  const int n_messages = *rc::gen::inRange(0, 80);
  for (int i = 0; i < n_messages; ++i) {
    tick += static_cast<std::uint64_t>(*rc::gen::inRange(0, 3) / 2) * 100;  // Mostly at once.
    MidiMessage message{.tick = tick};
    const int kind = *rc::gen::inRange(0, 10);
    if (kind == 0) {
      message.status = kMidiControl;
      message.data1 = 64;
      message.data2 = static_cast<std::uint8_t>(*rc::gen::element(0, 127));
    } else {
      message.status = kind < 6 ? kMidiNoteOn : kMidiNoteOff;
      message.data1 = static_cast<std::uint8_t>(*rc::gen::inRange(60, 63));
      message.data2 = static_cast<std::uint8_t>(*rc::gen::inRange(1, 3));
    }
    track.messages.push_back(std::move(message));
  }
  track.end_tick = tick;
  MidiNoteOptions options;
  options.binary_velocity = options.quantize = options.trim = options.validate = false;
  options.missing_program = 0;
  RC_ASSERT(read_notes({.tracks = {track}}, options).notes == notes_by_searching(track));
}

}  // namespace
}  // namespace yourmt3
