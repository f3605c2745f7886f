#pragma once

#include <chrono>
#include <string>

namespace yourmt3::cli {

/// "1:02:07", "3:21" or "0:04".
std::string clock_text(double seconds);

/// One line on standard error that is written over and over: name, bar, percentage, time left. Silent when `shown` is
/// false or standard error is no terminal.
class ProgressLine {
 public:
  ProgressLine(std::string name, bool shown);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// In any unit; total 0 when not known. Draws at most ten times a second.
  void update(double done, double total);

  /// Takes the line away, so that something else can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string name_;
  bool shown_;
  bool drawn_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_drawn_{};
};

}  // namespace yourmt3::cli
