#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>

#include "server/jobs.h"

namespace yourmt3 {

/// Counters of a server since its start, in the text format of Prometheus. From several threads.
class Metrics {
 public:
  void count_response(int status);
  void count_upload(std::int64_t n_bytes) { upload_bytes_ += n_bytes; }

  /// Source: Prometheus text exposition format 0.0.4.
  std::string text(std::span<const JobStatus> jobs, const Jobs::Totals& totals, std::int64_t n_bytes_kept) const;

 private:
  mutable std::mutex mutex_;
  std::map<int, std::int64_t> responses_;  ///< By status.
  std::atomic<std::int64_t> upload_bytes_ = 0;
};

}  // namespace yourmt3
