#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/launcher.h"

namespace yourmt3::cli {

/// One of `count` parts into which recordings are divided, each processed by a process of its own.
struct Shard {
  int index = 0;  ///< From 0 on, although people count from 1.
  int count = 1;

  /// Whether the recording of that name belongs to this part. Depends on nothing but the name, so that all processes
  /// agree without asking each other, and while files come and go.
  bool holds(std::string_view name) const;
};

/// Reads "3/8", the third of eight; "auto" asks the environment, see environment_shard(); "" is the whole.
/// Throws UsageError.
Shard parse_shard(const std::string& text, const Environment& environment);

/// The shard of this process by what its launcher tells: its task of a Slurm array, and in it, or alone, its place
/// among the processes of srun, MPI, torchrun, or an indexed job of Kubernetes. Throws UsageError when there is no
/// launcher, and when it contradicts itself.
Shard environment_shard(const Environment& environment);

/// A file of one shard beside those of the others: "run.3-of-8.jsonl" for "run.jsonl"; of the whole the file itself.
std::filesystem::path shard_file(const std::filesystem::path& file, const Shard& shard);

/// Whether `name` is what shard_file() makes of `file` for any shard, or of the whole.
bool is_shard_file(const std::filesystem::path& file, const std::string& name);

}  // namespace yourmt3::cli
