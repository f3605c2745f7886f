#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "audio/sample_source.h"
#include "core/fail.h"

extern char** environ;

namespace yourmt3 {
namespace {

constexpr int kPollMilliseconds = 100;
// What ffmpeg may take a recording for, by the names of its readers.
constexpr const char* kFormats =
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,rm,shn,tak,tta,"
    "voc,w64,wav,webm,wv";
constexpr std::size_t kMaxMessages = 65536;  // Of ffmpeg's remarks the first half and the last are kept.

std::uint32_t big_endian(const std::byte* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

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

/// A running ffmpeg, whose messages are collected while its output is read.
class Child {
 public:
  explicit Child(KeepGoing keep_going) : keep_going_(std::move(keep_going)) {}
  ~Child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Returns 0, or the error number.
  int start(const std::string& program, int input) {
    Pipe output, messages;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output.write_end.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, messages.write_end.get(), STDERR_FILENO);
    // The recording is standard input, opened anew by its name there so that ffmpeg can seek in it. So no name from
    // outside is among the arguments. Formats that only name other files, as playlists do, are not read: they could make
    // it open any file here.
    const char* arguments[] = {
        program.c_str(), "-hide_banner", "-nostdin", "-nostats", "-protocol_whitelist", "file", "-format_whitelist",
        kFormats, "-i", "file:/dev/stdin", "-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "pipe:1", nullptr};
    const int code =
        ::posix_spawnp(&pid_, program.c_str(), &actions, nullptr, const_cast<char* const*>(arguments), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0) pid_ = -1;
    output_ = std::move(output.read_end);
    messages_ = std::move(messages.read_end);
    return code;
  }

  /// Fills `out` unless the output ends before; returns the number of bytes.
  std::size_t read(std::span<std::byte> out) {
    std::size_t n_read = 0;
    while (n_read < out.size() && output_) {
      check_keep_going(keep_going_);
      if (!wait_for_data(kPollMilliseconds)) continue;
      const ssize_t n = ::read(output_.get(), out.data() + n_read, out.size() - n_read);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        output_.reset();
        finish();
        break;
      }
      n_read += static_cast<std::size_t>(n);
    }
    return n_read;
  }

  /// Takes over the messages that have arrived so far.
  void collect_messages() {
    while (messages_ && take_message(0)) {
    }
  }

  std::string_view messages() const { return text_; }
  bool failed() const { return finished_ && status_ != 0; }

 private:
  /// True when output is ready to be read.
  bool wait_for_data(int milliseconds) {
    std::array<pollfd, 2> waiting{pollfd{output_.get(), POLLIN, 0}, pollfd{messages_.get(), POLLIN, 0}};
    if (::poll(waiting.data(), waiting.size(), milliseconds) <= 0) return false;
    if (waiting[1].revents != 0) take_message(0);
    return waiting[0].revents != 0;
  }

  /// False when there was none.
  bool take_message(int milliseconds) {
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

  void finish() {
    while (messages_) {
      check_keep_going(keep_going_);
      take_message(kPollMilliseconds);
    }
    wait();
    finished_ = true;
  }

  void wait() {
    while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }

  KeepGoing keep_going_;
  FileDescriptor output_, messages_;
  std::string text_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool finished_ = false;
};

/// The text between `before` and the next `end`, or nothing.
std::string_view text_after(std::string_view text, std::string_view before, char end) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find(end));
}

/// "00:03:25.11" to seconds.
std::optional<double> parse_duration(std::string_view text) {
  double seconds = 0;
  for (int part = 0; part < 3; ++part) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0) return std::nullopt;
    seconds = seconds * 60 + value;
    text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(end - text.data()) + 1));
  }
  return seconds;
}

/// Why ffmpeg gave up, from its messages.
std::string reason_of_failure(std::string_view text) {
  if (text.find("matches no streams") != std::string_view::npos) return "it has no sound";
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t start = text.rfind('\n');
  if (start != std::string_view::npos) text.remove_prefix(start + 1);
  constexpr std::string_view kOurName = "file:/dev/stdin: ";
  if (text.starts_with(kOurName)) text.remove_prefix(kOurName.size());
  return text.empty() ? "no output" : std::string(text);
}

class FfmpegSource : public SampleSource {
 public:
  FfmpegSource(std::unique_ptr<Child> child, AudioInfo info) : child_(std::move(child)), info_(std::move(info)) {}

  const AudioInfo& info() const override { return info_; }

  std::size_t read(std::span<float> interleaved) override {
    const std::size_t channels = static_cast<std::size_t>(info_.n_channels);
    const std::size_t frames = interleaved.size() / channels;
    bytes_.resize(frames * channels * 4);
    const std::size_t n = child_->read(bytes_) / (4 * channels);
    for (std::size_t i = 0; i < n * channels; ++i) interleaved[i] = std::bit_cast<float>(big_endian(&bytes_[4 * i]));
    n_read_ += n;
    return n;
  }

  std::string complaint() const override {
    const double found_sec = static_cast<double>(n_read_) / info_.sample_rate;
    if (child_->failed())
      return fmt::format("is damaged after {:.1f} s ({})", found_sec, reason_of_failure(child_->messages()));
    // A container's length covers all its streams and is rounded; sound may end a little before the picture.
    if (info_.duration_sec && found_sec < 0.95 * *info_.duration_sec - 1.0) {
      return fmt::format("breaks off after {:.1f} of {:.1f} s", found_sec, *info_.duration_sec);
    }
    return {};
  }

 private:
  std::unique_ptr<Child> child_;
  AudioInfo info_;
  std::vector<std::byte> bytes_;
  std::uint64_t n_read_ = 0;
};

}  // namespace

OpenedSource open_with_ffmpeg(const InputFile& file, const std::string& program, const KeepGoing& keep_going) {
  auto child = std::make_unique<Child>(keep_going);
  if (const int code = child->start(program, file.descriptor.get()); code != 0) {
    return {nullptr, std::strerror(code), code == ENOENT || code == EACCES};
  }
  // Sun's audio format: six big-endian words, then a remark up to where the second word says the samples begin.
  std::array<std::byte, 24> header;
  if (child->read(header) < header.size()) return {nullptr, reason_of_failure(child->messages())};
  constexpr std::uint32_t kMagic = 0x2e736e64, kFloat32 = 6, kMaxRemark = 65536;
  const std::uint32_t start = big_endian(&header[4]);
  if (big_endian(&header[0]) != kMagic || big_endian(&header[12]) != kFloat32 || start < header.size() ||
      start > kMaxRemark) {
    return {nullptr, "its output is not as expected"};
  }
  std::vector<std::byte> remark(start - header.size());
  child->read(remark);
  child->collect_messages();

  const std::uint32_t rate = big_endian(&header[16]), channels = big_endian(&header[20]);
  constexpr std::uint32_t kMaxRate = 100'000'000, kMaxChannels = 1024;
  if (rate < 1 || rate > kMaxRate || channels < 1 || channels > kMaxChannels) {
    return {nullptr, fmt::format("{} channels at {} Hz", channels, rate)};
  }
  AudioInfo info;
  const std::string_view codec = text_after(child->messages(), "Audio: ", ',');
  info.format = fmt::format("{} (ffmpeg)", codec.substr(0, codec.find(' ')));
  info.sample_rate = static_cast<int>(rate);
  info.n_channels = static_cast<int>(channels);
  info.duration_sec = parse_duration(text_after(child->messages(), "Duration: ", ','));
  return {std::make_unique<FfmpegSource>(std::move(child), std::move(info)), {}};
}

}  // namespace yourmt3
