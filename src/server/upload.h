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
  std::string only, without;  ///< The fields of that name, or nothing.
};

/// Writes the field `audio` of a multipart form to a file as it arrives; other fields than those of Upload are skipped.
/// `take_room` is told how many bytes come, before they are written. Throws HttpError: 413 for more than `max_bytes`,
/// 400 when there is not exactly one such field or the form is broken, 507 when the disk is full; and what `take_room`
/// throws.
Upload receive_upload(const httplib::ContentReader& content, const std::filesystem::path& target,
                      std::int64_t max_bytes, const std::function<void(std::int64_t)>& take_room);

/// A body in memory. Throws HttpError: 413 for more than `max_bytes`, 400 when it breaks off.
std::string receive_text(const httplib::ContentReader& content, std::size_t max_bytes);

}  // namespace yourmt3
