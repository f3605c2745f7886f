#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/atomic_file.h"
#include "model/weights.h"

namespace yourmt3 {

/// Maps a .safetensors file: eight bytes of header length, a JSON header, the tensors without gaps.
///
/// Nothing is copied; pages are read when a tensor is touched. Throws Error(kMalformed) naming the tensor or the byte
/// when the file does not follow the format to the letter, Error(kUnsupported) for an element type that we lack.
Weights read_safetensors(const std::filesystem::path& path);

/// The same from memory; `name` begins the messages, `storage` keeps `bytes` alive.
Weights parse_safetensors(std::span<const std::byte> bytes, std::string_view name,
                          std::shared_ptr<const void> storage = nullptr);

/// Writes tensors in the order of their names, aligned to 64 bytes. Throws Error(kIo).
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       AtomicFile::Existing existing = AtomicFile::Existing::kReplace);

}  // namespace yourmt3
