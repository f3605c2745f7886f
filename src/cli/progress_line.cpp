#include "cli/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace yourmt3::cli {

std::string clock_text(double seconds) {
  const long all = std::lround(std::max(0.0, seconds));
  if (all >= 3600) return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
  return fmt::format("{}:{:02}", all / 60, all % 60);
}

ProgressLine::ProgressLine(std::string name, bool shown)
    : name_(std::move(name)), shown_(shown && ::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::update(double done, double total) {
  const auto now = Clock::now();
  if (!shown_ || (drawn_ && now - last_drawn_ < std::chrono::milliseconds(100))) return;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  std::string line = name_;
  if (total > 0) {
    constexpr int kWidth = 30;
    const double part = std::clamp(done / total, 0.0, 1.0);
    const int filled = static_cast<int>(part * kWidth);
    line += fmt::format(" [{:#<{}}{:.<{}}] {:3.0f} %", "", filled, "", kWidth - filled, 100 * part);
    // The first moments say little about the rest.
    if (part > 0 && elapsed > 1) line += fmt::format(", {} left", clock_text(elapsed * (1 - part) / part));
  } else {
    line += fmt::format(" {} done", clock_text(done));
  }
  fmt::print(stderr, "\r{}\x1b[K", line);
  std::fflush(stderr);
  drawn_ = true;
  last_drawn_ = now;
}

void ProgressLine::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace yourmt3::cli
