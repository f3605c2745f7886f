#include "cli/recording_outputs.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "cli/content_hash.h"
#include "core/fail.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

/// Standard output, and devices and pipes with a name: nothing may be renamed over those.
bool is_stream(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return path == "-" || (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status));
}

void write_stream(const fs::path& path, const std::string& bytes) {
  std::FILE* stream = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  bool written = stream != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), stream) == bytes.size();
  written = stream != nullptr && std::fflush(stream) == 0 && written;
  const std::string reason = std::strerror(errno);
  if (stream != nullptr && stream != stdout) std::fclose(stream);
  const std::string name = path == "-" ? "standard output" : path.string();
  if (!written) fail(ErrorCode::kIo, "{}: cannot write: {}", name, reason);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(ErrorCode::kIo, "{}: cannot make this folder: {}", folder.string(), error.message());
}

}  // namespace

RecordingOutputs::RecordingOutputs(const Job& job, AtomicFile::Existing existing) : files_(job.files) {
  for (const PlannedFile& file : files_) {
    opened_.push_back(nullptr);
    if (is_stream(file.path)) continue;
    if (!file.path.parent_path().empty()) make_folder(file.path.parent_path());
    opened_.back() = std::make_unique<AtomicFile>(file.path, existing);
  }
}

void RecordingOutputs::write(std::span<const Note> notes, const NoteFileOptions& options) {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::string bytes = notes_to_bytes(notes, files_[i].format, options);
    if (opened_[i]) {
      opened_[i]->write(bytes);
    } else {
      write_stream(files_[i].path, bytes);
    }
    hashes_.push_back(content_hash(std::as_bytes(std::span(bytes))));
  }
  for (const auto& file : opened_) {
    if (file) file->sync();
  }
}

void RecordingOutputs::commit() {
  for (const auto& file : opened_) {
    if (file) file->commit();
  }
}

}  // namespace yourmt3::cli
