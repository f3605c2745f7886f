#include "core/launcher.h"

#include <charconv>
#include <cstdlib>

#include "core/fail.h"

namespace yourmt3 {
namespace {

// torchrun first: whoever sets its variables by hand inside another launcher means them. MPI before Slurm, which often
// starts MPI's own daemons and numbers those.
constexpr Launcher kLaunchers[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_STEP_TASKS_PER_NODE"},
    {"JOB_COMPLETION_INDEX", "WORLD_SIZE", "LOCAL_RANK", nullptr},
};

}  // namespace

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

int environment_number(const Environment& environment, const char* name, int low) {
  const std::string text = environment(name).value_or("");
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low) {
    fail(ErrorCode::kInvalidArgument, "the environment's {} is '{}', expected a whole number from {}", name, text, low);
  }
  return value;
}

std::optional<LauncherPlace> launcher_place(const Environment& environment) {
  for (const Launcher& launcher : kLaunchers) {
    if (!environment(launcher.rank) || !environment(launcher.size)) continue;
    const int rank = environment_number(environment, launcher.rank, 0);
    const int size = environment_number(environment, launcher.size, 1);
    if (rank >= size) {
      fail(ErrorCode::kInvalidArgument, "the environment's {} is {}, but {} is {}", launcher.rank, rank, launcher.size,
           size);
    }
    return LauncherPlace{&launcher, rank, size};
  }
  return std::nullopt;
}

}  // namespace yourmt3
