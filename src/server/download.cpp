#include "server/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "core/fail.h"

namespace yourmt3 {

std::string attachment(const std::string& name, const std::string& extension) {
  std::string stem = name.substr(0, name.find_last_of('.'));
  if (stem.empty()) stem = name;
  // Twice: plainly for those that know nothing else, and exactly as RFC 8187 has it.
  std::string plain, exact;
  for (const char c : stem + extension) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = std::isalnum(byte) && byte < 0x80;
    const bool harmless = letter || c == '-' || c == '.' || c == '_';
    plain += harmless || c == ' ' || c == '(' || c == ')' ? c : '_';
    exact += harmless ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, exact);
}

std::string recording_type(std::string_view first_bytes) {
  struct Type {
    std::size_t offset;
    std::string_view bytes, name;
  };
  static constexpr std::array<Type, 10> kTypes = {{{0, "RIFF", "audio/wav"},
                                                   {0, "fLaC", "audio/flac"},
                                                   {0, "OggS", "audio/ogg"},
                                                   {0, "ID3", "audio/mpeg"},
                                                   {0, "\xFF\xFB", "audio/mpeg"},
                                                   {0, "\xFF\xF3", "audio/mpeg"},
                                                   {0, "\xFF\xF2", "audio/mpeg"},
                                                   {0, "FORM", "audio/aiff"},
                                                   {4, "ftyp", "audio/mp4"},
                                                   {0, "\x1A\x45\xDF\xA3", "audio/webm"}}};
  for (const Type& type : kTypes) {
    if (first_bytes.size() > type.offset && first_bytes.substr(type.offset).starts_with(type.bytes)) {
      return std::string(type.name);
    }
  }
  return "application/octet-stream";
}

void answer_with_file(httplib::Response& response, const std::filesystem::path& file, const std::string& content_type) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
    if (descriptor >= 0) ::close(descriptor);
    fail(ErrorCode::kNotFound, "the files of this job are gone");
  }
  std::string type = content_type;
  if (type.empty()) {
    std::array<char, 16> first{};
    const ssize_t count = ::pread(descriptor, first.data(), first.size(), 0);
    type = recording_type({first.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))});
  }
  response.set_header("Accept-Ranges", "bytes");
  response.set_content_provider(
      static_cast<std::size_t>(status.st_size), type,
      [descriptor](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
        std::array<char, 65536> block;
        const ssize_t count =
            ::pread(descriptor, block.data(), std::min(block.size(), length), static_cast<off_t>(offset));
        return count > 0 && sink.write(block.data(), static_cast<std::size_t>(count));
      },
      [descriptor](bool) { ::close(descriptor); });
}

}  // namespace yourmt3
