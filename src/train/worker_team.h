#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace yourmt3 {

/// Threads that do the same thing at the same time, each limited to one processor inside libtorch.
///
/// Small networks spend much of their time between products, where a parallel loop in every operation only waits for
/// its slowest thread; whole passes side by side meet once per update.
class WorkerTeam {
 public:
  /// The calling thread is worker 0; `size` - 1 others are started. Throws Error(kInvalidArgument) for less than 1.
  explicit WorkerTeam(int size);
  ~WorkerTeam();
  WorkerTeam(const WorkerTeam&) = delete;
  WorkerTeam& operator=(const WorkerTeam&) = delete;

  int size() const { return size_; }

  /// Calls task(worker) for 0 .. size - 1, each in its own thread, and waits. The first exception is rethrown.
  void run(const std::function<void(int)>& task);

 private:
  void work(int worker);
  void attempt(int worker);

  int size_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  const std::function<void(int)>* task_ = nullptr;
  std::uint64_t round_ = 0;
  int running_ = 0;
  bool stop_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace yourmt3
