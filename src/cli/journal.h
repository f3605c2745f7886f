#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "cli/output_plan.h"
#include "cli/shard.h"
#include "core/atomic_file.h"

namespace yourmt3::cli {

/// What became of recordings, one line of JSON each behind a line that names the format (docs/formats.md). Lines are
/// only ever added, each is on the disk before add() returns, and a half one, left by a process that was killed, is
/// taken away by the next.
///
/// A recording that is done is written down before its files get their names. So the journal is right whenever a
/// process is killed: what it calls done is either in its place, or whole beside it under a temporary name.
class Journal {
 public:
  /// Opens, or begins, the journal of this shard, and reads those of all others of the same name, also of another
  /// number of shards. Throws Error(kIo) when it cannot be written or belongs to a process that lives, and
  /// Error(kMalformed) for what is no journal.
  Journal(const std::filesystem::path& file, const Shard& shard);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Whether all files of that job were written and are there. Those that a killed process had not yet given their
  /// names get them now.
  bool has_done(const Job& job, AtomicFile::Existing existing) const;

  /// Why that recording failed, when it did so last.
  std::optional<std::string> failure(const Job& job) const;

  /// Adds a line: `facts` of the recording (its outcome_json()), and the hash of each file of the job, none where they
  /// were not written by us. Throws Error(kIo): then the journal is as it was.
  void add(const Job& job, nlohmann::json facts, std::span<const std::uint64_t> hashes);

  const std::filesystem::path& path() const { return path_; }

 private:
  struct Recording {
    std::map<std::string, std::string> hashes;  ///< Of its files, by path.
    std::optional<std::string> failure;
  };
  using Recordings = std::map<std::string, Recording>;

  void open();
  void read_own();
  void write_line(const nlohmann::json& line);
  static Recordings read(const std::filesystem::path& path, const std::string& text);
  void merge(const Recordings& others);

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool regular_ = true;  ///< And not a device or pipe, which remember nothing.
  Recordings recordings_;
};

}  // namespace yourmt3::cli
