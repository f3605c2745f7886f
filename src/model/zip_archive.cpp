#include "model/zip_archive.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::size_t kEndSize = 22, kEnd64Size = 56, kLocator64Size = 20, kCentralSize = 46, kLocalSize = 30;
constexpr std::uint16_t kZip64Extra = 1;

/// Reads little-endian numbers at checked places.
class Bytes {
 public:
  Bytes(std::span<const std::byte> bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  std::size_t size() const { return bytes_.size(); }
  std::string_view name() const { return name_; }

  std::span<const std::byte> range(std::uint64_t offset, std::uint64_t length, const char* what) const {
    if (offset > bytes_.size() || length > bytes_.size() - offset) {
      fail(ErrorCode::kMalformed, "{}: {} at byte {} with {} bytes lies outside the file of {} bytes; was it cut?",
           name_, what, offset, length, bytes_.size());
    }
    return bytes_.subspan(offset, length);
  }

  template <class T>
  T read(std::uint64_t offset, const char* what) const {
    T value;
    std::memcpy(&value, range(offset, sizeof value, what).data(), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::string_view name_;
};

struct Directory {
  std::uint64_t offset = 0, size = 0, n_entries = 0;
};

std::uint64_t find_end(const Bytes& file) {
  if (file.size() >= kEndSize) {
    const std::uint64_t last = file.size() - kEndSize;
    const std::uint64_t first = last > 0xffff ? last - 0xffff : 0;  // A comment of up to 65535 bytes may follow.
    for (std::uint64_t at = last + 1; at-- > first;) {
      if (file.read<std::uint32_t>(at, "end record") == kEndSignature &&
          at + kEndSize + file.read<std::uint16_t>(at + 20, "end record") == file.size()) {
        return at;
      }
    }
  }
  fail(ErrorCode::kMalformed, "{}: no zip directory at the end of {} bytes; was the file cut?", file.name(),
       file.size());
}

Directory read_end(const Bytes& file) {
  const std::uint64_t end = find_end(file);
  Directory directory{file.read<std::uint32_t>(end + 16, "end record"),
                      file.read<std::uint32_t>(end + 12, "end record"),
                      file.read<std::uint16_t>(end + 10, "end record")};
  std::uint64_t limit = end;
  const bool wide = directory.offset == 0xffffffff || directory.size == 0xffffffff || directory.n_entries == 0xffff;
  if (wide && end >= kLocator64Size &&
      file.read<std::uint32_t>(end - kLocator64Size, "zip64 locator") == kLocator64Signature) {
    const auto end64 = file.read<std::uint64_t>(end - kLocator64Size + 8, "zip64 locator");
    file.range(end64, kEnd64Size, "zip64 end record");
    if (file.read<std::uint32_t>(end64, "zip64 end record") != kEnd64Signature) {
      fail(ErrorCode::kMalformed, "{}: no zip64 end record at byte {}", file.name(), end64);
    }
    directory = {file.read<std::uint64_t>(end64 + 48, "zip64 end record"),
                 file.read<std::uint64_t>(end64 + 40, "zip64 end record"),
                 file.read<std::uint64_t>(end64 + 32, "zip64 end record")};
    limit = end64;
  }
  file.range(directory.offset, directory.size, "zip directory");
  if (directory.offset + directory.size > limit) {
    fail(ErrorCode::kMalformed, "{}: the zip directory reaches byte {}, into its own end record at byte {}",
         file.name(), directory.offset + directory.size, limit);
  }
  return directory;
}

/// Fields of the central directory that a zip64 extra field replaces.
struct Sizes {
  std::uint64_t size, stored, local;
};

void apply_zip64(const Bytes& file, std::uint64_t extra, std::uint64_t length, Sizes& sizes) {
  const std::uint64_t end = extra + length;
  while (end - extra >= 4) {
    const auto id = file.read<std::uint16_t>(extra, "extra field");
    std::uint64_t left = file.read<std::uint16_t>(extra + 2, "extra field");
    extra += 4;
    if (left > end - extra) break;
    if (id != kZip64Extra) {
      extra += left;
      continue;
    }
    for (std::uint64_t* field : {&sizes.size, &sizes.stored, &sizes.local}) {
      if (*field != 0xffffffff) continue;
      if (left < 8) break;
      *field = file.read<std::uint64_t>(extra, "zip64 field");
      extra += 8;
      left -= 8;
    }
    return;
  }
}

const std::array<std::array<std::uint32_t, 256>, 8>& crc_tables() {
  static const auto tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> result{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1u) != 0 ? 0xedb88320u : 0u);
      result[0][i] = value;
    }
    for (std::size_t t = 1; t < 8; ++t) {
      for (std::size_t i = 0; i < 256; ++i) {
        result[t][i] = (result[t - 1][i] >> 8) ^ result[0][result[t - 1][i] & 0xff];
      }
    }
    return result;
  }();
  return tables;
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes) {
  const auto& tables = crc_tables();
  std::uint32_t crc = ~0u;
  // Eight bytes a step: a file of 200 MB is checked in about 0.1 s.
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    word ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= tables[7 - i][(word >> (8 * i)) & 0xff];
    bytes = bytes.subspan(8);
  }
  for (const std::byte byte : bytes) crc = (crc >> 8) ^ tables[0][(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  return ~crc;
}

bool looks_like_zip(std::span<const std::byte> bytes) {
  std::uint32_t signature = 0;
  if (bytes.size() < sizeof signature) return false;
  std::memcpy(&signature, bytes.data(), sizeof signature);
  return signature == kLocalSignature;
}

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::string_view name) : name_(name) {
  const Bytes file(bytes, name_);
  const Directory directory = read_end(file);
  const std::uint64_t directory_end = directory.offset + directory.size;
  std::uint64_t at = directory.offset;
  for (std::uint64_t i = 0; i < directory.n_entries; ++i) {
    if (directory_end - at < kCentralSize || file.read<std::uint32_t>(at, "zip directory") != kCentralSignature) {
      fail(ErrorCode::kMalformed, "{}: no entry {} of {} at byte {} of the zip directory", name_, i + 1,
           directory.n_entries, at);
    }
    const auto flags = file.read<std::uint16_t>(at + 8, "zip directory");
    const auto method = file.read<std::uint16_t>(at + 10, "zip directory");
    const auto crc = file.read<std::uint32_t>(at + 16, "zip directory");
    Sizes sizes{file.read<std::uint32_t>(at + 24, "zip directory"), file.read<std::uint32_t>(at + 20, "zip directory"),
                file.read<std::uint32_t>(at + 42, "zip directory")};
    const auto name_length = file.read<std::uint16_t>(at + 28, "zip directory");
    const auto extra_length = file.read<std::uint16_t>(at + 30, "zip directory");
    const std::uint64_t length =
        kCentralSize + std::uint64_t{name_length} + extra_length + file.read<std::uint16_t>(at + 32, "zip directory");
    if (length > directory_end - at) {
      fail(ErrorCode::kMalformed, "{}: entry {} at byte {} reaches beyond the zip directory", name_, i + 1, at);
    }
    const auto name_bytes = file.range(at + kCentralSize, name_length, "entry name");
    std::string entry_name(reinterpret_cast<const char*>(name_bytes.data()), name_bytes.size());
    apply_zip64(file, at + kCentralSize + name_length, extra_length, sizes);
    at += length;

    if ((flags & 1u) != 0 || method != 0) {
      fail(ErrorCode::kUnsupported, "{}: entry '{}' is {}, expected plain stored data", name_, entry_name,
           (flags & 1u) != 0 ? "encrypted" : "compressed");
    }
    if (sizes.size != sizes.stored) {
      fail(ErrorCode::kMalformed, "{}: stored entry '{}' has two sizes, {} and {}", name_, entry_name, sizes.size,
           sizes.stored);
    }
    file.range(sizes.local, kLocalSize, "local header");
    if (file.read<std::uint32_t>(sizes.local, "local header") != kLocalSignature) {
      fail(ErrorCode::kMalformed, "{}: entry '{}' has no local header at byte {}", name_, entry_name, sizes.local);
    }
    const std::uint64_t begin = sizes.local + kLocalSize + file.read<std::uint16_t>(sizes.local + 26, "local header") +
                                file.read<std::uint16_t>(sizes.local + 28, "local header");
    const auto data = file.range(begin, sizes.size, "entry");
    if (begin + sizes.size > directory.offset) {
      fail(ErrorCode::kMalformed, "{}: entry '{}' ends at byte {}, inside the zip directory at byte {}", name_,
           entry_name, begin + sizes.size, directory.offset);
    }
    if (!entries_.emplace(entry_name, Entry{data, crc}).second) {
      fail(ErrorCode::kMalformed, "{}: entry '{}' occurs twice", name_, entry_name);
    }
  }
}

const ZipArchive::Entry& ZipArchive::at(const std::string& entry) const {
  const auto found = entries_.find(entry);
  if (found == entries_.end()) fail(ErrorCode::kMalformed, "{}: entry '{}' is missing", name_, entry);
  return found->second;
}

void ZipArchive::verify(const std::string& entry) const {
  const Entry& found = at(entry);
  if (crc32(found.bytes) != found.crc) {
    fail(ErrorCode::kMalformed, "{}: entry '{}' does not have its checksum; was the file damaged in transfer?", name_,
         entry);
  }
}

}  // namespace yourmt3
