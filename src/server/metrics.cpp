#include "server/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "yourmt3/version.h"

namespace yourmt3 {
namespace {

/// The head of a metric and, after it, its values.
class Page {
 public:
  void metric(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
    name_ = name;
  }
  template <class Value>
  void value(Value value, std::string_view labels = {}) {
    fmt::format_to(std::back_inserter(text), "{}{} {}\n", name_, labels, value);
  }

  std::string text;

 private:
  std::string name_;
};

}  // namespace

void Metrics::count_response(int status) {
  const std::lock_guard lock(mutex_);
  ++responses_[status];
}

std::string Metrics::text(std::span<const JobStatus> jobs, const Jobs::Totals& totals,
                          std::int64_t n_bytes_kept) const {
  Page page;
  page.metric("yourmt3_build_info", "gauge", "Version of the program.");
  page.value(1, fmt::format("{{version=\"{}\"}}", YOURMT3_VERSION));

  page.metric("yourmt3_jobs", "gauge", "Jobs that are kept, by state.");
  for (const JobState state :
       {JobState::kQueued, JobState::kRunning, JobState::kDone, JobState::kFailed, JobState::kCancelled}) {
    const auto n = std::count_if(jobs.begin(), jobs.end(), [=](const JobStatus& s) { return s.job.state == state; });
    page.value(n, fmt::format("{{state=\"{}\"}}", to_string(state)));
  }
  page.metric("yourmt3_jobs_finished_total", "counter", "Jobs that came to an end since the start.");
  page.value(totals.n_done, "{state=\"done\"}");
  page.value(totals.n_failed, "{state=\"failed\"}");
  page.value(totals.n_cancelled, "{state=\"cancelled\"}");

  page.metric("yourmt3_audio_seconds_total", "counter", "Length of the recordings that were transcribed.");
  page.value(totals.audio_sec);
  page.metric("yourmt3_transcribe_seconds_total", "counter", "Time that transcribing them took.");
  page.value(totals.transcribe_sec);
  page.metric("yourmt3_upload_bytes_total", "counter", "Size of the recordings that were received.");
  page.value(upload_bytes_.load());

  page.metric("yourmt3_disk_bytes", "gauge", "Size of all files of jobs that are kept.");
  page.value(n_bytes_kept);

  page.metric("yourmt3_http_responses_total", "counter", "Answers, by status.");
  const std::lock_guard lock(mutex_);
  for (const auto& [status, count] : responses_) page.value(count, fmt::format("{{status=\"{}\"}}", status));
  return page.text;
}

}  // namespace yourmt3
