#include "train_cli/progress_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace yourmt3 {
namespace {

std::string duration(double seconds) {
  const auto minutes = static_cast<long>(std::min(seconds, 1e9) / 60);
  if (minutes < 1) return fmt::format("{:.0f} s", seconds);
  return minutes < 60 ? fmt::format("{} min", minutes) : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

}  // namespace

ProgressText::ProgressText() : terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressText::~ProgressText() {
  if (open_) fmt::print(stderr, "\n");
}

void ProgressText::show(const TrainingProgress& now, std::string_view name) {
  const std::string text =
      fmt::format("{}{}step {}  {:.1f} %  loss {:.4f}  {:.2f} steps/s  {} left", name, name.empty() ? "" : "  ",
                  now.step, 100 * now.done, now.loss, now.steps_per_sec, duration(now.seconds_left));
  if (!terminal_) return say(text);
  fmt::print(stderr, "\r{:<78}", text);
  open_ = true;
}

void ProgressText::say(std::string_view text) {
  fmt::print(stderr, "{}{}\n", open_ ? "\n" : "", text);
  open_ = false;
}

}  // namespace yourmt3
