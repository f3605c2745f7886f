#include "train/loader.h"

#include <algorithm>
#include <iterator>

#include "core/fail.h"

namespace yourmt3 {

Loader::Loader(Plan plan, Make make, int n_threads, int groups_ahead, std::uint64_t first_group)
    : plan_(std::move(plan)),
      make_(std::move(make)),
      groups_ahead_(static_cast<std::size_t>(groups_ahead)),
      next_group_(first_group) {
  if (n_threads < 1 || groups_ahead < 1) {
    fail(ErrorCode::kInvalidArgument, "a loader of {} threads and {} groups", n_threads, groups_ahead);
  }
  for (int i = 0; i < n_threads; ++i) threads_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::shared_ptr<Loader::Pending> Loader::claim() {
  for (const auto& pending : pending_) {
    if (pending->begun < pending->request.size) return pending;
  }
  if (pending_.size() >= groups_ahead_) return nullptr;
  auto pending = std::make_shared<Pending>();
  pending->request = plan_(next_group_++);
  pending->bundles.resize(pending->request.size);
  pending_.push_back(pending);
  return pending;
}

void Loader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    std::shared_ptr<Pending> pending;
    try {
      room_.wait(lock, [&] { return stop_ || error_ || (pending = claim()); });
      if (stop_ || error_) return;
      const std::size_t item = pending->begun++;
      lock.unlock();
      std::vector<Example> bundle = make_(pending->request, item);
      lock.lock();
      pending->bundles[item] = std::move(bundle);
      if (++pending->finished == pending->request.size) ready_.notify_all();
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      if (!error_) error_ = std::current_exception();
      ready_.notify_all();
      room_.notify_all();
      return;
    }
  }
}

Loader::Group Loader::next() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] {
    return error_ || (!pending_.empty() && pending_.front()->finished == pending_.front()->request.size);
  });
  if (error_) std::rethrow_exception(error_);
  const std::shared_ptr<Pending> pending = pending_.front();
  pending_.pop_front();
  room_.notify_all();
  Group group = {pending->request, {}};
  for (auto& bundle : pending->bundles) {
    std::move(bundle.begin(), bundle.end(), std::back_inserter(group.examples));
  }
  return group;
}

}  // namespace yourmt3
