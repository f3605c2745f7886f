#pragma once

#include <string>
#include <string_view>

namespace yourmt3::cli {

/// A text as one field of a line of comma-separated values, in quotation marks where it needs them (RFC 4180).
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace yourmt3::cli
