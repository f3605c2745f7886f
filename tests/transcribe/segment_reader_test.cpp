#include "transcribe/segment_reader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{60'000};

/// 0, 1, 2 ... up to n.
OpenSource counting_to(std::size_t n) {
  return [n](const std::stop_token&) {
    return SampleSource{[n, next = std::size_t{0}](std::span<float> out) mutable {
                          const std::size_t count = std::min(out.size(), n - next);
                          std::iota(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count), float(next));
                          next += count;
                          return count;
                        },
                        0.5};
  };
}

TEST(SegmentReader, GivesWholeSegmentsWithZerosBehindTheEnd) {
  SegmentReader reader(counting_to(5), 3);
  EXPECT_EQ(reader.take(kLong), (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(reader.take(kLong), (std::vector<float>{3, 4, 0}));
  EXPECT_EQ(reader.take(kLong), std::nullopt);
  EXPECT_TRUE(reader.all_read() && reader.at_end());
  EXPECT_EQ(reader.n_samples(), 5u);
  EXPECT_EQ(reader.total_sec(), 0.5);
}

TEST(SegmentReader, AddsNoSegmentToAWholeNumberOfThem) {
  for (const std::size_t n : {0u, 3u, 60u}) {
    SegmentReader reader(counting_to(n), 3);
    std::size_t n_segments = 0;
    while (reader.take(kLong)) ++n_segments;
    EXPECT_EQ(n_segments, n / 3);
    EXPECT_EQ(reader.n_samples(), n);
  }
}

TEST(SegmentReader, ReadsNoFurtherAheadThanItMay) {
  SegmentReader reader(counting_to(3000), 3);
  for (std::size_t taken = 1; taken <= 1000; ++taken) {
    ASSERT_TRUE(reader.take(kLong));
    EXPECT_LE(reader.n_samples(), 3 * (taken + 9));
  }
  EXPECT_FALSE(reader.take(kLong));
}

TEST(SegmentReader, ThrowsBehindTheSegmentsBeforeTheError) {
  int n_reads = 0;
  SegmentReader reader(
      [&n_reads](const std::stop_token&) {
        return SampleSource{[&n_reads](std::span<float> out) {
                              if (++n_reads == 2) throw Error(ErrorCode::kIo, "the tape broke");
                              return out.size();
                            },
                            0};
      },
      3);
  EXPECT_TRUE(reader.take(kLong));
  EXPECT_FALSE(reader.at_end());
  EXPECT_THROW(reader.take(kLong), Error);
}

TEST(SegmentReader, WaitsNoLongerThanItIsToldAndStopsASourceThatAsks) {
  std::atomic<bool> reading = false, asked = false;
  {
    SegmentReader reader(
        [&reading, &asked](const std::stop_token& stop) {
          return SampleSource{[stop, &reading, &asked](std::span<float>) -> std::size_t {
                                reading = true;
                                while (!stop.stop_requested()) std::this_thread::yield();
                                asked = true;
                                throw Error(ErrorCode::kCancelled, "cancelled");
                              },
                              0};
        },
        3);
    EXPECT_EQ(reader.take(milliseconds(1)), std::nullopt);
    EXPECT_FALSE(reader.all_read());
    while (!reading) std::this_thread::yield();  // One that was never begun need not be stopped.
  }
  EXPECT_TRUE(asked);
}

}  // namespace
}  // namespace yourmt3
