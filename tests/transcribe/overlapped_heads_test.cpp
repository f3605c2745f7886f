#include "transcribe/overlapped_heads.h"

#include <gtest/gtest.h>

#include <cmath>

namespace yourmt3 {
namespace {

constexpr std::size_t kWidth = 3, kGroups = 2;

ModelConfig overlapped(int hop_length, int segment_samples = 32767) {
  ModelConfig config;
  config.front_end.hop_length = hop_length;
  config.front_end.segment_samples = segment_samples;
  config.inference.overlap = true;
  return config;
}

/// Goes through a recording of `n_pieces`, whose sample n has the value n + 1, with heads that say
/// `logit(first sample heard, frame)`.
template <class Logit>
std::vector<OverlappedHeads::Segment> segments_of(const ModelConfig& config, int n_pieces, const Logit& logit) {
  OverlappedHeads heads(config);
  const auto advance = static_cast<std::size_t>(config.segment_advance());
  const auto n_samples = static_cast<std::size_t>(config.front_end.segment_samples);
  std::vector<OverlappedHeads::Segment> known;
  EXPECT_FALSE(heads.is_open());
  for (int piece = 0; piece <= n_pieces; ++piece) {
    std::vector<float> sound;
    for (std::size_t i = 0; piece < n_pieces && i < advance; ++i) {
      sound.push_back(static_cast<float>(static_cast<std::size_t>(piece) * advance + i + 1));
    }
    std::vector<float> samples;
    heads.push(sound, samples);
    EXPECT_EQ(heads.is_open(), piece < n_pieces);
    for (std::size_t first = 0; first < samples.size(); first += n_samples) {
      // Where it begins: the end of the recording and what lies before it are silent, its middle is not.
      const std::size_t inside = samples[first] > 0 ? 0 : advance / 2;
      const double start = samples[first + inside] - 1 - static_cast<double>(inside);
      EncodedSegments encoded;
      encoded.n_segments = 1;
      for (int frame = 0; frame < config.front_end.n_frames(); ++frame) {
        for (std::size_t k = 0; k < kWidth; ++k) encoded.auxiliary.push_back(logit(start, frame) + 1000.f * k);
        for (std::size_t k = 0; k < kGroups; ++k) encoded.group_notes.push_back(logit(start, frame) - 1000.f * k);
      }
      heads.add(std::move(encoded), known);
    }
  }
  return known;
}

TEST(OverlappedHeads, FramesOfBothLieOnOneGrid) {
  for (const ModelConfig& config : {overlapped(320), overlapped(320, 33000), overlapped(512), overlapped(1024)}) {
    const int hop = config.front_end.hop_length, advance = config.segment_advance();
    ASSERT_EQ(advance % (2 * hop), 0);
    const auto time = [&](double start, int frame) { return static_cast<float>(start / hop + frame); };
    const auto segments = segments_of(config, 3, time);
    ASSERT_EQ(segments.size(), 3u);
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const float first = static_cast<float>(i) * static_cast<float>(advance / hop);
      const auto expect = [&](const std::vector<float>& logits, float from, std::size_t width, float step) {
        ASSERT_EQ(logits.size() % width, 0u);
        for (std::size_t j = 0; j < logits.size(); ++j) {
          const float wanted = from + static_cast<float>(j / width) + step * static_cast<float>(j % width);
          ASSERT_NEAR(logits[j], wanted, 1e-3f) << hop << ", segment " << i << ", value " << j;
        }
      };
      const auto n_frames = static_cast<std::size_t>(config.front_end.n_frames());
      ASSERT_EQ(segments[i].encoded.auxiliary.size(), n_frames * kWidth);
      expect(segments[i].encoded.auxiliary, first, kWidth, 1000);
      expect(segments[i].encoded.group_notes, first, kGroups, -1000);
      const std::size_t before = i == 0 ? 0 : OnsetCandidates::kMargin;
      ASSERT_EQ(segments[i].margins.before.size(), before * kWidth);
      ASSERT_EQ(segments[i].margins.after.size(), OnsetCandidates::kMargin * kWidth);
      expect(segments[i].margins.before, first - static_cast<float>(before), kWidth, 1000);
      expect(segments[i].margins.after, first + static_cast<float>(n_frames), kWidth, 1000);
    }
  }
}

TEST(OverlappedHeads, EachCountsMoreTheFartherItsBordersAre) {
  const ModelConfig config = overlapped(320);
  const double advance = config.segment_advance();
  // 1 of the segments, 0 of those in between.
  const auto segments =
      segments_of(config, 2, [&](double start, int) { return std::fmod(start, advance) == 0 ? 1.f : 0.f; });
  ASSERT_EQ(segments.size(), 2u);
  const auto at = [&](std::size_t frame) { return segments[1].encoded.auxiliary[frame * kWidth]; };
  EXPECT_FLOAT_EQ(at(0), 0.f);
  EXPECT_FLOAT_EQ(at(17), 17.f / 51);
  EXPECT_FLOAT_EQ(at(51), 1.f);
  EXPECT_FLOAT_EQ(at(85), 17.f / 51);
  EXPECT_FLOAT_EQ(at(102), 0.f);
}

TEST(OverlappedHeads, NothingComesOfNothing) {
  OverlappedHeads heads(overlapped(320));
  EXPECT_FALSE(heads.is_open());
}

}  // namespace
}  // namespace yourmt3
