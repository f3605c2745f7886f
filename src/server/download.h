#pragma once

#include <httplib.h>

#include <filesystem>
#include <string>

namespace yourmt3 {

/// The value of Content-Disposition that lets a browser keep the answer as STEM + EXTENSION, STEM being `name` without
/// an extension of its own. Nothing in the name can end the header or name a folder.
std::string attachment(const std::string& name, const std::string& extension);

/// "audio/flac" and so on by the first bytes of a recording; "application/octet-stream" for an unknown one.
std::string recording_type(std::string_view first_bytes);

/// Answers with a file, or the part that was asked for, without reading it into memory. Throws Error(kNotFound).
void answer_with_file(httplib::Response& response, const std::filesystem::path& file, const std::string& content_type);

}  // namespace yourmt3
