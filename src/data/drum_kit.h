#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/random.h"
#include "data/song.h"

namespace yourmt3 {

/// A kit of one-shot samples as the drum machine Hydrogen stores it: drumkit.xml and sound files beside it.
/// Immutable after construction.
class DrumKit {
 public:
  /// Reads what is needed of drumkit.xml, and the samples of instruments whose name is understood. Throws
  /// Error(kNotFound), or Error(kMalformed) when fewer than three instruments are left.
  explicit DrumKit(const std::filesystem::path& folder);

  const std::string& name() const { return name_; }

  /// The kit's own key for a General MIDI key: the same, or a near relative (a missing electric snare is played by the
  /// acoustic one); -1 when it has nothing like it.
  int key_for(int key) const;

  /// Moves the part to keys the kit has, dropping notes it cannot play.
  void adapt(Part& part) const;

  /// Mono samples at 16 kHz of an adapted part. `random` chooses among instruments of one key, and a detuning.
  std::vector<float> render(const Part& part, double seconds, Random& random) const;

 private:
  struct Layer {
    float low = 0;
    float high = 1;  ///< Of velocity / 127.
    float gain = 1;
    std::vector<float> samples;
  };
  struct Instrument {
    float volume = 1;
    std::vector<Layer> layers;
  };
  std::string name_;
  std::map<int, std::vector<Instrument>> by_key_;
};

}  // namespace yourmt3
