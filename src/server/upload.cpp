#include "server/upload.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/fail.h"
#include "core/printable_text.h"
#include "server/http_error.h"

namespace yourmt3 {
namespace {

constexpr std::int64_t kMaxSkipped = std::int64_t{64} << 20;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kLongestName = 200;

/// The last part of a name with folders, as some browsers send, cut at a character.
std::string display_name(const std::string& name) {
  std::string text = printable_text(name.substr(name.find_last_of("/\\") + 1));
  if (text.size() > kLongestName) {
    std::size_t end = kLongestName;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
  }
  return text.empty() ? "recording" : text;
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Takes the parts of a form one after the other.
class Receiver {
 public:
  Receiver(const std::filesystem::path& target, std::int64_t max_bytes,
           const std::function<void(std::int64_t)>& take_room)
      : max_bytes_(max_bytes), take_room_(take_room) {
    file_.reset(std::fopen(target.c_str(), "wbxe"));
    if (!file_) refuse_disk();
  }

  void begin_part(const httplib::MultipartFormData& part) {
    in_audio_ = part.name == "audio";
    text_ = part.name == "only" ? &upload.only : part.name == "without" ? &upload.without : nullptr;
    if (!in_audio_) return;
    if (has_audio) throw HttpError(400, "the form has several fields 'audio', expected one");
    has_audio = true;
    upload.name = display_name(part.filename);
  }

  void take(const char* data, std::size_t size) {
    if (in_audio_) {
      write(data, size);
    } else if (text_ != nullptr) {
      if (text_->size() + size > kLongestText) throw HttpError(400, "a list of instruments is too long");
      text_->append(data, size);
    } else if ((n_skipped_ += static_cast<std::int64_t>(size)) > kMaxSkipped) {
      throw HttpError(413, fmt::format("the other fields have more than {} bytes", kMaxSkipped));
    }
  }

  void close() {
    if (std::fclose(file_.release()) != 0) refuse_disk();
  }

  Upload upload;
  bool has_audio = false;

 private:
  void write(const char* data, std::size_t size) {
    upload.n_bytes += static_cast<std::int64_t>(size);
    if (upload.n_bytes > max_bytes_) {
      throw HttpError(413, fmt::format("the recording has more than {} bytes", max_bytes_));
    }
    take_room_(static_cast<std::int64_t>(size));
    if (std::fwrite(data, 1, size, file_.get()) != size) refuse_disk();
  }

  [[noreturn]] static void refuse_disk() {
    throw HttpError(507, fmt::format("the recording cannot be stored: {}", std::strerror(errno)));
  }

  std::int64_t max_bytes_;
  const std::function<void(std::int64_t)>& take_room_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  bool in_audio_ = false;
  std::string* text_ = nullptr;
  std::int64_t n_skipped_ = 0;
};

}  // namespace

Upload receive_upload(const httplib::ContentReader& content, const std::filesystem::path& target,
                      std::int64_t max_bytes, const std::function<void(std::int64_t)>& take_room) {
  Receiver receiver(target, max_bytes, take_room);
  const bool whole = content(
      [&](const httplib::MultipartFormData& part) {
        receiver.begin_part(part);
        return true;
      },
      [&](const char* data, std::size_t size) {
        receiver.take(data, size);
        return true;
      });
  if (!whole) throw HttpError(400, "the form is broken or breaks off");
  if (!receiver.has_audio) throw HttpError(400, "the form has no field 'audio'");
  receiver.close();
  return receiver.upload;
}

std::string receive_text(const httplib::ContentReader& content, std::size_t max_bytes) {
  std::string text;
  const bool whole = content([&](const char* data, std::size_t size) {
    if (size > max_bytes - text.size()) throw HttpError(413, fmt::format("more than {} bytes", max_bytes));
    text.append(data, size);
    return true;
  });
  if (!whole) throw HttpError(400, "the request breaks off");
  return text;
}

}  // namespace yourmt3
