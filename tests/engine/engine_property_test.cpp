#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <thread>

#include "core/fail.h"
#include "engine/engine.h"
#include "support/property.h"
#include "tiny_models.h"

namespace yourmt3 {
namespace {

using testing::formula_model;
using testing::random_values;

std::vector<ModelConfig> networks() {
  ModelConfig moe = testing::tiny_multi();
  moe.encoder.feed_forward = EncoderConfig::FeedForward::kMoe;
  moe.encoder.position = LatentPosition::kRope;
  moe.encoder.rope_partial = false;
  ModelConfig grouped = testing::tiny_harmonic();
  grouped.auxiliary.group_notes = 6;
  grouped.auxiliary.context_layers = 1;
  grouped.auxiliary.timbre_width = 6;
  grouped.auxiliary.drum_width = 6;
  grouped.auxiliary.drum_layers = 1;
  return {testing::tiny_perceiver(), moe, testing::tiny_harmonic(), grouped};
}

/// Engines for each number of threads, made once: making one costs more than running it.
const Engine& engine_of(std::size_t network, int n_threads, int max_batch_rows, Precision precision = Precision::kF32) {
  static std::map<std::tuple<std::size_t, int, int, Precision>, std::unique_ptr<Engine>> made;
  auto& engine = made[{network, n_threads, max_batch_rows, precision}];
  if (!engine) {
    engine = std::make_unique<Engine>(
        formula_model(networks()[network], 17),
        Engine::Options{.n_threads = n_threads, .max_batch_rows = max_batch_rows, .precision = precision});
  }
  return *engine;
}

rc::Gen<Precision> any_precision() {
  return rc::gen::element(Precision::kF32, Precision::kBf16, Precision::kInt8);
}

TEST(EngineProperties, ABatchEqualsItsMembersToTheLastBit) {
  EXPECT_TRUE(rc::check("batch equals members", [] {
    const auto network = *rc::gen::inRange<std::size_t>(0, networks().size());
    const int n = *rc::gen::inRange(1, 4);
    const Engine& engine = engine_of(network, 2, *rc::gen::element(1, 3, 64), *any_precision());
    const std::size_t samples = static_cast<std::size_t>(engine.config().front_end.segment_samples);
    const auto audio = random_values(samples * static_cast<std::size_t>(n), *rc::gen::arbitrary<unsigned>());
    const EncodedSegments whole = engine.encode(audio, n);
    const auto tokens = engine.decode(whole, nullptr, 12);
    const std::size_t channels = static_cast<std::size_t>(engine.config().decoder.n_channels);
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      const EncodedSegments one = engine.encode(std::span(audio).subspan(i * samples, samples), 1);
      const auto same = [&](const std::vector<float>& all, const std::vector<float>& part) {
        return all.size() == part.size() * static_cast<std::size_t>(n) &&
               std::equal(part.begin(), part.end(), all.begin() + static_cast<std::ptrdiff_t>(i * part.size()));
      };
      RC_ASSERT(same(whole.memory, one.memory));
      RC_ASSERT(same(whole.auxiliary, one.auxiliary));
      RC_ASSERT(same(whole.group_notes, one.group_notes));
      const auto row = engine.decode(one, nullptr, 12);
      for (std::size_t c = 0; c < channels; ++c) RC_ASSERT(row[c] == tokens[i * channels + c]);
    }
  }));
}

TEST(EngineProperties, EveryNumberOfThreadsGivesTheSameBits) {
  EXPECT_TRUE(rc::check("threads agree", [] {
    const auto network = *rc::gen::inRange<std::size_t>(0, networks().size());
    const int n_threads = *rc::gen::inRange(2, 5);
    const Precision precision = *any_precision();
    const Engine& one = engine_of(network, 1, 64, precision);
    const Engine& many = engine_of(network, n_threads, 64, precision);
    const std::size_t samples = static_cast<std::size_t>(one.config().front_end.segment_samples);
    const auto audio = random_values(2 * samples, *rc::gen::arbitrary<unsigned>());
    const EncodedSegments a = one.encode(audio, 2), b = many.encode(audio, 2);
    RC_ASSERT(a.memory == b.memory);
    RC_ASSERT(a.auxiliary == b.auxiliary);
    RC_ASSERT(a.group_notes == b.group_notes);
    RC_ASSERT(one.decode(a, nullptr, 12) == many.decode(b, nullptr, 12));
  }));
}

/// Values that the decoder reads of one segment.
std::size_t memory_size(const Engine& engine) {
  return engine.encode(std::vector<float>(static_cast<std::size_t>(engine.config().front_end.segment_samples)), 1)
      .memory.size();
}

/// Adds to the logits what a function of row, place and token says.
class Shift : public LogitProcessor {
 public:
  void process(int row, std::span<const std::int32_t> tokens, std::span<float> logits) override {
    for (std::size_t i = 0; i < logits.size(); ++i) {
      logits[i] +=
          3.f * std::sin(static_cast<float>(row) + 7.f * static_cast<float>(tokens.size() * logits.size() + i));
    }
  }
};

/// Root of the mean square of the differences over that of `expected`.
double relative_difference(const std::vector<float>& found, const std::vector<float>& expected) {
  EXPECT_EQ(found.size(), expected.size());
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(double{found[i]} - expected[i], 2);
    size += std::pow(double{expected[i]}, 2);
  }
  return std::sqrt(difference / size);
}

/// The largest relative difference of a stage's values from those of the plain instruction set in float32.
class EveryInstructionSet : public ::testing::TestWithParam<Isa> {};
INSTANTIATE_TEST_SUITE_P(Engine, EveryInstructionSet, ::testing::ValuesIn(supported_isas()),
                         [](const auto& chosen) { return std::string(isa_name(chosen.param)); });

TEST_P(EveryInstructionSet, ComputesWholeNetworks) {
  for (std::size_t i = 0; i < networks().size(); ++i) {
    const Model model = formula_model(networks()[i], 17);
    const Engine plain(model, {.n_threads = 1, .isa = Isa::kPortable});
    const auto audio = random_values(static_cast<std::size_t>(plain.config().front_end.segment_samples), 5);
    const EncodedSegments expected = plain.encode(audio, 1);
    const auto tokens = plain.decode(expected, nullptr, 12);
    for (const Precision precision : {Precision::kF32, Precision::kBf16, Precision::kInt8}) {
      const Engine engine(model, {.n_threads = 2, .precision = precision, .isa = GetParam()});
      const EncodedSegments found = engine.encode(audio, 1);
      // Where a router's choice is close, another expert answers, which is no error of rounding.
      const bool routed = plain.config().encoder.feed_forward == EncoderConfig::FeedForward::kMoe;
      if (routed && precision != Precision::kF32) continue;
      // Random networks magnify what rounding does some tens of times: to a factor, or to a sum of some 200 products.
      const double rounding = precision == Precision::kF32    ? std::ldexp(1, -24) * std::sqrt(200)
                              : precision == Precision::kBf16 ? std::ldexp(1, -9)
                                                              : std::ldexp(1, -8);
      const double tolerance = 40 * rounding;
      EXPECT_LT(relative_difference(found.memory, expected.memory), tolerance) << i << precision_name(precision);
      if (!expected.auxiliary.empty()) {
        EXPECT_LT(relative_difference(found.auxiliary, expected.auxiliary), tolerance) << i;
      }
      if (precision == Precision::kF32) {
        EXPECT_EQ(engine.decode(found, nullptr, 12), tokens) << i;
      }
    }
  }
}

TEST(EngineProperties, RowsDecodedSideBySideDoNotTouchEachOther) {
  EXPECT_TRUE(rc::check("slots agree", [] {
    const Engine &narrow = engine_of(1, 2, 1), &wide = engine_of(1, 2, *rc::gen::inRange(2, 9));
    const std::size_t n = 4 * memory_size(wide);
    const EncodedSegments encoded{4, random_values(n, *rc::gen::arbitrary<unsigned>()), {}};
    Shift shift;  // Makes rows end at different times.
    RC_ASSERT(narrow.decode(encoded, &shift) == wide.decode(encoded, &shift));
  }));
}

/// Dictates the tokens of every row.
class Dictate : public LogitProcessor {
 public:
  explicit Dictate(std::vector<std::int32_t> tokens) : tokens_(std::move(tokens)) {}
  void process(int, std::span<const std::int32_t> tokens, std::span<float> logits) override {
    const std::int32_t next = tokens.size() < tokens_.size() ? tokens_[tokens.size()] : 5;
    logits[static_cast<std::size_t>(next)] = 1e9f;
  }

 private:
  std::vector<std::int32_t> tokens_;
};

EncodedSegments some_memory(const Engine& engine) {
  return {1, random_values(memory_size(engine), 3), {}};
}

TEST(GreedyDecoding, EndsARowAtItsSecondTokenOrLaterWhenThatIsEos) {
  const Engine& engine = engine_of(0, 2, 64);
  using Row = std::vector<std::int32_t>;
  const auto decode = [&](Row tokens, int max_length) {
    Dictate dictate(std::move(tokens));
    return engine.decode(some_memory(engine), &dictate, max_length).front();
  };
  EXPECT_EQ(decode({7, 8, 1, 9}, 30), (Row{7, 8, 1}));
  EXPECT_EQ(decode({1, 8, 1, 9}, 30), (Row{1, 8, 1})) << "an EOS in first place does not count";
  EXPECT_EQ(decode({1, 1}, 30), (Row{1, 1}));
  EXPECT_EQ(decode({7, 8, 9}, 2), (Row{7, 8})) << "no EOS before the maximum";
  EXPECT_EQ(decode({7, 0, 9, 1}, 30), (Row{7, 0, 9, 1})) << "a PAD within a row stays";
  EXPECT_EQ(decode({7, 0, 0}, 3), (Row{7})) << "PADs at the end do not";
  EXPECT_EQ(decode({}, 0).size(), 70u) << "0 means the configuration's maximum";
}

TEST(GreedyDecoding, TakesTheLowestOfEqualTokens) {
  class Flat : public LogitProcessor {
    void process(int, std::span<const std::int32_t>, std::span<float> logits) override {
      std::fill(logits.begin(), logits.end(), 0.f);
      logits[4] = logits[9] = 1.f;
    }
  };
  Flat flat;
  EXPECT_EQ(engine_of(0, 2, 64).decode(some_memory(engine_of(0, 2, 64)), &flat, 2).front(),
            (std::vector<std::int32_t>{4, 4}));
}

TEST(GreedyDecoding, StopsWhenItIsToldTo) {
  const Engine& engine = engine_of(0, 2, 64);
  std::atomic<bool> stop{true};
  try {
    engine.decode(some_memory(engine), nullptr, 0, &stop);
    FAIL() << "expected kCancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
}

TEST(GreedyDecoding, PassesOnWhatTheProcessorThrows) {
  class Broken : public LogitProcessor {
    void process(int, std::span<const std::int32_t> tokens, std::span<float>) override {
      if (tokens.size() == 3) throw std::runtime_error("broken");
    }
  };
  Broken broken;
  EXPECT_THROW(engine_of(1, 2, 64).decode(some_memory(engine_of(1, 2, 64)), &broken), std::runtime_error);
}

TEST(Engine, ServesSeveralThreadsAtATime) {
  const Engine& engine = engine_of(1, 2, 4);
  const std::size_t samples = static_cast<std::size_t>(engine.config().front_end.segment_samples);
  const auto audio = random_values(samples, 1);
  const EncodedSegments expected = engine.encode(audio, 1);
  const auto tokens = engine.decode(expected, nullptr, 30);
  std::vector<std::jthread> threads;
  std::atomic<int> n_wrong{0};
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const EncodedSegments found = engine.encode(audio, 1);
        if (found.memory != expected.memory || engine.decode(found, nullptr, 30) != tokens) ++n_wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(n_wrong, 0);
}

TEST(Engine, RefusesSpansOfAnotherSizeAndTokensOutsideTheVocabulary) {
  const Engine& engine = engine_of(0, 2, 64);
  const std::vector<float> short_by_one(2998);
  const auto code_of = [](auto&& call) {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kCancelled;
  };
  const auto invalid = ErrorCode::kInvalidArgument;
  EXPECT_EQ(code_of([&] { engine.spectrogram(short_by_one, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.encode(short_by_one, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.pre_encode(short_by_one, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.encode_features(short_by_one, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.pre_decode(short_by_one, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.auxiliary_logits(short_by_one, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.decode({1, short_by_one, {}}); }), invalid);
  EXPECT_EQ(code_of([&] { engine.decode(some_memory(engine), nullptr, 81); }), invalid) << "80 positions";
  const auto memory = some_memory(engine).memory;
  EXPECT_EQ(code_of([&] { engine.decoder_logits(std::vector<std::int32_t>{0, 41}, memory, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.decoder_logits(std::vector<std::int32_t>{-1}, memory, 1); }), invalid);
  EXPECT_EQ(code_of([&] { engine.decoder_logits(std::vector<std::int32_t>(81), memory, 1); }), invalid);
  EXPECT_EQ(engine.encode({}, 0).memory.size(), 0u);
  EXPECT_TRUE(engine.decode({}).empty());
}

TEST(Engine, NamesTheTensorThatIsMissingOrOfAnotherShape) {
  Model model = formula_model(testing::tiny_perceiver(), 17);
  const std::string name = "encoder.blocks.1.temporal_transformer.0.mlp.dense2.weight";
  const TensorView whole = model.weights.tensors.at(name);
  const auto expect_named = [&] {
    try {
      const Engine engine(model, {});
      FAIL() << "expected kMalformed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kMalformed);
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  };
  model.weights.tensors.erase(name);
  expect_named();
  model.weights.tensors[name] = {whole.dtype, {24, 12}, whole.bytes};
  expect_named();
  model.weights.tensors[name] = whole;
  EXPECT_NO_THROW(Engine(model, {}));
  EXPECT_THROW(Engine(model, {.max_batch_rows = 0}), Error);
}

}  // namespace
}  // namespace yourmt3
