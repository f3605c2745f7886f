#include "cli/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/content_hash.h"
#include "cli/note_files.h"
#include "core/fail.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kFormat = "yourmt3-journal";
constexpr int kVersion = 1;

json header() {
  return {{"format", kFormat}, {"version", kVersion}};
}

std::string text_of(const json& line) {
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

/// How a path stands in a journal: "./a//b" is "a/b", and what is no UTF-8 is replaced.
std::string key_of(const fs::path& path) {
  const std::string text = text_of(path.lexically_normal().string());
  return json::parse(text).get<std::string>();
}

std::string hash_text(std::uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

/// UTC, as ISO 8601 has it.
std::string time_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) fail(ErrorCode::kIo, "{}: cannot read this journal", path.string());
  return text;
}

[[noreturn]] void fail_journal(const fs::path& path, int code) {
  fail(ErrorCode::kIo, "{}: cannot write the journal: {}", path.string(), std::strerror(code));
}

[[noreturn]] void fail_no_journal(const fs::path& path, std::size_t line) {
  fail(ErrorCode::kMalformed,
       "{}: line {} is none of a journal of yourmt3 transcribe; give --journal another name, or remove that file",
       path.string(), line);
}

}  // namespace

Journal::Journal(const fs::path& file, const Shard& shard) : path_(shard_file(file, shard)) {
  open();
  try {
    if (regular_) {
      read_own();
    } else {
      write_line(header());
    }
    std::error_code error;
    const fs::path folder = file.parent_path().empty() ? "." : file.parent_path();
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename().string();
      std::error_code ignored;
      if (name == path_.filename() || !is_shard_file(file, name) || !entry.is_regular_file(ignored)) continue;
      merge(read(entry.path(), content_of(entry.path())));
    }
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

Journal::~Journal() {
  ::close(descriptor_);
}

void Journal::open() {
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) fail_journal(path_, error.value());
  descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_journal(path_, errno);
  struct stat status = {};
  regular_ = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
  // File systems without locks give another error: there it has to do without.
  if (regular_ && ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor_);
    fail(ErrorCode::kIo, "{}: another process is writing this journal; give each one of its own, or its --shard",
         path_.string());
  }
}

void Journal::read_own() {
  std::string text = content_of(path_);
  const std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0.
  if (whole == 0 && !text_of(header()).starts_with(text)) fail_no_journal(path_, 1);
  recordings_ = read(path_, text.substr(0, whole));
  if (whole < text.size() && ::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0) fail_journal(path_, errno);
  if (whole == 0) write_line(header());
}

Journal::Recordings Journal::read(const fs::path& path, const std::string& text) {
  Recordings recordings;
  std::size_t number = 0;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    ++number;
    try {
      const json line = json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                    text.begin() + static_cast<std::ptrdiff_t>(end));
      if (number == 1) {
        if (line.at("format") != kFormat) fail_no_journal(path, number);
        if (line.at("version") != kVersion) {
          fail(ErrorCode::kUnsupported, "{}: a journal of version {}, known is {}", path.string(),
               line.at("version").dump(), kVersion);
        }
        continue;
      }
      Recording& recording = recordings[key_of(line.at("input").get<std::string>())];
      if (line.at("status") == "failed") {
        recording = {{}, line.at("error").get<std::string>()};
        continue;
      }
      recording.failure.reset();
      const json hashes = line.value("output_hashes", json::object());
      for (const auto& [format, output] : line.at("outputs").items()) {
        recording.hashes[key_of(output.get<std::string>())] = hashes.value(format, "");
      }
    } catch (const json::exception&) {
      fail_no_journal(path, number);
    }
  }
  return recordings;
}

void Journal::merge(const Recordings& others) {
  for (const auto& [input, other] : others) {
    Recording& recording = recordings_[input];
    recording.hashes.insert(other.hashes.begin(), other.hashes.end());
    if (other.failure) recording.failure = other.failure;
    if (!recording.hashes.empty()) recording.failure.reset();
  }
}

bool Journal::has_done(const Job& job, AtomicFile::Existing existing) const {
  const auto found = recordings_.find(key_of(job.input));
  if (found == recordings_.end() || job.files.empty()) return false;
  for (const PlannedFile& file : job.files) {
    const auto written = found->second.hashes.find(key_of(file.path));
    if (written == found->second.hashes.end()) return false;
    AtomicFile::recover(file.path, existing, [&](std::span<const std::byte> bytes) {
      return hash_text(content_hash(bytes)) == written->second;
    });
    std::error_code ignored;
    if (!fs::exists(file.path, ignored)) return false;
  }
  return true;
}

std::optional<std::string> Journal::failure(const Job& job) const {
  const auto found = recordings_.find(key_of(job.input));
  return found == recordings_.end() ? std::nullopt : found->second.failure;
}

void Journal::add(const Job& job, json facts, std::span<const std::uint64_t> hashes) {
  facts["time"] = time_text();
  for (std::size_t i = 0; i < job.files.size() && facts.at("status") != "failed"; ++i) {
    const std::string& format = note_format_names()[static_cast<std::size_t>(job.files[i].format)];
    facts["outputs"][format] = job.files[i].path.string();
    if (i < hashes.size()) facts["output_hashes"][format] = hash_text(hashes[i]);
  }
  write_line(facts);
}

void Journal::write_line(const json& line) {
  const std::string text = text_of(line);
  const off_t before = regular_ ? ::lseek(descriptor_, 0, SEEK_END) : 0;
  int code = 0;
  for (std::size_t written = 0; written < text.size() && code == 0;) {
    const ssize_t count = ::write(descriptor_, text.data() + written, text.size() - written);
    if (count >= 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      code = errno;
    }
  }
  if (code == 0 && regular_ && ::fdatasync(descriptor_) != 0) code = errno;
  if (code == 0) return;
  if (regular_ && ::ftruncate(descriptor_, before) != 0) code = errno;
  fail_journal(path_, code);
}

}  // namespace yourmt3::cli
