#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace yourmt3 {

/// A fixed set of threads that share out short jobs: a decoding step has some hundred parallel regions of a few
/// microseconds, for which starting threads (core/parallel.h) would cost more than the work.
///
/// Threads that have nothing to do spin for some microseconds and then sleep.
class ThreadTeam {
 public:
  /// `n_threads` in all, the caller of run() included; at least 1.
  explicit ThreadTeam(int n_threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int n_threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(task, thread) for every task in [0, n_tasks), thread in [0, n_threads()): two calls that run at the
  /// same time have different thread numbers. Returns when all are done; rethrows the first exception. May be called
  /// from several threads: whoever comes while the team is busy does all tasks alone, as thread 0 of its own job.
  ///
  /// `work`: about how many multiply-adds all tasks take together. What is over in some microseconds is not shared, as
  /// handing it over would take longer.
  void run(int n_tasks, double work, const std::function<void(int task, int thread)>& body);
  /// The same for tasks that are long, or that have to be shared.
  void run(int n_tasks, const std::function<void(int task, int thread)>& body) { run(n_tasks, 1e12, body); }

 private:
  void dismiss();
  void work_on_job(int thread);
  void worker(int thread);

  std::vector<std::thread> workers_;
  std::mutex busy_;
  // The job. Written only while epoch_ is even and nobody is inside.
  const std::function<void(int, int)>* body_ = nullptr;
  int n_tasks_ = 0;
  std::atomic<int> next_{0};
  std::exception_ptr error_;
  std::mutex error_mutex_;

  std::atomic<std::uint32_t> epoch_{0};  // Odd while a job is open.
  std::atomic<int> inside_{0};           // Workers that may be looking at the job.
  std::atomic<bool> quit_{false};
};

}  // namespace yourmt3
