#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "audio/au_pipe.h"
#include "audio/sample_source.h"
#include "core/child_process.h"
#include "core/fail.h"

namespace yourmt3 {
namespace {

// What ffmpeg may take a recording for, by the names of its readers.
constexpr const char* kFormats =
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dtshd,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,ogg,rm,shn,tak,"
    "tta,"
    "voc,w64,wav,webm,wv";
std::vector<std::string> arguments(const std::string& program) {
  // The recording is standard input, opened anew by its name there so that ffmpeg can seek in it. So no name from
  // outside is among the arguments. Formats that only name other files, as playlists do, are not read: they could make
  // it open any file here.
  return {program,
          "-hide_banner",
          "-nostdin",
          "-nostats",
          "-protocol_whitelist",
          "file",
          "-format_whitelist",
          kFormats,
          "-i",
          "file:/dev/stdin",
          "-map",
          "0:a:0",
          "-c:a",
          "pcm_f32be",
          "-f",
          "au",
          "pipe:1"};
}

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
  FfmpegSource(std::unique_ptr<ChildProcess> child, AudioInfo info)
      : child_(std::move(child)), info_(std::move(info)) {}

  const AudioInfo& info() const override { return info_; }

  std::size_t read(std::span<float> interleaved) override {
    const std::size_t channels = static_cast<std::size_t>(info_.n_channels);
    const std::size_t n =
        read_au_frames(*child_, interleaved.first(interleaved.size() / channels * channels), channels);
    n_read_ += n;
    return n;
  }

  std::string complaint() const override {
    const double found_sec = static_cast<double>(n_read_) / info_.sample_rate;
    if (child_->status().value_or(0) != 0)
      return fmt::format("is damaged after {:.1f} s ({})", found_sec, reason_of_failure(child_->messages()));
    // A container's length covers all its streams and is rounded; sound may end a little before the picture.
    if (info_.duration_sec && found_sec < 0.95 * *info_.duration_sec - 1.0) {
      return fmt::format("breaks off after {:.1f} of {:.1f} s", found_sec, *info_.duration_sec);
    }
    return {};
  }

 private:
  std::unique_ptr<ChildProcess> child_;
  AudioInfo info_;
  std::uint64_t n_read_ = 0;
};

}  // namespace

OpenedSource open_with_ffmpeg(const InputFile& file, const std::string& program, const KeepGoing& keep_going) {
  auto child = std::make_unique<ChildProcess>(ChildProcess::Options{.keep_going = keep_going});
  if (const int code = child->start(arguments(program), file.descriptor.get()); code != 0) {
    return {nullptr, std::strerror(code), code == ENOENT || code == EACCES};
  }
  std::optional<AuHeader> header;
  try {
    header = read_au_header(*child);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kCancelled) throw;
    return {nullptr, error.what()};
  }
  if (!header) return {nullptr, reason_of_failure(child->messages())};
  child->collect_messages();

  AudioInfo info;
  const std::string_view codec = text_after(child->messages(), "Audio: ", ',');
  info.format = fmt::format("{} (ffmpeg)", codec.substr(0, codec.find(' ')));
  info.sample_rate = static_cast<int>(header->sample_rate);
  info.n_channels = static_cast<int>(header->n_channels);
  info.duration_sec = parse_duration(text_after(child->messages(), "Duration: ", ','));
  return {std::make_unique<FfmpegSource>(std::move(child), std::move(info)), {}};
}

}  // namespace yourmt3
