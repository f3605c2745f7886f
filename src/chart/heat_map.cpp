#include "chart/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart/svg_canvas.h"

namespace yourmt3 {
namespace {

constexpr double kField = 26, kNames = 190, kTitle = 28, kGap = 14;

/// From white to a dark blue.
std::string shade(double share) {
  const double s = std::clamp(share, 0.0, 1.0);
  const auto mix = [s](int light, int dark) { return static_cast<int>(std::lround(light + s * (dark - light))); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(247, 8), mix(251, 48), mix(255, 107));
}

/// Names that are wider than a field stand upright.
bool upright(const HeatMap& map) {
  return std::any_of(map.columns.begin(), map.columns.end(), [](const std::string& name) { return name.size() > 3; });
}

double names_height(const HeatMap& map) {
  std::size_t longest = 0;
  for (const std::string& name : map.columns) longest = std::max(longest, name.size());
  return upright(map) ? 10 + 6.5 * static_cast<double>(longest) : 20;
}

double height_of(const HeatMap& map) {
  return kTitle + names_height(map) + kField * static_cast<double>(map.rows.size()) + kGap;
}

void draw(const HeatMap& map, double top, SvgCanvas& canvas) {
  using Anchor = SvgCanvas::Anchor;
  canvas.text({8, top + 18}, map.title, Anchor::kStart, 13);
  const double first = top + kTitle + names_height(map);
  for (std::size_t c = 0; c < map.columns.size(); ++c) {
    const double x = kNames + kField * (static_cast<double>(c) + 0.5);
    if (upright(map)) {
      canvas.text({x + 4, first - 6}, map.columns[c], Anchor::kStart, 11, -90);
    } else {
      canvas.text({x, first - 6}, map.columns[c], Anchor::kMiddle, 11);
    }
  }
  for (std::size_t r = 0; r < map.rows.size(); ++r) {
    const double y = first + kField * static_cast<double>(r);
    canvas.text({kNames - 8, y + kField / 2 + 4}, map.rows[r], Anchor::kEnd, 11);
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
      const double value = map.values.at(r).at(c);
      const bool known = std::isfinite(value) && map.high > map.low;
      canvas.rectangle({kNames + kField * static_cast<double>(c), y}, kField - 1, kField - 1,
                       known ? shade((value - map.low) / (map.high - map.low)) : "#ffffff",
                       fmt::format("{}, {}: {:.4g}", map.rows[r], map.columns[c], value));
    }
  }
}

}  // namespace

std::string to_svg(const std::vector<HeatMap>& maps) {
  double height = kGap, width = 0;
  for (const HeatMap& map : maps) {
    height += height_of(map);
    // Letters of the title are some 7 pixels wide.
    width = std::max({width, kNames + kField * static_cast<double>(map.columns.size()) + kGap,
                      16 + 7.0 * static_cast<double>(map.title.size())});
  }
  SvgCanvas canvas(width, height);
  double top = 0;
  for (const HeatMap& map : maps) {
    draw(map, top, canvas);
    top += height_of(map);
  }
  return canvas.finish();
}

}  // namespace yourmt3
