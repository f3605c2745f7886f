#include "engine/decode_session.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "support/property.h"
#include "tiny_models.h"
#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using testing::formula_model;
using testing::random_values;
using TokenRows = std::vector<std::vector<std::int32_t>>;

const Engine& engine_of(int n_threads, int max_batch_rows) {
  static std::map<std::pair<int, int>, std::unique_ptr<Engine>> made;
  auto& engine = made[{n_threads, max_batch_rows}];
  if (!engine) {
    engine = std::make_unique<Engine>(formula_model(testing::tiny_multi(), 17),
                                      Engine::Options{.n_threads = n_threads, .max_batch_rows = max_batch_rows});
  }
  return *engine;
}

constexpr int kChannels = 3;

EncodedSegments some_segments(int n, unsigned seed) {
  static const std::size_t each = [] {
    const Engine& engine = engine_of(2, 4);
    return engine.encode(std::vector<float>(static_cast<std::size_t>(engine.config().front_end.segment_samples)), 1)
        .memory.size();
  }();
  return {n, random_values(static_cast<std::size_t>(n) * each, seed), {}};
}

std::vector<float> memory_of(const EncodedSegments& encoded, int segment) {
  const std::size_t each = encoded.memory.size() / static_cast<std::size_t>(encoded.n_segments);
  const auto first = encoded.memory.begin() + static_cast<std::ptrdiff_t>(each) * segment;
  return {first, first + static_cast<std::ptrdiff_t>(each)};
}

/// Makes rows end at different times: adds to the logits what a function of row, place and token says.
class Shift : public LogitProcessor {
 public:
  void process(int row, std::span<const std::int32_t> tokens, std::span<float> logits) override {
    for (std::size_t i = 0; i < logits.size(); ++i) {
      logits[i] +=
          3.f * std::sin(static_cast<float>(row) + 7.f * static_cast<float>(tokens.size() * logits.size() + i));
    }
  }
};

TEST(DecodeSession, TokensDependNeitherOnTheOrderOfSegmentsNorOnSlotsNorOnThreads) {
  EXPECT_TRUE(rc::check("a segment's tokens are its own", [] {
    const int n = *rc::gen::inRange(1, 6);
    const EncodedSegments encoded = some_segments(n, *rc::gen::arbitrary<unsigned>());
    Shift shift;
    std::map<std::int64_t, DecodedRows> expected;
    const auto alone = engine_of(1, 1).start_decoding();
    for (int i = 0; i < n; ++i) {
      alone->push({i, memory_of(encoded, i), &shift, i * kChannels, {}});
      while (!alone->idle()) alone->step();
      expected[i] = *alone->pop();
    }

    const auto session = engine_of(*rc::gen::inRange(1, 3), *rc::gen::inRange(1, 12)).start_decoding();
    std::vector<int> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    int n_found = 0;
    for (std::size_t next = 0; next < order.size() || !session->idle();) {
      // Segments arrive at any time, also while others are being decoded.
      if (next < order.size() && (session->idle() || *rc::gen::arbitrary<bool>())) {
        const int segment = order[next++];
        session->push({segment, memory_of(encoded, segment), &shift, segment * kChannels, {}});
      } else {
        session->step();
      }
      while (const auto decoded = session->pop()) {
        RC_ASSERT(decoded->rows == expected[decoded->id].rows);
        RC_ASSERT(decoded->probabilities == expected[decoded->id].probabilities);
        ++n_found;
      }
    }
    RC_ASSERT(n_found == n);
  }));
}

/// Gives token `id` the logit `logits[id]` and forbids the others; trusts every token to one half.
class Choose : public LogitProcessor {
 public:
  explicit Choose(std::map<std::size_t, float> logits) : logits_(std::move(logits)) {}
  void process(int, std::span<const std::int32_t>, std::span<float> logits) override {
    std::fill(logits.begin(), logits.end(), -std::numeric_limits<float>::infinity());
    for (const auto& [id, logit] : logits_) logits[id] = logit;
  }
  float trust(int, std::int32_t) const override { return 0.5f; }

 private:
  std::map<std::size_t, float> logits_;
};

TEST(DecodeSession, TellsHowProbableATokenWasAmongThoseThatWereAllowed) {
  const EncodedSegments encoded = some_segments(1, 1);
  Choose choose({{5, std::log(0.6f)}, {9, std::log(0.3f)}, {40, std::log(0.1f)}});
  const auto session = engine_of(1, 4).start_decoding();
  const std::vector<std::int32_t> lengths = {1, 2, 3};
  session->push({7, memory_of(encoded, 0), &choose, 0, lengths});
  while (!session->idle()) session->step();
  const auto decoded = session->pop();
  ASSERT_TRUE(decoded);
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    EXPECT_EQ(decoded->rows[channel], std::vector<std::int32_t>(channel + 1, 5));
    ASSERT_EQ(decoded->probabilities[channel].size(), channel + 1);
    for (const float probability : decoded->probabilities[channel]) EXPECT_NEAR(probability, 0.3f, 1e-6);
  }
}

TEST(DecodeSession, DecodesTheChannelsAskedForAndPaysForNoOthers) {
  EXPECT_TRUE(rc::check("some channels", [] {
    const int n = *rc::gen::inRange(1, 4);
    const EncodedSegments encoded = some_segments(n, *rc::gen::arbitrary<unsigned>());
    Shift shift;
    const TokenRows all = engine_of(1, 1).decode(encoded, &shift);
    std::vector<int> channels;
    for (int channel = 0; channel < kChannels; ++channel) {
      if (*rc::gen::arbitrary<bool>()) channels.push_back(channel);
    }
    RC_PRE(!channels.empty());
    const auto session = engine_of(2, *rc::gen::inRange(1, 9)).start_decoding();
    for (int i = 0; i < n; ++i) session->push({i, memory_of(encoded, i), &shift, i * kChannels, {}, channels});
    while (!session->idle()) session->step();
    while (const auto decoded = session->pop()) {
      for (int channel = 0; channel < kChannels; ++channel) {
        const auto& row = decoded->rows[static_cast<std::size_t>(channel)];
        const bool asked = std::find(channels.begin(), channels.end(), channel) != channels.end();
        const auto& expected = all[static_cast<std::size_t>(decoded->id * kChannels + channel)];
        RC_ASSERT(row == (asked ? expected : std::vector<std::int32_t>()));
      }
    }
  }));
  const EncodedSegments one = some_segments(1, 1);
  const auto session = engine_of(2, 4).start_decoding();
  const std::vector<std::int32_t> lengths = {1, 20, 3};
  const std::vector<int> outer = {0, 2};
  session->push({0, memory_of(one, 0), nullptr, 0, lengths, outer});
  EXPECT_EQ(session->n_vacant(), 2);
  while (!session->idle()) session->step();
  EXPECT_EQ(session->n_row_steps(), 4);
  const std::vector<int> beyond = {0, kChannels};
  EXPECT_THROW(session->push({0, memory_of(one, 0), nullptr, 0, {}, beyond}), Error);
}

TEST(DecodeSession, AStepIsPaidForEachTokenAndNoRowWaitsForTheLongest) {
  EXPECT_TRUE(rc::check("steps by tokens", [] {
    const int n_slots = *rc::gen::inRange(1, 12), n = *rc::gen::inRange(1, 8);
    const EncodedSegments encoded = some_segments(n, 1);
    const auto session = engine_of(2, n_slots).start_decoding();
    const auto lengths = *rc::gen::container<std::vector<std::int32_t>>(static_cast<std::size_t>(n * kChannels),
                                                                        rc::gen::inRange<std::int32_t>(1, 40));
    for (int i = 0; i < n; ++i) {
      session->push({i, memory_of(encoded, i), nullptr, i * kChannels,
                     std::span(lengths).subspan(static_cast<std::size_t>(i * kChannels), kChannels)});
    }
    while (!session->idle()) session->step();
    const std::int64_t n_tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
    RC_ASSERT(session->n_row_steps() == n_tokens);
    // Graham 1969: whoever never leaves a place empty needs less than the even share and one longest row.
    RC_ASSERT(session->n_steps() <= n_tokens / n_slots + *std::max_element(lengths.begin(), lengths.end()));
  }));
}

TEST(DecodeSession, ForcedRowsHaveTheLengthsThatWereAskedFor) {
  EXPECT_TRUE(rc::check("forced lengths", [] {
    const Engine& engine = engine_of(2, *rc::gen::inRange(1, 9));
    const int n = *rc::gen::inRange(1, 4);
    const EncodedSegments encoded = some_segments(n, *rc::gen::arbitrary<unsigned>());
    const auto lengths = *rc::gen::container<std::vector<std::int32_t>>(static_cast<std::size_t>(n * kChannels),
                                                                        rc::gen::inRange<std::int32_t>(1, 71));
    Shift shift;
    const TokenRows free = engine.decode(encoded, &shift);
    const TokenRows forced = engine.decode(encoded, &shift, 0, nullptr, lengths);
    for (std::size_t row = 0; row < forced.size(); ++row) {
      RC_ASSERT(forced[row].size() == static_cast<std::size_t>(lengths[row]));
      const std::size_t common = std::min(free[row].size(), forced[row].size());
      RC_ASSERT(
          std::equal(free[row].begin(), free[row].begin() + static_cast<std::ptrdiff_t>(common), forced[row].begin()));
    }
  }));
}

TEST(DecodeSession, RefusesForcedLengthsThatDoNotFit) {
  const Engine& engine = engine_of(2, 4);
  const EncodedSegments encoded = some_segments(1, 1);
  for (const std::vector<std::int32_t>& lengths :
       {std::vector<std::int32_t>{3, 3}, {3, 3, 3, 3}, {3, 0, 3}, {3, 71, 3}}) {
    EXPECT_THROW(engine.decode(encoded, nullptr, 0, nullptr, lengths), Error);
  }
  EXPECT_EQ(engine.decode(encoded, nullptr, 0, nullptr, std::vector<std::int32_t>{3, 70, 1})[1].size(), 70u);
}

TEST(DecodeSession, CountsThePlacesThatNobodyWaitsFor) {
  const EncodedSegments encoded = some_segments(1, 1);
  const auto session = engine_of(2, 4).start_decoding();
  const std::vector<std::int32_t> lengths = {1, 2, 3};
  EXPECT_TRUE(session->idle());
  EXPECT_EQ(session->n_vacant(), 4);
  for (int i = 0; i < 2; ++i) session->push({i, memory_of(encoded, 0), nullptr, 0, lengths});
  EXPECT_EQ(session->n_vacant(), -2) << "two rows more than places";
  session->step();
  EXPECT_EQ(session->n_vacant(), 0) << "two first rows have ended";
  session->step();
  EXPECT_EQ(session->n_vacant(), 1) << "and now a second one";
  EXPECT_FALSE(session->pop());
  session->step();
  EXPECT_EQ(session->pop()->id, 0);
  EXPECT_FALSE(session->idle());
  session->step();
  EXPECT_EQ(session->pop()->id, 1);
  EXPECT_TRUE(session->idle());
}

}  // namespace
}  // namespace yourmt3
