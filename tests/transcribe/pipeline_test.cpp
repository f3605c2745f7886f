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
SampleSource source_of(const std::vector<float>& samples) {
  auto next = std::make_shared<std::size_t>(0);
  return {[&samples, next](std::span<float> out) {
            const std::size_t count = std::min(out.size(), samples.size() - *next);
            std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(*next), count, out.begin());
            *next += count;
            return count;
          },
          static_cast<double>(samples.size()) / 16000};
}

Engine engine_of(const ModelConfig& config, int n_threads = 1) {
  return Engine(tiny_model(config), {n_threads, 64});
}

class PipelineOf : public ::testing::TestWithParam<bool> {
 protected:
  ModelConfig config() const { return GetParam() ? tiny_onset_config() : tiny_config(); }
};

TEST_P(PipelineOf, DoesWhatItsStagesDoOneByOne) {
  const Engine engine = engine_of(config());
  const std::vector<float> samples = tones(9);
  const Transcription heard = transcribe(engine, source_of(samples), 2);
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
  const Transcription heard = transcribe(engine_of(config), source_of(tones(9)), 2);
  ASSERT_FALSE(heard.notes.empty());
  for (const Note& note : heard.notes) {
    const double shortest = note.is_drum ? note.offset_sec - note.onset_sec : SoundingFrames::kShortestSec;
    EXPECT_NEAR(note.offset_sec - note.onset_sec, shortest, 1e-9);
  }
}

TEST_P(PipelineOf, BatchesAndThreadsDoNotMatter) {
  const std::vector<float> samples = tones(20);
  const Transcription expected = transcribe(engine_of(config()), source_of(samples), 1);
  for (const int batch : {2, 8, 64}) {
    EXPECT_EQ(transcribe(engine_of(config(), 2), source_of(samples), batch).notes, expected.notes) << batch;
  }
}

TEST_P(PipelineOf, AnExactNumberOfSegmentsNeedsNoPadding) {
  const Engine engine = engine_of(config());
  for (const std::size_t n_samples : {std::size_t{0}, std::size_t{1}, std::size_t{32767}, std::size_t{2 * 32767}}) {
    const std::vector<float> samples(n_samples, 0.1f);
    const Transcription heard = transcribe(engine, source_of(samples), 2);
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
  transcribe(engine, source_of(samples), 1, [&last](const Progress& progress) {
    EXPECT_GE(progress.done, last);
    EXPECT_DOUBLE_EQ(progress.total, 12);
    last = progress.done;
    return true;
  });
  EXPECT_DOUBLE_EQ(last, 12);
}

TEST(Pipeline, CanBeCancelledAtEveryCall) {
  const Engine engine = engine_of(tiny_config());
  const std::vector<float> samples = tones(12);
  int n_calls = 0;
  transcribe(engine, source_of(samples), 1, [&n_calls](const Progress&) { return ++n_calls > 0; });
  ASSERT_GT(n_calls, 3);
  for (int stop_at = 1; stop_at <= 4; ++stop_at) {
    int n = 0;
    try {
      transcribe(engine, source_of(samples), 1, [&n, stop_at](const Progress&) { return ++n < stop_at; });
      ADD_FAILURE() << "not cancelled at call " << stop_at;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCancelled);
    }
  }
}

TEST(Pipeline, ErrorsOfTheSourceArePassedOn) {
  const Engine engine = engine_of(tiny_config());
  int n_reads = 0;
  const SampleSource source{[&n_reads](std::span<float> out) -> std::size_t {
                              if (++n_reads == 3) throw Error(ErrorCode::kIo, "the tape broke");
                              std::fill(out.begin(), out.end(), 0.f);
                              return out.size();
                            },
                            0};
  EXPECT_THROW(transcribe(engine, source, 1), Error);
}

TEST(Pipeline, RefusesANetworkThatDoesNotFitItsTask) {
  ModelConfig config = tiny_config();
  config.task = "mc13_full_plus_256";
  const std::vector<float> samples = tones(1);
  EXPECT_THROW(transcribe(engine_of(config), source_of(samples), 1), Error);
  config = tiny_config();
  config.decoder.vocab_size = 600;
  EXPECT_THROW(transcribe(engine_of(config), source_of(samples), 1), Error);
}

}  // namespace
}  // namespace yourmt3
