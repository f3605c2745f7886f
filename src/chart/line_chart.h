#pragma once

#include <string>
#include <vector>

#include "chart/svg_canvas.h"

namespace yourmt3 {

/// One line of a chart.
struct Curve {
  std::string name;
  std::vector<ChartPoint> points;  ///< By x; not finite ones are left out.
  /// Beside the points, or empty: an interval around each, drawn as a band.
  std::vector<double> low, high;
};

struct LineChart {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  bool from_zero = true;  ///< The y axis begins at 0, or below where there are lower values.
};

/// A picture of 720 by 400 pixels with axes, a legend and the curves in distinct colours.
std::string to_svg(const LineChart& chart);

/// At most `count` round numbers from `low` to `high`, both finite, evenly apart; at least one.
std::vector<double> axis_ticks(double low, double high, int count);

}  // namespace yourmt3
