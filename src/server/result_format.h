#pragma once

#include <functional>
#include <span>
#include <string>

#include "yourmt3/note.h"

namespace yourmt3 {

/// One of the formats that notes can be asked for in.
struct ResultFormat {
  std::string name;          ///< As in "?format=midi".
  std::string content_type;  ///< "audio/midi".
  std::string extension;     ///< ".mid".

  /// The bytes of a file; title and length of the recording are for those that show them. From several threads.
  std::function<std::string(std::span<const Note> notes, const std::string& title, double duration_sec)> write;
};

}  // namespace yourmt3
