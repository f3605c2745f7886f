#include "engine/thread_team.h"

#include <algorithm>

namespace yourmt3 {
namespace {

// About 10 us: longer than the gap between two regions of a decoding step, shorter than a time slice of the scheduler.
constexpr int kSpins = 400;

// Some 10 us of one core.
constexpr double kWorthSharing = 500'000;

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

ThreadTeam::ThreadTeam(int n_threads) {
  try {
    for (int i = 1; i < std::max(1, n_threads); ++i) workers_.emplace_back([this, i] { worker(i); });
  } catch (...) {
    dismiss();
    throw;
  }
}

ThreadTeam::~ThreadTeam() {
  dismiss();
}

void ThreadTeam::dismiss() {
  quit_ = true;
  epoch_ += 2;
  epoch_.notify_all();
  for (std::thread& thread : workers_) thread.join();
}

void ThreadTeam::work_on_job(int thread) {
  for (int i = next_++; i < n_tasks_; i = next_++) {
    try {
      (*body_)(i, thread);
    } catch (...) {
      const std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
      next_ = n_tasks_;
    }
  }
}

void ThreadTeam::worker(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    std::uint32_t epoch = epoch_;
    for (int spin = 0; epoch == seen && spin < kSpins; ++spin) {
      relax();
      epoch = epoch_;
    }
    if (epoch == seen) {
      epoch_.wait(seen);
      continue;
    }
    if (quit_) return;
    seen = epoch;
    if (epoch % 2 == 0) continue;
    // Either the caller sees us inside when it closes the job and waits, or we see that it is closed.
    ++inside_;
    if (epoch_ == epoch) work_on_job(thread);
    if (--inside_ == 0) inside_.notify_all();
  }
}

void ThreadTeam::run(int n_tasks, double work, const std::function<void(int, int)>& body) {
  std::unique_lock lock(busy_, std::defer_lock);
  if (workers_.empty() || n_tasks <= 1 || work < kWorthSharing || !lock.try_lock()) {
    for (int i = 0; i < n_tasks; ++i) body(i, 0);
    return;
  }
  body_ = &body;
  n_tasks_ = n_tasks;
  next_ = 0;
  error_ = nullptr;
  ++epoch_;
  epoch_.notify_all();
  work_on_job(0);
  ++epoch_;
  for (int spin = 0, n = inside_; n != 0; n = inside_) {
    if (++spin < kSpins) {
      relax();
    } else {
      inside_.wait(n);
    }
  }
  if (error_) std::rethrow_exception(error_);
}

}  // namespace yourmt3
