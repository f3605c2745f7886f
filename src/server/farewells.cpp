#include "server/farewells.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "core/fail.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 100;
constexpr std::size_t kMaxLeaving = 512;  // Others are closed at once.
// Many clients look at the answer only when they have sent all.
constexpr std::size_t kMaxDiscarded = std::size_t{64} << 20;
constexpr std::chrono::milliseconds kMaxSilence{5000};

}  // namespace

Farewells::Farewells(const ClientLimits& limits)
    : limits_{std::min(limits.max_wait, kMaxSilence), limits.min_bytes_per_sec},
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) fail(ErrorCode::kIo, "cannot wait for connections to close");
  thread_ = std::thread([this] { run(); });
}

Farewells::~Farewells() {
  stopping_ = true;
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void Farewells::add(FileDescriptor socket) {
  ::shutdown(socket.get(), SHUT_WR);
  if (n_leaving_ >= kMaxLeaving) return;
  ++n_leaving_;
  {
    const std::lock_guard lock(mutex_);
    arriving_.push_back({std::move(socket), ClientPatience(limits_)});
  }
  ::eventfd_write(wake_.get(), 1);
}

/// False when there is no more to wait for.
bool Farewells::discard(Leaving& one) {
  std::array<char, 65536> bytes;
  const ssize_t n = ::recv(one.socket.get(), bytes.data(), bytes.size(), 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  one.patience.moved(static_cast<std::size_t>(n));
  one.n_discarded += static_cast<std::size_t>(n);
  return n > 0 && one.n_discarded < kMaxDiscarded;
}

void Farewells::run() {
  std::vector<Leaving> leaving;
  std::vector<pollfd> waiting;
  while (!stopping_) {
    {
      const std::lock_guard lock(mutex_);
      std::move(arriving_.begin(), arriving_.end(), std::back_inserter(leaving));
      arriving_.clear();
    }
    waiting.assign(1, {wake_.get(), POLLIN, 0});
    for (const Leaving& one : leaving) waiting.push_back({one.socket.get(), POLLIN, 0});
    const Clock::time_point start = Clock::now();
    ::poll(waiting.data(), waiting.size(), leaving.empty() ? -1 : kPollMilliseconds);
    const ClientPatience::Duration time = Clock::now() - start;
    eventfd_t ignored;
    ::eventfd_read(wake_.get(), &ignored);
    std::size_t at = 0;
    n_leaving_ -= std::erase_if(leaving, [&](Leaving& one) {
      one.patience.waited(time);
      if (waiting[++at].revents != 0 && !discard(one)) return true;
      return one.patience.left() <= ClientPatience::Duration::zero();
    });
  }
}

}  // namespace yourmt3
