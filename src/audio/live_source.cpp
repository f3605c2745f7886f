#include <fcntl.h>
#include <poll.h>
#include <sndfile.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "audio/sample_source.h"
#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr int kPollMilliseconds = 50;  // How late a wish to stop may be noticed.

/// Copies what arrives at a descriptor into a pipe until it ends or nobody wants to go on: who reads the pipe then sees
/// an end and cannot wait for ever, as inside a library.
class Relay {
 public:
  Relay(int from, const KeepGoing& keep_going) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail(ErrorCode::kIo, "cannot make a pipe");
    out_ = FileDescriptor(ends[0]);
    thread_ = std::jthread([from, keep_going, to = ends[1]](const std::stop_token& stop) {
      const FileDescriptor in(to);
      copy(from, in.get(), [&] { return !stop.stop_requested() && (!keep_going || keep_going()); });
    });
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  int out() const { return out_.get(); }

 private:
  static bool wait_for(int descriptor, short events, const KeepGoing& keep_going) {
    while (keep_going()) {
      pollfd waiting{descriptor, events, 0};
      if (::poll(&waiting, 1, kPollMilliseconds) > 0) return (waiting.revents & (events | POLLHUP)) != 0;
    }
    return false;
  }

  static void copy(int from, int to, const KeepGoing& keep_going) {
    ::fcntl(to, F_SETFL, O_NONBLOCK);
    std::array<char, 16384> bytes;
    while (wait_for(from, POLLIN, keep_going)) {
      const ssize_t n_read = ::read(from, bytes.data(), bytes.size());
      if (n_read < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n_read <= 0) return;
      for (ssize_t n_written = 0; n_written < n_read;) {
        if (!wait_for(to, POLLOUT, keep_going)) return;
        const ssize_t n = ::write(to, bytes.data() + n_written, static_cast<std::size_t>(n_read - n_written));
        if (n < 0 && errno != EINTR && errno != EAGAIN) return;
        n_written += std::max<ssize_t>(n, 0);
      }
    }
  }

  FileDescriptor out_;
  std::jthread thread_;  // Last: it ends while the pipe still has a reader, or writing would raise SIGPIPE.
};

struct CloseSndfile {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

class LiveSource : public SampleSource {
 public:
  LiveSource(std::unique_ptr<Relay> relay, std::unique_ptr<SNDFILE, CloseSndfile> file, const SF_INFO& header)
      : relay_(std::move(relay)), file_(std::move(file)) {
    info_ = {"live sound", header.samplerate, header.channels, std::nullopt};
  }

  const AudioInfo& info() const override { return info_; }

  std::size_t read(std::span<float> interleaved) override {
    const sf_count_t n =
        sf_readf_float(file_.get(), interleaved.data(), static_cast<sf_count_t>(interleaved.size()) / info_.n_channels);
    return static_cast<std::size_t>(std::max<sf_count_t>(n, 0));
  }

  std::string complaint() const override { return {}; }

 private:
  std::unique_ptr<Relay> relay_;  // Before file_, which reads from it to the last.
  std::unique_ptr<SNDFILE, CloseSndfile> file_;
  AudioInfo info_;
};

}  // namespace

OpenedSource open_live(int descriptor, const KeepGoing& keep_going) {
  auto relay = std::make_unique<Relay>(descriptor, keep_going);
  SF_INFO header{};
  std::unique_ptr<SNDFILE, CloseSndfile> opened(sf_open_fd(relay->out(), SFM_READ, &header, SF_FALSE));
  check_keep_going(keep_going);
  if (!opened) return {nullptr, sf_strerror(nullptr)};
  const int container = header.format & SF_FORMAT_TYPEMASK;
  // libsndfile reads other formats from a pipe only by luck.
  if (container != SF_FORMAT_WAV && container != SF_FORMAT_WAVEX && container != SF_FORMAT_AU) {
    return {nullptr, "only WAV and AU can be read while they arrive"};
  }
  return {std::make_unique<LiveSource>(std::move(relay), std::move(opened), header), {}};
}

}  // namespace yourmt3
