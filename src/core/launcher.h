#pragma once

#include <functional>
#include <optional>
#include <string>

namespace yourmt3 {

/// Reads a variable of the environment; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The environment of this process.
Environment process_environment();

/// A variable that is set, as a whole number from `low` on. Throws Error(kInvalidArgument) with its name.
int environment_number(const Environment& environment, const char* name, int low);

/// Variables by which a launcher of processes tells each its place.
struct Launcher {
  const char* rank;
  const char* size;
  const char* local_rank;
  const char* local_size;  ///< Null where the launcher does not tell.
};

/// Place of this process among those of its launcher.
struct LauncherPlace {
  const Launcher* launcher = nullptr;
  int rank = 0;
  int size = 1;
};

/// What the innermost launcher tells this process: torchrun and everything that sets RANK and WORLD_SIZE, Open MPI,
/// MPICH and its like, srun, or an indexed job of Kubernetes with WORLD_SIZE set besides. Nothing when there is no
/// launcher. Throws Error(kInvalidArgument) for numbers that are none or contradict each other.
std::optional<LauncherPlace> launcher_place(const Environment& environment);

}  // namespace yourmt3
