// Shifted sound and labels against those of the reference implementation.
#include <gtest/gtest.h>

#include <cmath>

#include "data/pitch_shift.h"
#include "support/golden.h"
#include "support/npy.h"

namespace yourmt3 {
namespace {

using testing::golden_json;
using testing::golden_rows;

double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

TEST(GoldenPitchShift, ShiftsSoundAsRecorded) {
  const auto recorded = golden_json("training/pitch_shift.json");
  const auto input = golden_rows("training/pitch_shift_input.npy");
  const PitchShifter shifter(-12, 12);
  ASSERT_FALSE(recorded.at("shifts").empty());
  for (const auto& shift : recorded.at("shifts")) {
    const int semitones = shift.at("semitones");
    const std::string sign = semitones > 0 ? "+" : "";
    const auto expected = golden_rows("training/pitch_shift_" + sign + std::to_string(semitones) + ".npy");
    ASSERT_EQ(expected.size(), input.size());
    for (std::size_t row = 0; row < input.size(); ++row) {
      const auto actual = shifter.shift(input[row], semitones);
      ASSERT_EQ(actual.size(), expected[row].size());
      // The reference adds phases up in 32 bits, where we multiply directions: bins near silence drift apart.
      EXPECT_GT(correlation(actual, expected[row]), 0.999) << semitones << " semitones, row " << row;
    }
  }
}

TEST(GoldenPitchShift, ShiftsLabelsAsRecorded) {
  const auto golden = golden_json("training/label_pitch_shift.json");
  ASSERT_FALSE(golden.at("cases").empty());
  for (const auto& one : golden.at("cases")) {
    ASSERT_EQ(one.at("in").size(), one.at("out").size());
    for (std::size_t i = 0; i < one.at("in").size(); ++i) {
      const auto& in = one.at("in")[i];
      EXPECT_EQ(shifted_pitch(in.at(0).get<int>() != 0, in.at(4), one.at("semitones")),
                one.at("out")[i].at(4).get<int>())
          << in << " by " << one.at("semitones");
    }
  }
}

}  // namespace
}  // namespace yourmt3
