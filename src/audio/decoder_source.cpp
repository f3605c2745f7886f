#include <sys/wait.h>

#include <cstring>

#include "audio/au_pipe.h"
#include "audio/decoder_status.h"
#include "audio/sample_source.h"
#include "core/child_process.h"
#include "core/fail.h"
#include "core/printable_text.h"

namespace yourmt3 {
namespace {

constexpr std::size_t kLongestMessage = 500;

/// A line that the decoder wrote, which what it reads may have taken over, without the name of the recording.
std::string cleaned(std::string_view line) {
  const std::string name = std::string(kDecoderRecording) + ": ";
  if (line.starts_with(name)) line.remove_prefix(name.size());
  return printable_text(line.substr(0, kLongestMessage));
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return cleaned(text.substr(text.rfind('\n') + 1));
}

/// Throws unless the decoder ended well.
void check_end(const ChildProcess& decoder, const std::string& name) {
  if (decoder.timed_out()) {
    fail(ErrorCode::kMalformed, "{}: cannot be read: its decoder does not get on with it and was ended", name);
  }
  const int status = decoder.status().value_or(0);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
    fail(ErrorCode::kMalformed, "{}: cannot be read: decoding it takes too much time", name);
  }
  if (WIFSIGNALED(status)) {
    fail(ErrorCode::kMalformed, "{}: cannot be read: its decoder was ended by signal {} ({})", name, WTERMSIG(status),
         ::strsignal(WTERMSIG(status)));
  }
  const int exit_status = WEXITSTATUS(status);
  if (exit_status == 0) return;
  ErrorCode code = decoder_error(exit_status).value_or(ErrorCode::kMalformed);
  if (code == ErrorCode::kOutOfMemory) {
    fail(ErrorCode::kMalformed, "{}: cannot be read: decoding it takes too much memory", name);
  }
  // What it reads may have taken it over: it does not choose what becomes of us.
  if (code != ErrorCode::kUnsupported && code != ErrorCode::kIo) code = ErrorCode::kMalformed;
  const std::string reason = last_line(decoder.messages());
  fail(code, "{}: {}", name, reason.empty() ? fmt::format("its decoder ended with status {}", exit_status) : reason);
}

class DecoderSource : public SampleSource {
 public:
  DecoderSource(std::unique_ptr<ChildProcess> decoder, AudioInfo info, double max_sec, std::string name, LogSink log)
      : decoder_(std::move(decoder)),
        info_(std::move(info)),
        max_sec_(max_sec),
        name_(std::move(name)),
        log_(std::move(log)) {}

  const AudioInfo& info() const override { return info_; }

  std::size_t read(std::span<float> interleaved) override {
    const auto channels = static_cast<std::size_t>(info_.n_channels);
    const std::size_t n =
        read_au_frames(*decoder_, interleaved.first(interleaved.size() / channels * channels), channels);
    n_read_ += n;
    if (static_cast<double>(n_read_) > max_sec_ * info_.sample_rate) {
      fail(ErrorCode::kInvalidArgument, "the recording is longer than {:.0f} s", max_sec_);
    }
    if (n == 0) {
      check_end(*decoder_, name_);
      warn();
    }
    return n;
  }

  std::string complaint() const override { return {}; }

 private:
  void warn() const {
    if (!log_) return;
    std::string_view text = decoder_->messages();
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      log_(LogLevel::kWarning, fmt::format("{}: {}", name_, cleaned(text.substr(0, end))));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::unique_ptr<ChildProcess> decoder_;
  AudioInfo info_;
  double max_sec_;
  std::string name_;
  LogSink log_;
  std::uint64_t n_read_ = 0;
};

}  // namespace

std::unique_ptr<SampleSource> open_with_decoder(const InputFile& file, const DecoderCommand& command,
                                                const KeepGoing& keep_going, const LogSink& log) {
  auto decoder = std::make_unique<ChildProcess>(
      ChildProcess::Options{.keep_going = keep_going, .patience = command.patience, .own_group = true});
  if (const int code = decoder->start(command.arguments, file.descriptor.get()); code != 0) {
    fail(ErrorCode::kIo, "{}: the decoder cannot be started: {}", command.arguments.front(), std::strerror(code));
  }
  std::optional<AuHeader> header;
  try {
    header = read_au_header(*decoder);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    fail(ErrorCode::kMalformed, "{}: cannot be read: of its decoder, {}", file.name, error.what());
  }
  if (!header) {
    check_end(*decoder, file.name);
    fail(ErrorCode::kMalformed, "{}: cannot be read: its decoder gives nothing", file.name);
  }
  AudioInfo info;
  info.format = "decoded";
  info.sample_rate = static_cast<int>(header->sample_rate);
  info.n_channels = static_cast<int>(header->n_channels);
  if (header->n_frames) info.duration_sec = static_cast<double>(*header->n_frames) / info.sample_rate;
  return std::make_unique<DecoderSource>(std::move(decoder), std::move(info), command.max_sec, file.name, log);
}

}  // namespace yourmt3
