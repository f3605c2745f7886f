#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/job.h"

namespace yourmt3 {

/// The jobs of a server in an SQLite database, so that they outlive it. Each change is on disk when its call returns.
/// Not for use by two threads at a time; all calls throw Error(kIo).
class JobStore {
 public:
  /// Opens or makes the database. Throws Error(kIo) when it cannot, or when another program has it open, and
  /// Error(kUnsupported) when a later version wrote it.
  explicit JobStore(const std::filesystem::path& file);
  ~JobStore();
  JobStore(const JobStore&) = delete;
  JobStore& operator=(const JobStore&) = delete;

  /// Adds the job, or replaces the one with its id.
  void put(const Job& job);
  void erase(const std::string& id);
  std::optional<Job> find(const std::string& id) const;
  std::vector<Job> all() const;  ///< In the order in which they were added.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yourmt3
