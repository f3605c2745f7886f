#include "transcribe/pipeline.h"

#include <gtest/gtest.h>

#include "score/merge.h"
#include "support/tiny_model.h"
#include "support/wav_bytes.h"
#include "transcribe/guided_decoding.h"
#include "transcribe/note_durations.h"

namespace yourmt3 {
namespace {

using testing::tiny_config;
using testing::tiny_model;
using testing::tiny_onset_config;
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

class PipelineOf : public ::testing::TestWithParam<bool> {
 protected:
  ModelConfig config() const { return GetParam() ? tiny_onset_config() : tiny_config(); }
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
  EXPECT_EQ(heard.notes, expected);
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

TEST_P(PipelineOf, RowsAndThreadsDoNotMatter) {
  const std::vector<float> samples = tones(20);
  const Transcription expected = transcribe(engine_of(config(), 1, 1), source_of(samples));
  for (const int rows : {2, 8, 64}) {
    EXPECT_EQ(transcribe(engine_of(config(), 2, rows), source_of(samples)).notes, expected.notes) << rows;
  }
}

TEST_P(PipelineOf, AnExactNumberOfSegmentsNeedsNoPadding) {
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

TEST_P(PipelineOf, RecordingsDoNotDependOnThoseBesideThem) {
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
