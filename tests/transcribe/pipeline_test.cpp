#include "transcribe/pipeline.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>

#include "score/merge.h"
#include "score/note_ops.h"
#include "support/property.h"
#include "support/tiny_model.h"
#include "support/wav_bytes.h"
#include "transcribe/guided_decoding.h"
#include "transcribe/note_durations.h"
#include "transcribe/overlapped_heads.h"

namespace yourmt3 {
namespace {

using testing::tiny_config;
using testing::tiny_model;
using testing::tiny_onset_config;
using testing::tiny_overlapped_config;
using testing::tones;

/// Hands out `samples` in the pieces that are asked for.
RecordingInput source_of(const std::vector<float>& samples) {
  return {[&samples](const std::stop_token&) {
    auto next = std::make_shared<std::size_t>(0);
    return SampleSource{[&samples, next](std::span<float> out) {
                          const std::size_t count = std::min(out.size(), samples.size() - *next);
                          std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(*next), count, out.begin());
                          *next += count;
                          return count;
                        },
                        static_cast<double>(samples.size()) / 16000};
  }};
}

/// Breaks off behind some segments of silence.
RecordingInput broken_after(int n_segments) {
  return {[n_segments](const std::stop_token&) {
    return SampleSource{[n_segments, n_reads = 0](std::span<float> out) mutable {
                          if (++n_reads > n_segments) throw Error(ErrorCode::kIo, "the tape broke");
                          std::fill(out.begin(), out.end(), 0.f);
                          return out.size();
                        },
                        0};
  }};
}

Engine engine_of(const ModelConfig& config, int n_threads = 1, int max_batch_rows = 64) {
  return Engine(tiny_model(config), {n_threads, max_batch_rows});
}

/// With and without heads.
class PipelineOf : public ::testing::TestWithParam<bool> {
 protected:
  ModelConfig config() const { return GetParam() ? tiny_onset_config() : tiny_config(); }
};

/// And with overlapping segments.
class PipelineOfAny : public ::testing::TestWithParam<ModelConfig> {
 protected:
  const ModelConfig& config() const { return GetParam(); }
};

TEST_P(PipelineOf, DoesWhatItsStagesDoOneByOne) {
  const Engine engine = engine_of(config());
  const std::vector<float> samples = tones(9);
  const Transcription heard = transcribe(engine, source_of(samples));
  EXPECT_DOUBLE_EQ(heard.duration_sec, 9);
  ASSERT_FALSE(heard.notes.empty()) << "nothing is compared";

  const std::size_t segment = 32767;
  std::vector<float> padded = samples;
  padded.resize((samples.size() + segment - 1) / segment * segment);
  const int n_segments = static_cast<int>(padded.size() / segment);
  EncodedSegments encoded = engine.encode(padded, n_segments);
  const Task& trained = task(config().task);
  const Grammar grammar(trained, config().inference.onset_only);
  GuidedDecoding guide(config(), grammar, encoded);
  std::vector<std::vector<std::vector<std::int32_t>>> rows;
  std::int64_t n_tokens = 0;
  for (auto& row : engine.decode(encoded, &guide)) {
    n_tokens += static_cast<std::int64_t>(row.size());
    rows.push_back({row});
  }
  std::vector<Note> expected = tokens_to_notes(rows, trained);
  if (config().inference.onset_only) {
    SoundingFrames sounding(config());
    sounding.append(encoded.auxiliary);
    set_offsets(expected, sounding);
  }
  EXPECT_EQ(heard.n_tokens, n_tokens);
  std::vector<Note> notes = heard.notes;
  for (Note& note : notes) {
    ASSERT_TRUE(note.confidence && *note.confidence > 0 && *note.confidence <= 1);
    note.confidence.reset();  // engine.decode() tells tokens only.
  }
  EXPECT_EQ(notes, expected);
  EXPECT_TRUE(heard.decode_errors.empty() || !config().inference.onset_only)
      << "onsets alone are no errors: " << heard.decode_errors.begin()->first;
}

TEST(Pipeline, OnsetsWithoutHeadsGetTheShortestLength) {
  ModelConfig config = tiny_onset_config();
  config.auxiliary.notes = false;
  config.inference.fusion_weight = 0.f;
  const std::vector<float> samples = tones(9);
  const Transcription heard = transcribe(engine_of(config), source_of(samples));
  ASSERT_FALSE(heard.notes.empty());
  for (const Note& note : heard.notes) {
    const double shortest = note.is_drum ? note.offset_sec - note.onset_sec : SoundingFrames::kShortestSec;
    EXPECT_NEAR(note.offset_sec - note.onset_sec, shortest, 1e-9);
  }
}

TEST_P(PipelineOfAny, RowsAndThreadsDoNotMatter) {
  const std::vector<float> samples = tones(20);
  const Transcription expected = transcribe(engine_of(config(), 1, 1), source_of(samples));
  for (const int rows : {2, 8, 64}) {
    EXPECT_EQ(transcribe(engine_of(config(), 2, rows), source_of(samples)).notes, expected.notes) << rows;
  }
}

TEST_P(PipelineOfAny, AnExactNumberOfSegmentsNeedsNoPadding) {
  const Engine engine = engine_of(config());
  for (const std::size_t n_samples : {std::size_t{0}, std::size_t{1}, std::size_t{32767}, std::size_t{2 * 32767}}) {
    const std::vector<float> samples(n_samples, 0.1f);
    const Transcription heard = transcribe(engine, source_of(samples));
    EXPECT_DOUBLE_EQ(heard.duration_sec, static_cast<double>(n_samples) / 16000);
    EXPECT_EQ(heard.n_tokens == 0, n_samples == 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Pipeline, PipelineOf, ::testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "OnsetsAndHeads" : "WholeNotes"; });
INSTANTIATE_TEST_SUITE_P(Pipeline, PipelineOfAny,
                         ::testing::Values(tiny_config(), tiny_onset_config(), tiny_overlapped_config()),
                         [](const auto& chosen) {
                           return chosen.param.inference.overlap      ? "Overlapped"
                                  : chosen.param.inference.onset_only ? "OnsetsAndHeads"
                                                                      : "WholeNotes";
                         });

TEST(Pipeline, OverlappingSegmentsAreHeardTwiceAndWrittenOnce) {
  const ModelConfig config = tiny_overlapped_config();
  const Engine engine = engine_of(config);
  const int advance = config.segment_advance();
  ASSERT_EQ(advance, 102 * 320);
  const std::vector<float> samples = tones(9);
  const Transcription heard = transcribe(engine, source_of(samples));
  ASSERT_GT(heard.notes.size(), 10u);

  const auto n_segments = (samples.size() + static_cast<std::size_t>(advance) - 1) / static_cast<std::size_t>(advance);
  OverlappedHeads heads(config);
  GroupPrior prior(config.auxiliary.n_pitched_groups(), config.inference.group_prior);
  SoundingFrames sounding(config);
  const Task& trained = task(config.task);
  const Grammar grammar(trained, true);
  std::vector<OverlappedHeads::Segment> segments;
  for (std::size_t i = 0; i <= n_segments; ++i) {
    std::vector<float> piece, passes;
    if (i < n_segments) {
      const auto first = samples.begin() + static_cast<std::ptrdiff_t>(i) * advance;
      piece.assign(first, first + std::min<std::ptrdiff_t>(advance, samples.end() - first));
    }
    heads.push(piece, passes);
    for (std::size_t first = 0; first < passes.size(); first += 32767) {
      heads.add(engine.encode(std::span(passes).subspan(first, 32767), 1), segments);
    }
  }
  ASSERT_EQ(segments.size(), n_segments);
  std::vector<DecodedSegment> decoded;
  DecodeErrors errors;
  for (std::size_t i = 0; i < n_segments; ++i) {
    sounding.append(segments[i].encoded.auxiliary);
    GuidedDecoding guide(config, grammar, segments[i].encoded, segments[i].margins, &prior);
    const auto row = engine.decode(segments[i].encoded, &guide).at(0);
    decoded.push_back(decode_segment(row, static_cast<double>(i) * advance / 16000, trained, errors));
  }
  std::vector<NoteEvent> events;
  for (const DecodedSegment& segment : decoded)
    events.insert(events.end(), segment.events.begin(), segment.events.end());
  const std::vector<std::vector<Note>> channels = {onsets_to_notes(events, SoundingFrames::kShortestSec)};
  std::vector<Note> expected = mix_notes(channels);
  set_offsets(expected, sounding);
  validate_notes(expected);
  std::vector<Note> notes = heard.notes;
  for (Note& note : notes) note.confidence.reset();
  EXPECT_EQ(notes, expected);
}

/// A network of a few thousand random weights, so that nothing but the grammar keeps its tokens in order.
ModelConfig tiny_config_of(std::string_view name) {
  const Task& trained = task(name);
  ModelConfig config = tiny_config();
  config.task = name;
  config.inference.grammar = false;
  config.decoder.vocab_size = trained.vocabulary.size();
  config.decoder.n_channels = trained.n_channels;
  if (trained.n_channels == 1) return config;
  config.front_end = FrontEndConfig{};  // 32 frames of 64 bins.
  config.front_end.n_fft = 128;
  config.front_end.hop_length = 1024;
  config.pre_encoder = PreEncoderConfig{};
  config.pre_encoder.n_blocks = 2;
  config.pre_encoder.channels = 5;
  config.pre_decoder.type = PreDecoderConfig::Type::kMultiChannelLinear;
  EncoderConfig& encoder = config.encoder = EncoderConfig{};
  encoder.d_model = 12;
  encoder.kv_dim = 16;
  encoder.qk_channels = 24;
  encoder.v_channels = 16;
  encoder.n_cross_heads = 4;
  encoder.n_self_heads = 2;
  encoder.n_latents = trained.n_channels;
  encoder.n_positions = 64;
  encoder.n_blocks = 1;
  encoder.n_local_layers = encoder.n_temporal_layers = 1;
  return config;
}

class PipelineOfTask : public ::testing::TestWithParam<std::string_view> {
 protected:
  Transcription heard(const DecodingChoice& decoding) const {
    return transcribe(engine_, source_of(samples_), {}, decoding);
  }
  static InstrumentMask only(const std::vector<std::string>& names) { return InstrumentMask(names, {}); }

  Engine engine_ = engine_of(tiny_config_of(GetParam()), 2);
  std::vector<float> samples_ = tones(20);
};

INSTANTIATE_TEST_SUITE_P(Pipeline, PipelineOfTask, ::testing::ValuesIn(task_names().begin(), task_names().end()),
                         [](const auto& chosen) { return std::string(chosen.param); });

TEST_P(PipelineOfTask, ConstrainedTokensAreGrammatical) {
  ModelConfig config = engine_.config();
  config.inference.grammar = true;
  const Grammar grammar(task(GetParam()), false);
  EXPECT_TRUE(rc::check("every token may follow those before it", [&] {
    constexpr std::size_t kSegment = 32767;
    std::mt19937 random(*rc::gen::arbitrary<unsigned>());
    std::normal_distribution<float> noise(0.f, 0.1f);
    std::vector<float> samples(kSegment);
    for (float& sample : samples) sample = noise(random);
    const EncodedSegments encoded = engine_.encode(samples, 1);
    GuidedDecoding guide(config, grammar, encoded);
    const auto rows = engine_.decode(encoded, &guide);
    std::vector<std::uint8_t> allowed(static_cast<std::size_t>(grammar.task().vocabulary.size()));
    for (std::size_t channel = 0; channel < rows.size(); ++channel) {
      GrammarState state = grammar.start();
      for (const std::int32_t token : rows[channel]) {
        grammar.allowed_tokens(state, static_cast<int>(channel), allowed);
        RC_ASSERT(allowed[static_cast<std::size_t>(token)] == 1);
        grammar.advance(state, token);
      }
    }
  }));
  EXPECT_FALSE(heard({}).decode_errors.empty()) << "nothing is shown: the network alone writes no errors";
}

TEST_P(PipelineOfTask, MasksLeaveOnlyTheInstrumentsAsked) {
  for (const bool constrained : {false, true}) {
    const Transcription some = heard({only({"organ", "drums"}), constrained});
    for (const Note& note : some.notes)
      EXPECT_TRUE(note.is_drum || (note.program >= 16 && note.program <= 23)) << note.program;
    const Transcription drums = heard({only({"drums"}), constrained});
    for (const Note& note : drums.notes) EXPECT_TRUE(note.is_drum);
    const std::vector<std::string> named = {"drums"};
    const Transcription pitched = heard({InstrumentMask({}, named), constrained});
    for (const Note& note : pitched.notes) EXPECT_FALSE(note.is_drum);
    if (constrained) {
      EXPECT_FALSE(some.notes.empty());
      EXPECT_FALSE(drums.notes.empty());
      EXPECT_FALSE(pitched.notes.empty());
    }
  }
}

TEST(Pipeline, AMaskOfWholeChannelsIsAFilter) {
  const std::vector<std::string> named = {"organ", "drums"};
  const std::vector<float> samples = tones(20);
  for (const std::string_view name : {"mc13", "mc13_256", "mc13_full_plus", "mc13_full_plus_256"}) {
    const Engine engine = engine_of(tiny_config_of(name), 2);
    const Transcription all = transcribe(engine, source_of(samples), {}, {.constrained = true});
    const Transcription some = transcribe(engine, source_of(samples), {}, {InstrumentMask(named, {}), true});
    std::vector<Note> expected = all.notes;
    std::erase_if(expected,
                  [](const Note& note) { return !note.is_drum && note.program != 16; });  // The organ's token.
    EXPECT_EQ(some.notes, expected) << name;
    EXPECT_LT(some.n_tokens, all.n_tokens) << name << ": the other channels are not decoded";
  }
}

TEST(Pipeline, ProgressGrowsToTheEnd) {
  const Engine engine = engine_of(tiny_config());
  const std::vector<float> samples = tones(12);
  double last = -1;
  transcribe(engine, source_of(samples), [&last](const Progress& progress) {
    EXPECT_GE(progress.done, last);
    // Not known until the recording is opened, on another thread.
    if (progress.total != 0 || progress.done > 0) {
      EXPECT_DOUBLE_EQ(progress.total, 12);
    }
    last = progress.done;
    return true;
  });
  EXPECT_DOUBLE_EQ(last, 12);
}

TEST(Pipeline, CanBeCancelledAtEveryCall) {
  const Engine engine = engine_of(tiny_config());
  const std::vector<float> samples = tones(12);
  int n_calls = 0;
  transcribe(engine, source_of(samples), [&n_calls](const Progress&) { return ++n_calls > 0; });
  ASSERT_GT(n_calls, 3);
  for (int stop_at = 1; stop_at <= 4; ++stop_at) {
    int n = 0;
    try {
      transcribe(engine, source_of(samples), [&n, stop_at](const Progress&) { return ++n < stop_at; });
      ADD_FAILURE() << "not cancelled at call " << stop_at;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCancelled);
    }
  }
}

TEST(Pipeline, ErrorsOfTheSourceArePassedOn) {
  const Engine engine = engine_of(tiny_config());
  EXPECT_THROW(transcribe(engine, broken_after(2)), Error);
}

TEST_P(PipelineOfAny, RecordingsDoNotDependOnThoseBesideThem) {
  std::vector<std::vector<float>> recordings;
  for (const double seconds : {7.0, 0.0, 1.0, 12.0, 2.5, 5.0}) recordings.push_back(tones(seconds));
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    for (float& sample : recordings[i]) sample *= 0.2f * static_cast<float>(i + 1);
  }
  const Engine engine = engine_of(config(), 2, 3);
  std::vector<Transcription> found;
  std::size_t n_begun = 0;
  RecordingQueue queue;
  queue.next = [&]() -> std::optional<RecordingInput> {
    if (n_begun == recordings.size()) return std::nullopt;
    return source_of(recordings[n_begun++]);
  };
  queue.done = [&](Transcription heard) { found.push_back(std::move(heard)); };
  queue.failed = [](const std::exception_ptr& error) { std::rethrow_exception(error); };
  transcribe_all(engine, queue);
  ASSERT_EQ(found.size(), recordings.size());
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    const Transcription alone = transcribe(engine, source_of(recordings[i]));
    EXPECT_EQ(found[i].notes, alone.notes) << i;
    EXPECT_EQ(found[i].n_tokens, alone.n_tokens) << i;
    EXPECT_EQ(found[i].decode_errors, alone.decode_errors) << i;
    EXPECT_DOUBLE_EQ(found[i].duration_sec, alone.duration_sec) << i;
  }
}

TEST(Pipeline, OutcomesComeInOrderAndAnErrorLeavesTheOthersAlone) {
  const Engine engine = engine_of(tiny_config(), 2, 3);
  const std::vector<float> samples = tones(7), few = tones(1);
  const std::vector<Note> expected = transcribe(engine, source_of(samples)).notes;
  const RecordingInput unknown{
      [](const std::stop_token&) -> SampleSource { throw Error(ErrorCode::kNotFound, "none"); }};
  std::vector<RecordingInput> inputs = {unknown, source_of(samples), broken_after(3), source_of(few),
                                        source_of(samples)};
  std::string outcomes;
  std::size_t n_begun = 0, n_equal = 0;
  RecordingQueue queue;
  queue.next = [&]() -> std::optional<RecordingInput> {
    if (n_begun == inputs.size()) return std::nullopt;
    return inputs[n_begun++];
  };
  queue.done = [&](const Transcription& heard) {
    outcomes += 'd';
    n_equal += heard.notes == expected;
  };
  queue.failed = [&](const std::exception_ptr& error) {
    outcomes += 'f';
    EXPECT_THROW(std::rethrow_exception(error), Error);
  };
  double last = 0;
  std::size_t of = 0;
  queue.progress = [&](const Progress& progress) {
    // Of one recording at a time, and never backwards.
    EXPECT_TRUE(of != outcomes.size() || progress.done >= last);
    of = outcomes.size();
    last = progress.done;
    return true;
  };
  transcribe_all(engine, queue);
  EXPECT_EQ(outcomes, "fdfdd");
  EXPECT_EQ(n_equal, 2u);
}

TEST(Pipeline, WhatTheQueueThrowsEndsTheCall) {
  const Engine engine = engine_of(tiny_config());
  const std::vector<float> samples = tones(7);
  RecordingQueue queue;
  queue.next = [&] { return std::optional(source_of(samples)); };
  queue.done = [](const Transcription&) { throw Error(ErrorCode::kIo, "no room"); };
  EXPECT_THROW(transcribe_all(engine, queue), Error);
}

TEST(Pipeline, ForcedLengthsReplaceTheNetworksOwn) {
  const Engine engine = engine_of(tiny_config(), 2);
  const std::vector<float> samples = tones(9);  // 5 segments.
  const std::vector<std::int32_t> lengths = {1, 32, 2, 7, 3};
  RecordingInput input = source_of(samples);
  input.forced_lengths = lengths;
  EXPECT_EQ(transcribe(engine, input).n_tokens, 45);
  input.forced_lengths = std::span(lengths).first(2);
  EXPECT_GT(transcribe(engine, input).n_tokens, 33) << "the others as ever";
  const std::vector<std::int32_t> too_long(5, 33);
  input.forced_lengths = too_long;
  EXPECT_THROW(transcribe(engine, input), Error);
}

TEST(Pipeline, RefusesANetworkThatDoesNotFitItsTask) {
  ModelConfig config = tiny_config();
  config.task = "mc13_full_plus_256";
  const std::vector<float> samples = tones(1);
  EXPECT_THROW(transcribe(engine_of(config), source_of(samples)), Error);
  config = tiny_config();
  config.decoder.vocab_size = 600;
  EXPECT_THROW(transcribe(engine_of(config), source_of(samples)), Error);
}

}  // namespace
}  // namespace yourmt3
