#include "train/worker_team.h"

#include <ATen/Parallel.h>

#include "core/fail.h"

namespace yourmt3 {

WorkerTeam::WorkerTeam(int size) : size_(size) {
  if (size < 1) fail(ErrorCode::kInvalidArgument, "a team of {} workers", size);
  at::set_num_threads(1);
  for (int worker = 1; worker < size; ++worker) threads_.emplace_back([this, worker] { work(worker); });
}

WorkerTeam::~WorkerTeam() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerTeam::attempt(int worker) {
  try {
    (*task_)(worker);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::current_exception();
  }
}

void WorkerTeam::run(const std::function<void(int)>& task) {
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    error_ = nullptr;
    running_ = size_ - 1;
    ++round_;
  }
  start_.notify_all();
  attempt(0);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
  task_ = nullptr;
  if (error_) std::rethrow_exception(error_);
}

void WorkerTeam::work(int worker) {
  // The number of threads is a setting of each thread.
  at::set_num_threads(1);
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    start_.wait(lock, [&] { return stop_ || round_ != seen; });
    if (stop_) return;
    seen = round_;
    lock.unlock();
    attempt(worker);
    lock.lock();
    if (--running_ == 0) done_.notify_one();
  }
}

}  // namespace yourmt3
