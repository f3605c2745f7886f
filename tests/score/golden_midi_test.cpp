// MIDI files against those of the reference, byte for byte.

#include "golden_codec.h"
#include "score/midi_reader.h"
#include "score/midi_writer.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

MidiNoteOptions options_from(const json& item) {
  MidiNoteOptions options;
  for (const auto& [name, value] : item.items()) {
    if (name == "binary_velocity") {
      options.binary_velocity = value;
    } else if (name == "ch_9_as_drum") {
      options.channel_10_is_drums = value;
    } else if (name == "force_all_drum") {
      options.all_drums = value;
    } else if (name == "force_all_program_to") {
      if (!value.is_null()) options.missing_program = value.get<int>();
    } else if (name == "trim_overlap") {
      options.trim = value;
    } else if (name == "fix_offset") {
      options.validate = value;
    } else if (name == "quantize") {
      options.quantize = value;
    } else if (name == "ignore_pedal") {
      options.ignore_pedal = value;
    } else {
      ADD_FAILURE() << "unknown option " << name;
    }
  }
  return options;
}

TEST(GoldenMidi, FilesAreReadToTheSameNotes) {
  for_each_case("tokens/midi_read.json", [](const json& item, const std::string& where) {
    expect_recorded(item.at("result"), where, [&] {
      const std::string bytes = base64_to_bytes(item.at("base64"));
      const MidiNotes found = read_notes(parse_midi(as_bytes(bytes)), options_from(item.at("options")));
      json programs = json::array();
      for (const auto& program : found.programs) programs.push_back(program ? json(*program) : json());
      return json{{"notes", notes_to(found.notes)}, {"max_time", found.duration_sec}, {"programs", programs}};
    });
  });
}

json messages_to(const MidiTrack& track) {
  json list = json::array();
  std::uint64_t tick = 0;
  for (const MidiMessage& message : track.messages) {
    json item{{"time", message.tick - tick}};
    tick = message.tick;
    if (message.is_meta(kMidiMetaTrackName)) {
      item["type"] = "track_name";
      item["name"] = message.data;
    } else {
      item["channel"] = message.channel();
      if (message.kind() == kMidiProgram) {
        item["type"] = "program_change";
        item["program"] = message.data1;
      } else {
        item["type"] = message.kind() == kMidiNoteOn ? "note_on" : "note_off";
        item["note"] = message.data1;
        item["velocity"] = message.data2;
      }
    }
    list.push_back(item);
  }
  list.push_back({{"type", "end_of_track"}, {"time", track.end_tick - tick}});
  return list;
}

TEST(GoldenMidi, NotesAreWrittenToTheSameBytes) {
  for_each_case("tokens/midi_write.json", [](const json& item, const std::string& where) {
    const std::vector<Note> notes = notes_from(item.at("notes"));
    MidiWriteOptions options{.instruments = nullptr, .as_reference = true};
    if (item.at("vocab").is_null()) {
      // The reference fails without a vocabulary; we write the programs as they are.
      EXPECT_NO_THROW(serialize_midi(notes_to_midi(notes, options))) << where;
      return;
    }
    options.instruments = &program_vocabulary(item.at("vocab").get<std::string>());
    const json& recorded = item.at("result");
    if (recorded.contains("error")) {
      EXPECT_THROW(serialize_midi(notes_to_midi(notes, options)), Error) << where;
      return;
    }
    const json& ok = recorded.at("ok");
    const MidiFile file = notes_to_midi(notes, options);
    EXPECT_EQ(file.format, ok.at("type")) << where;
    EXPECT_EQ(file.ticks_per_quarter, ok.at("ticks_per_beat")) << where;
    json tracks = json::array();
    for (const MidiTrack& track : file.tracks) tracks.push_back(messages_to(track));
    EXPECT_EQ(tracks, ok.at("tracks")) << where;
    const std::string bytes = base64_to_bytes(ok.at("base64"));
    EXPECT_TRUE(serialize_midi(file) == bytes) << where;
    EXPECT_EQ(parse_midi(as_bytes(bytes)), file) << where;
  });
}

}  // namespace
}  // namespace yourmt3::testing
