#pragma once

#include <string>

#include "notation/sheet_music.h"

namespace yourmt3 {

/// A score as MusicXML 4.0 (score-partwise), UTF-8.
std::string sheet_to_musicxml(const SheetMusic& sheet);

/// The same file compressed: a zip archive with the media type, META-INF/container.xml and the score (.mxl).
std::string compress_musicxml(const std::string& musicxml);

}  // namespace yourmt3
