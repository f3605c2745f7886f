#include "eval/beat_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace yourmt3 {
namespace {

using Beats = std::vector<double>;

TEST(BeatFMeasure, CountsBeatsWithin70MillisecondsOfEachOther) {
  const Beats reference = {1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(beat_f_measure(reference, reference), 1);
  EXPECT_DOUBLE_EQ(beat_f_measure(reference, Beats{0.935, 2.065, 3.06, 3.94}), 1);
  EXPECT_DOUBLE_EQ(beat_f_measure(reference, Beats{1.08, 1.92, 3, 4}), 0.5);
  EXPECT_DOUBLE_EQ(beat_f_measure(reference, Beats{1.5, 2.5, 3.5}), 0);
}

TEST(BeatFMeasure, WeighsWhatIsMissedAndWhatIsTooMuch) {
  const Beats reference = {1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(beat_f_measure(reference, Beats{1, 3}), 2.0 * 2 / 6) << "half the tempo";
  EXPECT_DOUBLE_EQ(beat_f_measure(reference, Beats{1, 1.5, 2, 2.5, 3, 3.5, 4}), 2.0 * 4 / 11) << "twice the tempo";
}

TEST(BeatFMeasure, UsesEachBeatOnce) {
  EXPECT_DOUBLE_EQ(beat_f_measure(Beats{1}, Beats{0.98, 1, 1.02}), 0.5);
  EXPECT_DOUBLE_EQ(beat_f_measure(Beats{0.95, 1.05}, Beats{1}), 2.0 / 3);
  // 1.05 suits both, 0.95 the first alone: the pairs that leave nobody alone.
  EXPECT_DOUBLE_EQ(beat_f_measure(Beats{1, 1.1}, Beats{0.95, 1.05}), 1);
}

TEST(BeatFMeasure, OfNothingIsNothing) {
  EXPECT_DOUBLE_EQ(beat_f_measure(Beats{}, Beats{1}), 0);
  EXPECT_DOUBLE_EQ(beat_f_measure(Beats{1}, Beats{}), 0);
  EXPECT_TRUE(std::isnan(beat_f_measure(Beats{}, Beats{})));
}

TEST(BeatFMeasure, CountsTheFirstSecondsToo) {
  EXPECT_DOUBLE_EQ(beat_f_measure(Beats{0.5, 6}, Beats{6}), 2.0 / 3) << "where mir_eval begins after five seconds";
}

}  // namespace
}  // namespace yourmt3
