#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

struct ChartPoint {
  double x = 0;
  double y = 0;
};

/// A picture in SVG, in pixels from the upper left corner. Text is escaped here and nowhere else.
class SvgCanvas {
 public:
  SvgCanvas(double width, double height);

  enum class Anchor { kStart, kMiddle, kEnd };
  void text(ChartPoint at, std::string_view words, Anchor anchor = Anchor::kStart, double size = 12,
            double turned_deg = 0);
  void line(ChartPoint from, ChartPoint to, std::string_view colour, double width = 1);
  void polyline(const std::vector<ChartPoint>& points, std::string_view colour, double width = 2);
  void polygon(const std::vector<ChartPoint>& points, std::string_view colour, double opacity);
  void circle(ChartPoint centre, double radius, std::string_view colour);
  /// `hint` is shown when a pointer rests on it.
  void rectangle(ChartPoint corner, double width, double height, std::string_view colour, std::string_view hint = {});

  /// The whole file.
  std::string finish() const;

 private:
  double width_, height_;
  std::string body_;
};

}  // namespace yourmt3
