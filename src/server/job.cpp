#include "server/job.h"

#include <array>

#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr std::array kNames = {"queued", "running", "done", "failed", "cancelled"};  // In the order of JobState.

}  // namespace

const char* to_string(JobState state) {
  return kNames[static_cast<std::size_t>(state)];
}

JobState job_state_named(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<JobState>(i);
  }
  fail(ErrorCode::kMalformed, "'{}' is no state of a job", name);
}

}  // namespace yourmt3
