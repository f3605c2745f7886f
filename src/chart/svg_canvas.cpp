#include "chart/svg_canvas.h"

#include <fmt/format.h>

#include "core/xml_text.h"

namespace yourmt3 {
namespace {

std::string coordinates(const std::vector<ChartPoint>& points) {
  std::string text;
  for (const ChartPoint& point : points) text += fmt::format("{:.1f},{:.1f} ", point.x, point.y);
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

SvgCanvas::SvgCanvas(double width, double height) : width_(width), height_(height) {}

void SvgCanvas::text(ChartPoint at, std::string_view words, Anchor anchor, double size, double turned_deg) {
  constexpr std::string_view kAnchors[] = {"start", "middle", "end"};
  const std::string turn =
      turned_deg == 0 ? "" : fmt::format(" transform=\"rotate({:.0f} {:.1f} {:.1f})\"", turned_deg, at.x, at.y);
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.0f}\" text-anchor=\"{}\"{}>{}</text>\n", at.x,
                       at.y, size, kAnchors[static_cast<int>(anchor)], turn, xml_text(words));
}

void SvgCanvas::line(ChartPoint from, ChartPoint to, std::string_view colour, double width) {
  body_ += fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{:.1f}\"/>\n", from.x,
      from.y, to.x, to.y, colour, width);
}

void SvgCanvas::polyline(const std::vector<ChartPoint>& points, std::string_view colour, double width) {
  body_ += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:.1f}\"/>\n",
                       coordinates(points), colour, width);
}

void SvgCanvas::polygon(const std::vector<ChartPoint>& points, std::string_view colour, double opacity) {
  body_ += fmt::format("<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"{:.2f}\"/>\n", coordinates(points), colour,
                       opacity);
}

void SvgCanvas::circle(ChartPoint centre, double radius, std::string_view colour) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\"/>\n", centre.x, centre.y, radius,
                       colour);
}

void SvgCanvas::rectangle(ChartPoint corner, double width, double height, std::string_view colour,
                          std::string_view hint) {
  const std::string place =
      fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"", corner.x, corner.y,
                  width, height, colour);
  body_ += hint.empty() ? place + "/>\n" : place + "><title>" + xml_text(hint) + "</title></rect>\n";
}

std::string SvgCanvas::finish() const {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\" fill=\"#222\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{2}</svg>\n",
      width_, height_, body_);
}

}  // namespace yourmt3
