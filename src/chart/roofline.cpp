#include "chart/roofline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart/svg_canvas.h"

namespace yourmt3 {
namespace {

constexpr double kWidth = 860, kHeight = 480;
constexpr double kLeft = 64, kRight = 560, kTop = 36, kBottom = 428;
constexpr std::string_view kArithmetic = "#D55E00", kMemory = "#0072B2", kWork = "#222222";

/// A logarithmic axis over whole powers of ten.
struct LogRange {
  double low = 0, high = 1;  // Exponents.

  void take(double value) {
    const double exponent = std::log10(value);
    low = empty ? std::floor(exponent) : std::min(low, std::floor(exponent));
    high = empty ? std::ceil(exponent) : std::max(high, std::ceil(exponent));
    empty = false;
  }
  double share(double value) const { return (std::log10(value) - low) / std::max(high - low, 1.0); }

  bool empty = true;
};

class RooflinePicture {
 public:
  explicit RooflinePicture(const Roofline& roofline) : roofline_(roofline), canvas_(kWidth, kHeight) {
    for (const Roofline::Work& work : roofline.work) {
      x_.take(work.intensity);
      y_.take(work.gflops);
    }
    for (const Roofline::Ceiling& ceiling : roofline.arithmetic) {
      y_.take(ceiling.speed);
      // Where the slowest memory would do.
      for (const Roofline::Ceiling& memory : roofline.memory) x_.take(ceiling.speed / memory.speed);
    }
  }

  std::string draw() {
    axes();
    ceilings();
    works();
    return canvas_.finish();
  }

 private:
  using Anchor = SvgCanvas::Anchor;

  ChartPoint place(double intensity, double gflops) const {
    return {kLeft + x_.share(intensity) * (kRight - kLeft), kBottom - y_.share(gflops) * (kBottom - kTop)};
  }

  void axes() {
    canvas_.text({kLeft, 20}, roofline_.title, Anchor::kStart, 14);
    for (double e = x_.low; e <= x_.high; ++e) {
      const ChartPoint at = place(std::pow(10, e), std::pow(10, y_.low));
      canvas_.line({at.x, kTop}, {at.x, kBottom + 4}, "#ddd");
      canvas_.text({at.x, kBottom + 17}, fmt::format("{:g}", std::pow(10, e)), Anchor::kMiddle, 11);
    }
    for (double e = y_.low; e <= y_.high; ++e) {
      const ChartPoint at = place(std::pow(10, x_.low), std::pow(10, e));
      canvas_.line({kLeft, at.y}, {kRight, at.y}, "#ddd");
      canvas_.text({kLeft - 6, at.y + 4}, fmt::format("{:g}", std::pow(10, e)), Anchor::kEnd, 11);
    }
    canvas_.line({kLeft, kBottom}, {kRight, kBottom}, "#222");
    canvas_.line({kLeft, kTop}, {kLeft, kBottom}, "#222");
    canvas_.text({(kLeft + kRight) / 2, kBottom + 38}, "operations for each byte", Anchor::kMiddle);
    canvas_.text({16, (kTop + kBottom) / 2}, "GFLOP/s", Anchor::kMiddle, 12, -90);
  }

  void ceilings() {
    double highest = 0, fastest = 0;
    for (const Roofline::Ceiling& ceiling : roofline_.arithmetic) highest = std::max(highest, ceiling.speed);
    for (const Roofline::Ceiling& memory : roofline_.memory) fastest = std::max(fastest, memory.speed);
    const double left = std::pow(10, x_.low), right = std::pow(10, x_.high), floor = std::pow(10, y_.low);
    for (const Roofline::Ceiling& memory : roofline_.memory) {
      const double from = std::max(left, floor / memory.speed), to = std::min(right, highest / memory.speed);
      if (from >= to) continue;
      canvas_.line(place(from, from * memory.speed), place(to, to * memory.speed), kMemory, 1.5);
      const ChartPoint at = place(from, from * memory.speed);
      canvas_.text({at.x + 8, at.y - 14}, fmt::format("{} {:.0f} GB/s", memory.name, memory.speed), Anchor::kStart, 11);
    }
    for (const Roofline::Ceiling& ceiling : roofline_.arithmetic) {
      const double from = fastest > 0 ? std::clamp(ceiling.speed / fastest, left, right) : left;
      const ChartPoint end = place(right, ceiling.speed);
      canvas_.line(place(from, ceiling.speed), end, kArithmetic, 1.5);
      canvas_.text({end.x - 4, end.y - 4}, fmt::format("{} {:.0f}", ceiling.name, ceiling.speed), Anchor::kEnd, 11);
    }
  }

  void works() {
    double legend = kTop + 8;
    for (std::size_t i = 0; i < roofline_.work.size(); ++i) {
      const Roofline::Work& work = roofline_.work[i];
      const ChartPoint at = place(work.intensity, work.gflops);
      canvas_.circle(at, 3, kWork);
      canvas_.text({at.x + 5, at.y + 4}, fmt::format("{}", i + 1), Anchor::kStart, 11);
      canvas_.text({kRight + 14, legend}, fmt::format("{}  {}", i + 1, work.name), Anchor::kStart, 11);
      legend += 16;
    }
  }

  const Roofline& roofline_;
  SvgCanvas canvas_;
  LogRange x_, y_;
};

}  // namespace

std::string to_svg(const Roofline& roofline) {
  return RooflinePicture(roofline).draw();
}

}  // namespace yourmt3
