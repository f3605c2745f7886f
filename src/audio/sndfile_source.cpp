#include <sndfile.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "audio/sample_source.h"
#include "core/fail.h"

namespace yourmt3 {
namespace {

struct CloseSndfile {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

std::string format_name(int format) {
  const auto name_of = [](int part) -> std::string {
    SF_FORMAT_INFO info{};
    info.format = part;
    return sf_command(nullptr, SFC_GET_FORMAT_INFO, &info, sizeof info) == 0 && info.name != nullptr ? info.name : "?";
  };
  return name_of(format & SF_FORMAT_TYPEMASK) + ", " + name_of(format & SF_FORMAT_SUBMASK);
}

/// Bytes that the header of a WAV or AIFF file promises and the file does not have, from libsndfile's log: it reads
/// such a file as if the header had told the truth. The line is "data : 88200 (should be 44056)".
bool header_promises_more(std::string_view log) {
  for (const std::string_view chunk : {"data : ", "SSND : "}) {
    const std::size_t line = log.find(chunk);
    if (line == std::string_view::npos) continue;
    const std::string_view text = log.substr(line + chunk.size(), log.substr(line).find('\n') - chunk.size());
    unsigned long long promised = 0, found = 0;
    const auto first = std::from_chars(text.data(), text.data() + text.size(), promised);
    const std::size_t remark = text.find("(should be ");
    if (first.ec != std::errc() || remark == std::string_view::npos) continue;
    const char* number = text.data() + remark + std::string_view("(should be ").size();
    if (std::from_chars(number, text.data() + text.size(), found).ec != std::errc()) continue;
    // Programs that write to a pipe cannot know the length and put 0 or about the largest number there.
    constexpr unsigned long long kNotKnown = 0x7fff0000;
    if (promised > found && promised < kNotKnown) return true;
  }
  return false;
}

/// True when no page near the end of the file is marked as the last of its stream. Source: RFC 3533, section 6.
bool ogg_lacks_its_end(const InputFile& file) {
  constexpr std::uint64_t kMaxPage = 65307;
  std::string tail(static_cast<std::size_t>(std::min(kMaxPage, file.n_bytes)), '\0');
  const ssize_t n =
      ::pread(file.descriptor.get(), tail.data(), tail.size(), static_cast<off_t>(file.n_bytes - tail.size()));
  tail.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  constexpr std::size_t kFlags = 5;  // Offset in the page's header.
  for (std::size_t at = tail.find("OggS"); at != std::string::npos && at + kFlags < tail.size();
       at = tail.find("OggS", at + 1)) {
    if ((static_cast<unsigned char>(tail[at + kFlags]) & 4) != 0) return false;
  }
  return true;
}

/// Lets libsndfile read a file at a position of its own; with a descriptor it would close ours when it fails.
struct View {
  int descriptor;
  sf_count_t size;
  sf_count_t at = 0;

  static sf_count_t get_size(void* view) { return static_cast<View*>(view)->size; }
  static sf_count_t tell(void* view) { return static_cast<View*>(view)->at; }
  static sf_count_t write(const void*, sf_count_t, void*) { return 0; }

  static sf_count_t seek(sf_count_t offset, int whence, void* view) {
    View& v = *static_cast<View*>(view);
    const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? v.at : v.size;
    v.at = std::clamp<sf_count_t>(base + offset, 0, v.size);
    return v.at;
  }

  static sf_count_t read(void* to, sf_count_t size, void* view) {
    View& v = *static_cast<View*>(view);
    sf_count_t n_read = 0;
    while (n_read < size) {
      const ssize_t n =
          ::pread(v.descriptor, static_cast<char*>(to) + n_read, static_cast<std::size_t>(size - n_read), v.at);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      n_read += n;
      v.at += n;
    }
    return n_read;
  }
};

class SndfileSource : public SampleSource {
 public:
  SndfileSource(std::unique_ptr<View> view, std::unique_ptr<SNDFILE, CloseSndfile> file, const SF_INFO& header,
                bool lacks_end)
      : view_(std::move(view)),
        file_(std::move(file)),
        is_mpeg_((header.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_MPEG) {
    info_ = {format_name(header.format), header.samplerate, header.channels, std::nullopt};
    if (header.frames > 0 && header.frames < SF_COUNT_MAX) {
      n_promised_ = header.frames;
      info_.duration_sec = static_cast<double>(header.frames) / header.samplerate;
    }
    std::array<char, 8192> log{};
    const int size = sf_command(file_.get(), SFC_GET_LOG_INFO, log.data(), static_cast<int>(log.size()));
    lacks_end_ =
        lacks_end || header_promises_more({log.data(), static_cast<std::size_t>(std::clamp(size, 0, int{log.size()}))});
  }

  const AudioInfo& info() const override { return info_; }

  std::size_t read(std::span<float> interleaved) override {
    const sf_count_t n =
        sf_readf_float(file_.get(), interleaved.data(), static_cast<sf_count_t>(interleaved.size()) / info_.n_channels);
    n_read_ += std::max<sf_count_t>(n, 0);
    return static_cast<std::size_t>(std::max<sf_count_t>(n, 0));
  }

  std::string complaint() const override {
    const double found_sec = static_cast<double>(n_read_) / info_.sample_rate;
    // The length of an MP3 file without an index is an estimate.
    const double tolerance = is_mpeg_ ? 0.02 : 0.0;
    if (n_promised_ > 0 && static_cast<double>(n_read_) < static_cast<double>(n_promised_) * (1 - tolerance)) {
      return fmt::format("breaks off after {:.1f} of {:.1f} s", found_sec, info_.duration_sec.value_or(0));
    }
    if (lacks_end_) return fmt::format("breaks off after {:.1f} s", found_sec);
    if (sf_error(file_.get()) != SF_ERR_NO_ERROR) {
      return fmt::format("is damaged after {:.1f} s ({})", found_sec, sf_strerror(file_.get()));
    }
    return {};
  }

 private:
  std::unique_ptr<View> view_;  // Before file_, which uses it to the last.
  std::unique_ptr<SNDFILE, CloseSndfile> file_;
  AudioInfo info_;
  bool is_mpeg_;
  bool lacks_end_ = false;
  sf_count_t n_promised_ = 0;
  sf_count_t n_read_ = 0;
};

}  // namespace

OpenedSource open_with_sndfile(const InputFile& file) {
  SF_VIRTUAL_IO calls{View::get_size, View::seek, View::read, View::write, View::tell};
  auto view = std::make_unique<View>(View{file.descriptor.get(), static_cast<sf_count_t>(file.n_bytes)});
  SF_INFO header{};
  std::unique_ptr<SNDFILE, CloseSndfile> opened(sf_open_virtual(&calls, SFM_READ, &header, view.get()));
  if (!opened) {
    std::string reason = sf_strerror(nullptr);
    while (!reason.empty() && (reason.back() == '.' || std::isspace(static_cast<unsigned char>(reason.back())))) {
      reason.pop_back();
    }
    return {nullptr, reason};
  }
  if (header.channels < 1 || header.samplerate < 1) {
    return {nullptr, fmt::format("{} channels at {} Hz", header.channels, header.samplerate)};
  }
  const bool lacks_end = (header.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_OGG && ogg_lacks_its_end(file);
  return {std::make_unique<SndfileSource>(std::move(view), std::move(opened), header, lacks_end), {}};
}

}  // namespace yourmt3
