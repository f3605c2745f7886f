#pragma once

#include <string>
#include <vector>

namespace yourmt3 {

/// A table of numbers as coloured fields.
struct HeatMap {
  std::string title;
  std::vector<std::string> rows, columns;   ///< Their names.
  std::vector<std::vector<double>> values;  ///< By row, then column; what is not finite stays white.
  double low = 0, high = 1;                 ///< Values of the lightest and the darkest field.
};

/// Several tables of one picture below each other. A pointer that rests on a field is told its value.
std::string to_svg(const std::vector<HeatMap>& maps);

}  // namespace yourmt3
