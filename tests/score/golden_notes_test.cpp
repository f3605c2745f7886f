// Notes, note events and segments against the reference.

#include <cmath>

#include "golden_codec.h"
#include "score/note_ops.h"
#include "score/segments.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

TEST(GoldenNotes, OperationsOnNoteListsGiveTheSameDoubles) {
  for_each_case("tokens/note_ops.json", [](const json& item, const std::string& where) {
    const std::vector<Note> notes = notes_from(item.at("notes"));
    expect_recorded(item.at("validate"), where + " validate", [&] {
      std::vector<Note> validated = notes;
      validate_notes(validated);
      return notes_to(validated);
    });
    expect_recorded(item.at("trim_sorted"), where + " trim", [&] { return notes_to(trim_overlaps(notes)); });
    expect_recorded(item.at("sort"), where + " sort", [&] {
      std::vector<Note> sorted = notes;
      sort_notes(sorted);
      return notes_to(sorted);
    });
    expect_recorded(item.at("mix"), where + " mix",
                    [&] { return notes_to(mix_notes(std::span<const std::vector<Note>>(&notes, 1))); });
    expect_recorded(item.at("note_events"), where + " events", [&] { return events_to(notes_to_events(notes)); });
    expect_recorded(item.at("note_events_with_activity"), where + " activity", [&] {
      const SongEvents song(notes);
      json list = json::array();
      for (std::size_t i = 0; i < song.events().size(); ++i) {
        json event = event_to(song.events()[i]);
        event.push_back(ties_to(song.sounding_before(i)));
        list.push_back(event);
      }
      return list;
    });
  });
}

TEST(GoldenNotes, EventsPairUpToTheSameNotes) {
  for_each_case("tokens/note_event2note.json", [](const json& item, const std::string& where) {
    expect_recorded(item.at("result"), where, [&] {
      DecodeErrors errors;
      const EventPairing pairing{.fix = item.at("fix_offset"), .trim = item.at("trim")};
      const json notes = notes_to(events_to_notes(events_from(item.at("events")), pairing, errors));
      return json{{"notes", notes}, {"errors", errors_to(errors)}};
    });
  });
}

TEST(GoldenNotes, WindowsHoldTheSameEventsAndTies) {
  for_each_case("tokens/slice.json", [](const json& item, const std::string& where) {
    const SongEvents song(notes_from(item.at("notes")));
    for (const json& window : item.at("windows")) {
      const SegmentEvents segment = slice_events(song, window.at("start"), window.at("end"));
      EXPECT_EQ(events_to(segment.events), window.at("events")) << where << window.at("start");
      EXPECT_EQ(ties_to(segment.ties), window.at("ties")) << where << window.at("start");
    }
  });
}

TEST(GoldenNotes, AudioIsCutIntoTheSameSegments) {
  for_each_case("tokens/segmentation.json", [](const json& item, const std::string& where) {
    expect_recorded(item.at("result"), where, [&] {
      const std::int64_t n_samples = item.at("n_samples");
      const std::int64_t n_segments = segment_count(n_samples);
      json starts = json::array();
      // The recording holds the first few starts of long files.
      const auto n_starts = static_cast<std::int64_t>(item.at("result").at("ok").at("start_times").size());
      for (std::int64_t k = 0; k < n_starts; ++k) starts.push_back(segment_start_sec(k));
      EXPECT_GE(n_segments, n_starts) << where;
      const std::int64_t in_last = n_segments == 0 ? 0 : n_samples - (n_segments - 1) * kSegmentSamples;
      return json{{"n_segments", n_segments}, {"last_segment_nonzero", in_last}, {"start_times", starts}};
    });
  });
}

}  // namespace
}  // namespace yourmt3::testing
