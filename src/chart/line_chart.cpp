#include "chart/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace yourmt3 {
namespace {

constexpr double kWidth = 720, kHeight = 400;
constexpr double kLeft = 64, kRight = 540, kTop = 36, kBottom = 348;  // The legend is right of the axes.
// Colours that the colour-blind keep apart. Source: Okabe and Ito 2008.
constexpr std::array<std::string_view, 8> kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                      "#E69F00", "#56B4E9", "#555555", "#B8A900"};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Never empty, so that it can be divided by.
  void widen() {
    if (!(low <= high)) low = 0, high = 1;
    if (low == high) high = low + 1;
  }
};

bool finite(const ChartPoint& point) {
  return std::isfinite(point.x) && std::isfinite(point.y);
}

class Axes {
 public:
  Axes(const LineChart& chart) {
    for (const Curve& curve : chart.curves) {
      for (const ChartPoint& point : curve.points) {
        if (!finite(point)) continue;
        x_.take(point.x);
        y_.take(point.y);
      }
      for (const auto* bounds : {&curve.low, &curve.high}) {
        for (const double value : *bounds) y_.take(value);
      }
    }
    if (chart.from_zero) y_.take(0);
    x_.widen();
    y_.widen();
  }

  ChartPoint place(const ChartPoint& point) const {
    return {kLeft + (point.x - x_.low) / (x_.high - x_.low) * (kRight - kLeft),
            kBottom - (point.y - y_.low) / (y_.high - y_.low) * (kBottom - kTop)};
  }

  void draw(const LineChart& chart, SvgCanvas& canvas) const {
    using Anchor = SvgCanvas::Anchor;
    for (const double y : axis_ticks(y_.low, y_.high, 6)) {
      const ChartPoint left = place({x_.low, y});
      canvas.line(left, {kRight, left.y}, "#ddd");
      canvas.text({kLeft - 6, left.y + 4}, fmt::format("{:.6g}", y), Anchor::kEnd, 11);
    }
    for (const double x : axis_ticks(x_.low, x_.high, 7)) {
      const ChartPoint at = place({x, y_.low});
      canvas.line(at, {at.x, kBottom + 4}, "#222");
      canvas.text({at.x, kBottom + 17}, fmt::format("{:.6g}", x), Anchor::kMiddle, 11);
    }
    canvas.line({kLeft, kBottom}, {kRight, kBottom}, "#222");
    canvas.line({kLeft, kTop}, {kLeft, kBottom}, "#222");
    canvas.text({kLeft, 20}, chart.title, Anchor::kStart, 14);
    canvas.text({(kLeft + kRight) / 2, kBottom + 38}, chart.x_label, Anchor::kMiddle);
    canvas.text({16, (kTop + kBottom) / 2}, chart.y_label, Anchor::kMiddle, 12, -90);
  }

 private:
  Range x_, y_;
};

void draw_curve(const Curve& curve, const Axes& axes, std::string_view colour, SvgCanvas& canvas) {
  std::vector<ChartPoint> line, upper, lower;
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const ChartPoint& point = curve.points[i];
    if (!finite(point)) continue;
    line.push_back(axes.place(point));
    if (i < curve.low.size() && i < curve.high.size() && std::isfinite(curve.low[i]) && std::isfinite(curve.high[i])) {
      lower.push_back(axes.place({point.x, curve.low[i]}));
      upper.push_back(axes.place({point.x, curve.high[i]}));
    }
  }
  upper.insert(upper.end(), lower.rbegin(), lower.rend());
  if (upper.size() > 2) canvas.polygon(upper, colour, 0.15);
  canvas.polyline(line, colour);
  for (const ChartPoint& point : line) canvas.circle(point, 2.5, colour);
}

}  // namespace

std::vector<double> axis_ticks(double low, double high, int count) {
  const double rough = (high - low) / std::max(count - 1, 1);
  if (!(rough > 0)) return {low};
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  // Counted in steps, so that 0 is 0 and no rounding adds up.
  for (double n = std::ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; ++n) ticks.push_back(n * step + 0.0);
  if (ticks.empty()) ticks.push_back(low);
  return ticks;
}

std::string to_svg(const LineChart& chart) {
  SvgCanvas canvas(kWidth, kHeight);
  const Axes axes(chart);
  axes.draw(chart, canvas);
  double legend = kTop + 8;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const std::string_view colour = kColours[i % kColours.size()];
    draw_curve(chart.curves[i], axes, colour, canvas);
    canvas.line({kRight + 14, legend}, {kRight + 34, legend}, colour, 3);
    canvas.text({kRight + 40, legend + 4}, chart.curves[i].name);
    legend += 18;
  }
  return canvas.finish();
}

}  // namespace yourmt3
