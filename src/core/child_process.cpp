#include "core/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

extern char** environ;

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 100;       // How late a wish to stop may be noticed.
constexpr std::size_t kMaxMessages = 65536;  // The first half and the last are kept.

struct Pipe {
  FileDescriptor read_end, write_end;

  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      const int code = errno;
      fail(ErrorCode::kIo, "cannot make a pipe: {}", std::strerror(code));
    }
    read_end = FileDescriptor(ends[0]);
    write_end = FileDescriptor(ends[1]);
  }
};

}  // namespace

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill();
    reap();
  }
}

int ChildProcess::start(const std::vector<std::string>& arguments, int input) {
  Pipe output, messages;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output.write_end.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, messages.write_end.get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  if (options_.own_group) ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int code = ::posix_spawnp(&pid_, argv[0], &actions, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) pid_ = -1;
  output_ = std::move(output.read_end);
  messages_ = std::move(messages.read_end);
  return code;
}

std::size_t ChildProcess::read(std::span<std::byte> out) {
  std::size_t n_read = 0;
  Clock::time_point last = Clock::now();
  while (n_read < out.size() && output_) {
    check_keep_going(options_.keep_going);
    timed_out_ = Clock::now() - last > options_.patience;
    if (!timed_out_ && !wait_for_data()) continue;
    const ssize_t n = timed_out_ ? 0 : ::read(output_.get(), out.data() + n_read, out.size() - n_read);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      output_.reset();
      finish();
      break;
    }
    n_read += static_cast<std::size_t>(n);
    last = Clock::now();
  }
  return n_read;
}

void ChildProcess::collect_messages() {
  while (messages_ && take_message(0)) {
  }
}

/// True when output is ready to be read.
bool ChildProcess::wait_for_data() {
  std::array<pollfd, 2> waiting{pollfd{output_.get(), POLLIN, 0}, pollfd{messages_.get(), POLLIN, 0}};
  if (::poll(waiting.data(), waiting.size(), kPollMilliseconds) <= 0) return false;
  if (waiting[1].revents != 0) take_message(0);
  return waiting[0].revents != 0;
}

/// False when there was none.
bool ChildProcess::take_message(int milliseconds) {
  pollfd waiting{messages_.get(), POLLIN, 0};
  if (::poll(&waiting, 1, milliseconds) <= 0) return false;
  std::array<char, 4096> buffer;
  const ssize_t n = ::read(messages_.get(), buffer.data(), buffer.size());
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) {
    messages_.reset();
    return false;
  }
  text_.append(buffer.data(), static_cast<std::size_t>(n));
  if (text_.size() > kMaxMessages) text_.erase(kMaxMessages / 2, text_.size() - kMaxMessages);
  return true;
}

/// Without taking its status, which frees its number for others.
bool ChildProcess::has_ended() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
}

/// Its output has ended; what it still says is collected until it ends, too, or there is no patience left.
void ChildProcess::finish() {
  const Clock::time_point start = Clock::now();
  while (!timed_out_ && (messages_ || !has_ended())) {
    check_keep_going(options_.keep_going);
    if (messages_) {
      take_message(kPollMilliseconds);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    timed_out_ = Clock::now() - start > options_.patience;
  }
  // What it started and left goes, too.
  if (timed_out_ || options_.own_group) kill();
  reap();
}

void ChildProcess::kill() {
  ::kill(options_.own_group ? -pid_ : pid_, SIGKILL);
}

void ChildProcess::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  status_ = status;
}

}  // namespace yourmt3
