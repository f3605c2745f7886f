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

constexpr std::int64_t kMaxDiscarded = std::int64_t{64} << 20;
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
  Receiver(const std::filesystem::path& target, std::int64_t max_bytes) : max_bytes_(max_bytes) {
    file_.reset(std::fopen(target.c_str(), "wbx"));
    if (!file_) refuse_disk();
  }

  bool begin_part(const httplib::MultipartFormData& part) {
    in_audio_ = part.name == "audio";
    if (!in_audio_) return true;
    upload.name = display_name(part.filename);
    ++n_fields;
    return true;
  }

  /// False: no more of it.
  bool take(const char* data, std::size_t size) {
    if (!in_audio_ || n_fields > 1 || too_large)
      return (n_discarded_ += static_cast<std::int64_t>(size)) <= kMaxDiscarded;
    upload.n_bytes += static_cast<std::int64_t>(size);
    if (upload.n_bytes > max_bytes_) {
      too_large = true;
      return true;
    }
    if (std::fwrite(data, 1, size, file_.get()) != size) refuse_disk();
    return true;
  }

  void close() {
    if (std::fclose(file_.release()) != 0) refuse_disk();
  }

  Upload upload;
  int n_fields = 0;
  bool too_large = false;

 private:
  [[noreturn]] static void refuse_disk() {
    throw HttpError(507, fmt::format("the recording cannot be stored: {}", std::strerror(errno)));
  }

  std::int64_t max_bytes_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  bool in_audio_ = false;
  std::int64_t n_discarded_ = 0;
};

}  // namespace

Upload receive_upload(const httplib::ContentReader& content, const std::filesystem::path& target,
                      std::int64_t max_bytes, const std::function<bool()>& keep_going) {
  Receiver receiver(target, max_bytes);
  bool stopped = false;
  const bool whole = content([&](const httplib::MultipartFormData& part) { return receiver.begin_part(part); },
                             [&](const char* data, std::size_t size) {
                               stopped = stopped || !keep_going();
                               return !stopped && receiver.take(data, size);
                             });
  if (stopped) throw HttpError(503, "the server is stopping");
  if (receiver.too_large) throw HttpError(413, fmt::format("the recording has more than {} bytes", max_bytes));
  if (receiver.n_fields > 1) throw HttpError(400, "the form has several fields 'audio', expected one");
  if (!whole) throw HttpError(400, "the form is broken or breaks off");
  if (receiver.n_fields == 0) throw HttpError(400, "the form has no field 'audio'");
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

void discard(const httplib::Request& request, const httplib::ContentReader& content) {
  std::int64_t n_discarded = 0;
  const auto skip = [&n_discarded](const char*, std::size_t size) {
    return (n_discarded += static_cast<std::int64_t>(size)) <= kMaxDiscarded;
  };
  if (request.is_multipart_form_data()) {
    content([](const httplib::MultipartFormData&) { return true; }, skip);
  } else {
    content(skip);
  }
}

}  // namespace yourmt3
