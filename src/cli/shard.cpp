#include "cli/shard.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

#include "cli/content_hash.h"
#include "cli/verb.h"
#include "yourmt3/error.h"

namespace yourmt3::cli {
namespace {

constexpr int kMostShards = 1'000'000;

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Place of this task in its Slurm array, of which every task must have been submitted together: a part of an array,
/// such as the tasks to be repeated, would be counted anew and leave out or repeat recordings.
std::optional<Shard> array_shard(const Environment& environment) {
  if (!environment("SLURM_ARRAY_TASK_ID")) return std::nullopt;
  const int id = environment_number(environment, "SLURM_ARRAY_TASK_ID", 0);
  const int count = environment_number(environment, "SLURM_ARRAY_TASK_COUNT", 1);
  const int first = environment_number(environment, "SLURM_ARRAY_TASK_MIN", 0);
  const int last = environment_number(environment, "SLURM_ARRAY_TASK_MAX", first);
  const int step =
      environment("SLURM_ARRAY_TASK_STEP") ? environment_number(environment, "SLURM_ARRAY_TASK_STEP", 1) : 1;
  if (id < first || id > last || (id - first) % step != 0 || (last - first) / step + 1 != count) {
    throw UsageError(fmt::format(
        "--shard auto: task {} of an array of {} tasks from {} to {} in steps of {}: they are not all there; "
        "submit the whole array, or say --shard I/N",
        id, count, first, last, step));
  }
  return Shard{(id - first) / step, count};
}

std::optional<Shard> process_shard(const Environment& environment) {
  if (const auto place = launcher_place(environment)) return Shard{place->rank, place->size};
  if (environment("JOB_COMPLETION_INDEX")) {
    throw UsageError(
        "--shard auto: JOB_COMPLETION_INDEX is set, but WORLD_SIZE is not: give the pods WORLD_SIZE, the number of "
        "completions of their job");
  }
  if (environment("SLURM_JOB_ID") && environment("SLURM_NTASKS").value_or("1") != "1") {
    throw UsageError(
        fmt::format("--shard auto: this job has {} tasks, but this process is none of them; start it with srun",
                    *environment("SLURM_NTASKS")));
  }
  return std::nullopt;
}

}  // namespace

bool Shard::holds(std::string_view name) const {
  return content_hash(std::as_bytes(std::span(name))) % static_cast<std::uint64_t>(count) ==
         static_cast<std::uint64_t>(index);
}

Shard environment_shard(const Environment& environment) {
  try {
    const auto array = array_shard(environment), process = process_shard(environment);
    if (!array && !process) {
      throw UsageError(
          "--shard auto: the environment names no place among several processes (Slurm, MPI, Kubernetes, RANK and "
          "WORLD_SIZE); say --shard I/N");
    }
    const Shard outer = array.value_or(Shard{}), inner = process.value_or(Shard{});
    if (outer.count > kMostShards / inner.count) throw UsageError("--shard auto: more than a million processes");
    return {outer.index * inner.count + inner.index, outer.count * inner.count};
  } catch (const Error& error) {
    throw UsageError(fmt::format("--shard auto: {}", error.what()));
  }
}

Shard parse_shard(const std::string& text, const Environment& environment) {
  if (text.empty()) return {};
  if (text == "auto") return environment_shard(environment);
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const auto number = whole_number(std::string_view(text).substr(0, slash));
    const auto count = whole_number(std::string_view(text).substr(slash + 1));
    if (number && count && *number >= 1 && *number <= *count && *count <= kMostShards) return {*number - 1, *count};
  }
  throw UsageError(fmt::format("--shard {}: expected I/N, such as 1/8 to 8/8, or auto", text));
}

std::filesystem::path shard_file(const std::filesystem::path& file, const Shard& shard) {
  if (shard.count == 1) return file;
  return file.parent_path() /
         fmt::format("{}.{}-of-{}{}", file.stem().string(), shard.index + 1, shard.count, file.extension().string());
}

bool is_shard_file(const std::filesystem::path& file, const std::string& name) {
  if (name == file.filename()) return true;
  const std::string before = file.stem().string() + ".", after = file.extension().string();
  if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after)) return false;
  const auto place = std::string_view(name).substr(before.size(), name.size() - before.size() - after.size());
  constexpr std::string_view kOf = "-of-";
  const std::size_t of = place.find(kOf);
  return of != std::string_view::npos && whole_number(place.substr(0, of)) &&
         whole_number(place.substr(of + kOf.size()));
}

}  // namespace yourmt3::cli
