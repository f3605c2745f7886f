#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace yourmt3 {

/// Directory of a zip archive in memory whose entries are stored without compression, as torch.save writes them.
///
/// Sizes come from the central directory, since the local headers leave them out; zip64 records are read. Source:
/// APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
class ZipArchive {
 public:
  struct Entry {
    std::span<const std::byte> bytes;
    std::uint32_t crc = 0;
  };

  /// `name` begins the messages. Throws Error(kMalformed) naming the byte when records are cut, contradict each other
  /// or point outside; Error(kUnsupported) for compressed or encrypted entries. `bytes` must outlive the archive.
  ZipArchive(std::span<const std::byte> bytes, std::string_view name);

  const std::map<std::string, Entry>& entries() const { return entries_; }

  /// Throws Error(kMalformed) when the entry is missing.
  const Entry& at(const std::string& entry) const;

  /// Throws Error(kMalformed) when the bytes do not have the checksum that the directory tells. Reads them all.
  void verify(const std::string& entry) const;

 private:
  std::string name_;
  std::map<std::string, Entry> entries_;
};

/// True when the bytes begin like a zip archive.
bool looks_like_zip(std::span<const std::byte> bytes);

/// CRC-32 of ISO 3309, as in zip archives.
std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace yourmt3
