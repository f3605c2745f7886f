#pragma once

#include <string>
#include <vector>

namespace yourmt3 {

/// How fast work is done beside what the machine could do. Source: Williams, Waterman and Patterson 2009.
struct Roofline {
  struct Ceiling {
    std::string name;
    double speed = 0;  ///< GFLOP/s of arithmetic, GB/s of memory; above 0.
  };
  struct Work {
    std::string name;
    double intensity = 0;  ///< Operations for each byte that is moved; above 0.
    double gflops = 0;     ///< Above 0.
  };
  std::string title;
  std::vector<Ceiling> arithmetic, memory;
  std::vector<Work> work;
};

/// A picture of 860 by 480 pixels: operations a second by intensity, both axes logarithmic; works are numbered, and
/// named beside the axes.
std::string to_svg(const Roofline& roofline);

}  // namespace yourmt3
