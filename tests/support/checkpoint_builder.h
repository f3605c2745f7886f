#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "model/zip_archive.h"

namespace yourmt3::testing {

template <class T>
std::string little_endian(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

/// A zip archive as torch.save writes it: stored entries, sizes left out of the local headers.
class ZipBuilder {
 public:
  bool zip64 = false;           ///< Sizes and offsets in zip64 records.
  std::uint16_t method = 0;     ///< 8 would be deflate.
  std::uint16_t flags = 0x808;  ///< Sizes in a trailing descriptor, names in UTF-8.

  ZipBuilder& add(std::string name, std::string data) {
    entries_.emplace_back(std::move(name), std::move(data));
    return *this;
  }

  std::string build() const {
    std::string file, directory;
    for (const auto& [name, data] : entries_) {
      const std::uint64_t offset = file.size();
      const std::string padding = "FB" + little_endian<std::uint16_t>(5) + "ZZZZZ";
      file += little_endian<std::uint32_t>(0x04034b50) + words({0, flags, method, 0, 0}) + std::string(12, '\0') +
              words({name.size(), padding.size()}) + name + padding + data;
      const std::uint32_t crc = crc32(std::as_bytes(std::span(data)));
      std::string extra;
      if (zip64) {
        extra = words({1, 24}) + little_endian<std::uint64_t>(data.size()) + little_endian<std::uint64_t>(data.size()) +
                little_endian(offset);
      }
      const std::uint32_t size = zip64 ? 0xffffffffu : static_cast<std::uint32_t>(data.size());
      const std::uint32_t local = zip64 ? 0xffffffffu : static_cast<std::uint32_t>(offset);
      directory += little_endian<std::uint32_t>(0x02014b50) + words({0, 0, flags, method, 0, 0}) + little_endian(crc) +
                   little_endian(size) + little_endian(size) + words({name.size(), extra.size(), 0, 0, 0}) +
                   little_endian<std::uint32_t>(0) + little_endian(local) + name + extra;
    }
    const std::uint64_t at = file.size();
    file += directory;
    if (zip64) {
      const std::uint64_t end64 = file.size();
      file += little_endian<std::uint32_t>(0x06064b50) + little_endian<std::uint64_t>(44) + words({45, 45}) +
              std::string(8, '\0') + little_endian<std::uint64_t>(entries_.size()) +
              little_endian<std::uint64_t>(entries_.size()) + little_endian<std::uint64_t>(directory.size()) +
              little_endian(at);
      file += little_endian<std::uint32_t>(0x07064b50) + std::string(4, '\0') + little_endian(end64) +
              little_endian<std::uint32_t>(1);
    }
    file += little_endian<std::uint32_t>(0x06054b50) + words({0, 0});
    if (zip64) {
      file += words({0xffff, 0xffff}) + std::string(8, '\xff');
    } else {
      file += words({entries_.size(), entries_.size()}) + little_endian(static_cast<std::uint32_t>(directory.size())) +
              little_endian(static_cast<std::uint32_t>(at));
    }
    return file + words({0});
  }

 private:
  static std::string words(const std::vector<std::size_t>& values) {
    std::string bytes;
    for (const std::size_t value : values) bytes += little_endian(static_cast<std::uint16_t>(value));
    return bytes;
  }

  std::vector<std::pair<std::string, std::string>> entries_;
};

// Pieces of a pickle of protocol 2.

inline std::string p_text(const std::string& text) {
  return "X" + little_endian(static_cast<std::uint32_t>(text.size())) + text;
}
inline std::string p_int(std::int32_t value) {
  return "J" + little_endian(value);
}
inline std::string p_long(std::int64_t value) {
  return "\x8a\x08" + little_endian(value);
}
inline std::string p_global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string p_tuple(const std::vector<std::int64_t>& values) {
  std::string items;
  for (const auto value : values) items += p_long(value);
  return "(" + items + "t";
}
inline std::string p_program(const std::string& value) {
  return "\x80\x02" + value + ".";
}

/// What a test may want to get wrong about a tensor.
struct TensorRecipe {
  std::string storage_type = "FloatStorage";
  std::string key = "0";
  std::int64_t numel = 6;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape = {2, 3};
  std::vector<std::int64_t> strides = {3, 1};
};

inline std::string p_tensor(const TensorRecipe& r) {
  return p_global("torch._utils", "_rebuild_tensor_v2") + "((" + p_text("storage") + p_global("torch", r.storage_type) +
         p_text(r.key) + p_text("cuda:0") + p_long(r.numel) + "tQ" + p_long(r.offset) + p_tuple(r.shape) +
         p_tuple(r.strides) + "\x89" + p_global("collections", "OrderedDict") + ")R" + "tR";
}

/// The state dict {"w": tensor} inside a Lightning checkpoint whose storage 0 holds 0, 1, 2, 3, 4, 5.
inline std::string checkpoint_pickle(const std::string& tensor, const std::string& more_entries = {}) {
  return p_program("}(" + p_text("epoch") + p_int(3) + p_text("state_dict") + p_global("collections", "OrderedDict") +
                   ")R(" + p_text("w") + tensor + more_entries + "u" + "u");
}

inline std::string six_floats() {
  std::string data;
  for (int i = 0; i < 6; ++i) data += little_endian(static_cast<float>(i));
  return data;
}

inline ZipBuilder checkpoint_zip(const std::string& pickle) {
  ZipBuilder zip;
  zip.add("archive/data.pkl", pickle).add("archive/data/0", six_floats()).add("archive/version", "3\n");
  return zip;
}

}  // namespace yourmt3::testing
