#pragma once

#include <cstdint>
#include <span>

#include "train/train_config.h"

namespace yourmt3 {

/// How far a run is, 0 to 1: by minutes of training when the schedule has a duration, else by steps.
double run_progress(const ScheduleOptions& schedule, std::int64_t step, double elapsed_sec);

/// Learning rate of update `step`, counted from 0. `progress` matters for kElapsed only.
double learning_rate(const ScheduleOptions& schedule, std::int64_t step, double progress);

/// Index of the phase that a run is in.
int phase_at(std::span<const PhaseOptions> phases, double progress);

}  // namespace yourmt3
