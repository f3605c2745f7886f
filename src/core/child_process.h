#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_descriptor.h"
#include "core/keep_going.h"

namespace yourmt3 {

/// Another program while it runs. Its standard output is read; what it says on standard error is collected meanwhile.
/// It is killed with this object. Not for use by two threads at a time.
class ChildProcess {
 public:
  struct Options {
    KeepGoing keep_going = {};  ///< Asked while read() waits.
    /// read() kills it when nothing comes for so long.
    std::chrono::milliseconds patience = std::chrono::hours(24 * 365);
    /// What it starts is killed with it, and signals of the terminal, such as Ctrl-C, do not reach them.
    bool own_group = false;
  };

  explicit ChildProcess(Options options) : options_(std::move(options)) {}
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Starts the program that is the first of `arguments`, searched on PATH unless it has a slash, with `input` as
  /// standard input; no shell sees them. To be called once. Returns 0, or the error number. Throws Error(kIo).
  int start(const std::vector<std::string>& arguments, int input);

  /// Fills `out` unless the output ends before; returns the number of bytes. At the end the process is waited for.
  /// Throws Error(kCancelled).
  std::size_t read(std::span<std::byte> out);

  /// Takes over the messages that have arrived so far.
  void collect_messages();

  /// Of standard error the beginning and the end, at most 64 KiB.
  std::string_view messages() const { return text_; }

  /// How it ended, as waitpid() says it; nothing before read() came to the end of its output.
  std::optional<int> status() const { return status_; }

  /// read() lost its patience.
  bool timed_out() const { return timed_out_; }

 private:
  bool wait_for_data();
  bool take_message(int milliseconds);
  bool has_ended() const;
  void finish();
  void kill();
  void reap();

  Options options_;
  FileDescriptor output_, messages_;
  std::string text_;
  pid_t pid_ = -1;
  std::optional<int> status_;
  bool timed_out_ = false;
};

}  // namespace yourmt3
