#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/file_descriptor.h"
#include "core/keep_going.h"

namespace yourmt3 {

/// A regular file that can be rewound, opened for reading, at its beginning.
struct InputFile {
  FileDescriptor descriptor;
  std::string name;           ///< For messages.
  std::uint64_t n_bytes = 0;  ///< More than 0.
};

/// Opens `path`; a pipe or device with a name is spooled. Errors as AudioReader's constructor.
InputFile open_input(const std::filesystem::path& path, const KeepGoing& keep_going);

/// The same from a descriptor that stays the caller's.
InputFile open_input(int descriptor, const std::string& name, const KeepGoing& keep_going);

}  // namespace yourmt3
