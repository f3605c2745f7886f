#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// The General MIDI key that an instrument's name means ("Pearl Snare" is 38); -1 when the name says nothing known.
int drum_key_from_name(std::string_view name);

/// An instrument as the drumkit.xml of the drum machine Hydrogen describes it.
struct DescribedDrum {
  struct Layer {
    std::string file;  ///< Beside drumkit.xml; whatever the file says, unchecked.
    float low = 0;
    float high = 1;  ///< Of velocity / 127.
    float gain = 1;
  };
  std::string name;
  float volume = 1;
  std::vector<Layer> layers;
};

/// Reads what is needed of drumkit.xml, and skips what it does not understand.
std::vector<DescribedDrum> parse_drum_kit(std::string_view xml);

}  // namespace yourmt3
