#pragma once

#include <httplib.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace yourmt3 {

/// A recording that arrived.
struct Upload {
  std::string name;  ///< As the client says; printable UTF-8 of at most 200 bytes.
  std::int64_t n_bytes = 0;
};

/// Writes the field `audio` of a multipart form to a file as it arrives; the other fields are skipped. Throws
/// HttpError: 413 for more than `max_bytes`, 400 when there is not exactly one such field or the form is broken, 507
/// when the disk is full. `keep_going` is asked now and then; false gives 503.
Upload receive_upload(const httplib::ContentReader& content, const std::filesystem::path& target,
                      std::int64_t max_bytes, const std::function<bool()>& keep_going);

/// A body in memory. Throws HttpError: 413 for more than `max_bytes`, 400 when it breaks off.
std::string receive_text(const httplib::ContentReader& content, std::size_t max_bytes);

/// Reads what a client still sends after it is known that it will be refused, up to a limit: many do not look at the
/// answer before they have sent all, and a connection that is closed on them loses it.
void discard(const httplib::Request& request, const httplib::ContentReader& content);

}  // namespace yourmt3
