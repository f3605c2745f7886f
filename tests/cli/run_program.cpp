#include "run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace yourmt3::testing {
namespace {

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_read() { close_end(read_end); }
  void close_write() { close_end(write_end); }
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

[[noreturn]] void become_program(const std::vector<std::string>& arguments, const RunOptions& options, int in, int out,
                                 int err) {
  if (!options.stdout_path.empty()) out = ::open(options.stdout_path.c_str(), O_WRONLY);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv = {const_cast<char*>(options.program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

/// Appends what can be read; false at the end.
bool drain(int file, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(file, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

}  // namespace

ProgramRun run_program(const std::vector<std::string>& arguments, const RunOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe in, out, err;
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) become_program(arguments, options, in.read_end, out.write_end, err.write_end);
  in.close_read();
  out.close_write();
  err.close_write();

  ProgramRun run;
  std::size_t written = 0;
  bool signalled = false;
  if (options.input.empty()) in.close_write();
  while (out.read_end >= 0 || err.read_end >= 0) {
    std::array<pollfd, 3> files = {pollfd{out.read_end, POLLIN, 0}, pollfd{err.read_end, POLLIN, 0},
                                   pollfd{in.write_end, POLLOUT, 0}};
    ::poll(files.data(), files.size(), -1);
    if (files[0].revents != 0 && !drain(out.read_end, run.out)) out.close_read();
    if (files[1].revents != 0 && !drain(err.read_end, run.err)) err.close_read();
    if (files[2].revents != 0) {
      const std::size_t some = std::min<std::size_t>(options.input.size() - written, 4096);
      const ssize_t count = ::write(in.write_end, options.input.data() + written, some);
      if (count > 0) written += static_cast<std::size_t>(count);
      if (count <= 0 || written == options.input.size()) in.close_write();
    }
    const bool enough =
        options.interrupt_after_bytes >= 0 && run.err.size() >= static_cast<std::size_t>(options.interrupt_after_bytes);
    if (enough && !signalled) {
      ::kill(child, options.interrupt_signal);
      signalled = true;
    }
  }
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  run.peak_memory_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

}  // namespace yourmt3::testing
