#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "chart/heat_map.h"
#include "chart/line_chart.h"
#include "chart/roofline.h"

namespace yourmt3 {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(AxisTicks, AreRoundNumbersWithinTheRange) {
  EXPECT_THAT(axis_ticks(0, 1, 6), ElementsAre(0, DoubleNear(0.2, 1e-12), DoubleNear(0.4, 1e-12),
                                               DoubleNear(0.6, 1e-12), DoubleNear(0.8, 1e-12), DoubleNear(1, 1e-12)));
  EXPECT_THAT(axis_ticks(-18, 0, 4), ElementsAre(-10, 0));
  EXPECT_THAT(axis_ticks(3, 3, 6), ElementsAre(3));
  EXPECT_FALSE(std::signbit(axis_ticks(-1, 1, 3)[1])) << "zero has no sign on an axis";
}

TEST(LineChart, DrawsEveryCurveWithItsPointsAndName) {
  LineChart chart{"Scores", "segments", "onset_f", {}};
  chart.curves.push_back({"a < b", {{0, 0}, {1, 0.5}, {2, 0.75}}, {}, {}});
  chart.curves.push_back({"c", {{0, 0.1}, {2, 0.2}}, {0.05, 0.1}, {0.2, 0.3}});
  const std::string svg = to_svg(chart);
  EXPECT_EQ(count(svg, "<polyline"), 2u);
  EXPECT_EQ(count(svg, "<circle"), 5u);
  EXPECT_EQ(count(svg, "<polygon"), 1u) << "only the second curve has a band";
  EXPECT_THAT(svg, HasSubstr("a &lt; b"));
  EXPECT_THAT(svg, Not(HasSubstr("a < b")));
}

TEST(LineChart, LeavesOutWhatIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string svg = to_svg(LineChart{"t", "x", "y", {{"a", {{0, nan}, {1, 1}}, {nan, 0.5}, {nan, 1.5}}}});
  EXPECT_EQ(count(svg, "<circle"), 1u);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(to_svg(LineChart{"empty", "x", "y", {}}), Not(HasSubstr("inf")));
}

TEST(LineChart, HigherValuesAreHigherUp) {
  const std::string svg = to_svg(LineChart{"t", "x", "y", {{"a", {{0, 0}, {1, 1}}, {}, {}}}});
  EXPECT_THAT(svg, HasSubstr("points=\"64.0,348.0 540.0,36.0\""));
}

TEST(Roofline, DrawsCeilingsAndNumbersWorks) {
  Roofline roofline{
      "CPU", {{"f32", 500}, {"int8", 2000}}, {{"memory", 50}}, {{"product <a>", 10, 400}, {"step", 1, 40}}};
  const std::string svg = to_svg(roofline);
  EXPECT_EQ(count(svg, "<circle"), 2u);
  EXPECT_EQ(count(svg, "#D55E00"), 2u);
  EXPECT_EQ(count(svg, "#0072B2"), 1u);
  for (const char* words : {"f32 500", "memory 50 GB/s", "1  product &lt;a&gt;", "2  step"}) {
    EXPECT_THAT(svg, HasSubstr(words));
  }
}

TEST(Roofline, IsLogarithmic) {
  // Intensity 1 to 100 and speed 1 to 100: the middle of both axes is 10.
  const std::string svg = to_svg(Roofline{"", {}, {}, {{"a", 1, 1}, {"b", 10, 10}, {"c", 100, 100}}});
  EXPECT_THAT(svg, HasSubstr("cx=\"64.0\" cy=\"428.0\""));
  EXPECT_THAT(svg, HasSubstr("cx=\"312.0\" cy=\"232.0\""));
  EXPECT_THAT(svg, HasSubstr("cx=\"560.0\" cy=\"36.0\""));
}

TEST(HeatMap, HasAFieldForEveryValueAndTellsIt) {
  HeatMap map{"Experts", {"piano", "drums"}, {"0", "1"}, {{0.25, 0.75}, {1, 0}}};
  const std::string svg = to_svg(std::vector<HeatMap>{map, map});
  EXPECT_EQ(count(svg, "<title>"), 8u);
  EXPECT_EQ(count(svg, "piano, 1: 0.75"), 2u);
  EXPECT_EQ(count(svg, "fill=\"#f7fbff\""), 2u) << "the lightest shade is for 0";
  EXPECT_EQ(count(svg, "fill=\"#08306b\""), 2u) << "the darkest for 1";
}

TEST(HeatMap, IsAsWideAsItsTitle) {
  HeatMap map{std::string(100, 'x'), {"piano"}, {"0"}, {{0.25}}};
  EXPECT_THAT(to_svg(std::vector<HeatMap>{map}), HasSubstr("width=\"716\""));
}

TEST(HeatMap, WideNamesOfColumnsStandUpright) {
  HeatMap map{"Effects", {"piano"}, {"compress", "clip"}, {{0.25, 0.75}}};
  EXPECT_EQ(count(to_svg(std::vector<HeatMap>{map}), "rotate(-90"), 2u);
  map.columns = {"0", "1"};
  EXPECT_EQ(count(to_svg(std::vector<HeatMap>{map}), "rotate"), 0u);
}

}  // namespace
}  // namespace yourmt3
