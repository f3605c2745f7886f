#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace yourmt3::testing {

/// Any General MIDI font of this machine, small ones first.
inline std::optional<std::filesystem::path> any_sound_font() {
  for (const char* path : {"/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf2/FluidR3_GM.sf2",
                           "/usr/share/sounds/sf2/default-GM.sf2", "/usr/share/sounds/sf3/default-GM.sf3"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return std::nullopt;
}

}  // namespace yourmt3::testing

/// Skips the rest of a test on a machine without any sound font.
#define YOURMT3_NEEDS_SOUND_FONT(font)                  \
  const auto font = yourmt3::testing::any_sound_font(); \
  if (!font) GTEST_SKIP() << "no sound font is installed; the package timgm6mb-soundfont has one"
