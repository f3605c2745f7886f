#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace yourmt3 {
namespace {

/// As the reference: half the rate at first, and past the end the cosine rises again.
double cosine(const ScheduleOptions& schedule, double step) {
  const auto warmup = static_cast<double>(schedule.warmup_steps);
  if (step < warmup) return schedule.lr * (0.5 + 0.5 * step / warmup);
  const double angle = std::numbers::pi * (step - warmup) / (static_cast<double>(schedule.total_steps) - warmup);
  return schedule.final_lr + (schedule.lr - schedule.final_lr) * (1 + std::cos(angle)) / 2;
}

/// Inverse square root, and over the last tenth a line down to zero.
double legacy(const ScheduleOptions& schedule, double step) {
  const auto total = static_cast<double>(schedule.total_steps);
  const double bend = std::ceil(0.9 * total);
  const auto root = [&](double t) { return t == 0 ? schedule.lr : std::min(schedule.lr, 1 / std::sqrt(t)); };
  if (step < bend) return root(step);
  return std::max(0.0, root(bend) * (total - step) / (total - bend));
}

}  // namespace

double run_progress(const ScheduleOptions& schedule, std::int64_t step, double elapsed_sec) {
  const double share = schedule.duration_minutes > 0
                           ? elapsed_sec / (60 * schedule.duration_minutes)
                           : static_cast<double>(step) / static_cast<double>(schedule.total_steps);
  return std::clamp(share, 0.0, 1.0);
}

double learning_rate(const ScheduleOptions& schedule, std::int64_t step, double progress) {
  const auto t = static_cast<double>(step);
  switch (schedule.kind) {
    case ScheduleOptions::Kind::kCosine:
      return cosine(schedule, t);
    case ScheduleOptions::Kind::kLegacy:
      return legacy(schedule, t);
    case ScheduleOptions::Kind::kConstant:
      return schedule.lr;
    case ScheduleOptions::Kind::kElapsed:
      break;
  }
  const double warmup =
      schedule.warmup_steps > 0 ? std::min(1.0, (t + 1) / static_cast<double>(schedule.warmup_steps)) : 1.0;
  const double decay = (1 + std::cos(std::numbers::pi * progress)) / 2;
  return schedule.lr * warmup * (schedule.final_share + (1 - schedule.final_share) * decay);
}

int phase_at(std::span<const PhaseOptions> phases, double progress) {
  double total = 0;
  for (const PhaseOptions& phase : phases) total += phase.share;
  double end = 0;
  for (std::size_t i = 0; i + 1 < phases.size(); ++i) {
    end += phases[i].share / total;
    if (progress < end) return static_cast<int>(i);
  }
  return static_cast<int>(phases.size()) - 1;
}

}  // namespace yourmt3
