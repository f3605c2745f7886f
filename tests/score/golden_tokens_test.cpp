// Tasks, encoding, decoding and merging against the reference.

#include <cmath>

#include "golden_codec.h"
#include "score/merge.h"
#include "score/midi_writer.h"
#include "score/task.h"
#include "score/tokenizer.h"
#include "yourmt3/error.h"

namespace yourmt3::testing {
namespace {

json ranges_of(const Vocabulary& vocabulary) {
  json ranges = json::object();
  for (const EventRange& range : vocabulary.ranges()) {
    if (range.type != EventType::kTask) {
      ranges[to_string(range.type)] = {range.first_id, range.first_id + range.count - 1};
      continue;
    }
    for (std::size_t i = 0; i < vocabulary.task_tokens().size(); ++i) {
      const std::int32_t id = range.first_id + static_cast<std::int32_t>(i);
      ranges[vocabulary.task_tokens()[i]] = {id, id};
    }
  }
  return ranges;
}

TEST(GoldenTokens, TasksHaveTheSameVocabulariesChannelsAndLengths) {
  for_each_case("tokens/codec.json", [](const json& item, const std::string& where) {
    const Task& found = task(item.at("task").get<std::string>());
    EXPECT_EQ(found.vocabulary.size(), item.at("vocab_size")) << where;
    EXPECT_EQ(found.n_channels, item.at("num_channels")) << where;
    EXPECT_EQ(found.max_note_tokens, item.at("max_note_token_length_per_ch")) << where;
    EXPECT_EQ(found.max_tokens(), item.at("max_total_token_length")) << where;
    EXPECT_EQ(found.max_task_tokens, item.at("max_task_token_length")) << where;
    EXPECT_EQ(json(found.prefixes), item.at("eval_prefix")) << where;
    EXPECT_EQ(json(found.ignored_ids), item.at("ignored_ids")) << where;
    EXPECT_EQ(ranges_of(found.vocabulary), item.at("event_type_range")) << where;
    for (int i = 0; i < 128; ++i) {
      EXPECT_EQ(found.vocabulary.program_id(i), item.at("program_to_token").at(i)) << where << " program " << i;
      EXPECT_EQ(found.vocabulary.drum_id(i), item.at("drum_to_token").at(i)) << where << " drum " << i;
    }
    const json& channels = item.at("program_to_channel");
    for (std::size_t i = 0; i < channels.size(); ++i) {
      EXPECT_EQ(found.channel_of(static_cast<int>(i)), channels[i]) << where << " program " << i;
    }
  });
}

TEST(GoldenTokens, NotesBecomeTheSameTokens) {
  for_each_case("tokens/encode.json", [](const json& item, const std::string& where) {
    expect_recorded(item.at("tokens"), where, [&] {
      const Task& found = task(item.at("task").get<std::string>());
      const SongEvents song(notes_from(item.at("notes")));
      json rows = json::array();
      for (std::int64_t k = 0; k < item.at("n_segments"); ++k) {
        rows.push_back(encode_channels(slice_segment(song, k), found));
      }
      return rows;
    });
  });
}

TEST(GoldenTokens, AnySequenceDecodesToTheSameEventsAndErrors) {
  for_each_case("tokens/decode.json", [](const json& item, const std::string& where) {
    expect_recorded(item.at("result"), where, [&] {
      DecodeErrors errors;
      const DecodedSegment decoded = decode_segment(item.at("tokens").get<std::vector<std::int32_t>>(),
                                                    item.at("start"), task(item.at("task").get<std::string>()), errors);
      return json{{"note_events", events_to(decoded.events)},
                  {"ties", ties_to(decoded.ties)},
                  {"last_activity", ties_to(decoded.last_activity)},
                  {"errors", errors_to(errors)}};
    });
  });
}

TEST(GoldenTokens, SegmentsOfAllChannelsBecomeTheSameNotesAndTheSameFile) {
  for_each_case("tokens/pipeline.json", [](const json& item, const std::string& where) {
    const json& recorded = item.at("result");
    const Task& found = task(item.at("task").get<std::string>());
    const auto segments = item.at("tokens").get<std::vector<std::vector<std::vector<std::int32_t>>>>();
    std::vector<Note> notes;
    std::vector<ChannelErrors> errors;
    if (recorded.contains("error")) {
      EXPECT_THROW(tokens_to_notes(segments, found), Error) << where;
      return;
    }
    ASSERT_NO_THROW(notes = tokens_to_notes(segments, found, &errors)) << where;
    const json& ok = recorded.at("ok");
    EXPECT_EQ(notes_to(notes), ok.at("notes")) << where;

    DecodeErrors total;
    ASSERT_EQ(errors.size(), ok.at("per_channel").size()) << where;
    for (std::size_t channel = 0; channel < errors.size(); ++channel) {
      const json& recorded_channel = ok.at("per_channel").at(channel);
      EXPECT_EQ(errors_to(errors[channel].tokens), recorded_channel.at("token_errors")) << where << channel;
      EXPECT_EQ(errors_to(errors[channel].merge), recorded_channel.at("merge_errors")) << where << channel;
      total += errors[channel].merge;

      DecodeErrors again;
      std::vector<DecodedSegment> decoded;
      std::vector<double> starts;
      for (std::size_t k = 0; k < segments.size(); ++k) {
        starts.push_back(segment_start_sec(static_cast<std::int64_t>(k)));
        decoded.push_back(decode_segment(segments[k][channel], starts.back(), found, again));
      }
      EXPECT_EQ(notes_to(segments_to_notes(decoded, starts, again)), recorded_channel.at("notes")) << where << channel;
    }
    // The recorded total leaves out what was found while reading tokens.
    EXPECT_EQ(errors_to(total), ok.at("errors_total")) << where;

    const MidiFile file = notes_to_midi(notes, {.as_reference = true});
    EXPECT_TRUE(serialize_midi(file) == base64_to_bytes(ok.at("midi_base64"))) << where;
  });
}

}  // namespace
}  // namespace yourmt3::testing
