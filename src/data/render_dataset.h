#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/log.h"
#include "core/progress.h"
#include "data/arrange.h"
#include "data/lines.h"
#include "data/song.h"

namespace yourmt3 {

/// Where sounds come from.
struct SoundSet {
  struct Font {
    std::filesystem::path file;
    double weight = 1;  ///< How often it is drawn, relative to the others.
  };
  std::vector<Font> fonts;
  double tones_weight = 0;  ///< How often the built-in tones (tones.h) are drawn, relative to the fonts; need no file.
  std::vector<std::filesystem::path> kits;  ///< Hydrogen drum kits: folders with a drumkit.xml.
  double kit_share = 0.5;                   ///< Drum parts played by a kit, the others by a font.
};

/// The sounds of Debian packages that training may use, as far as they are installed: FluidR3_GM, freepats,
/// opl3-soundfont and Hydrogen's kits. TimGM6mb and MuseScore's fonts are left for evaluation.
SoundSet installed_training_sounds();

/// A written piece with what is known about it.
struct NamedSong {
  std::string name;
  std::string licence;
  Song song;
};

struct RenderOptions {
  std::filesystem::path output;  ///< Folder of the new data set.
  SoundSet sounds;
  std::vector<NamedSong> songs;  ///< Written pieces to take excerpts of; may be empty.
  double song_share = 0.6;       ///< Tracks from `songs`, if there are any.
  double practice_share = 0.15;  ///< Tracks of compose_practice(); the rest is compose().
  double stem_hours = 1;         ///< Stops when so much sound is made, unless `tracks` is given.
  int tracks = 0;                ///< So many tracks that sound, if not 0; stem_hours then does not count.
  double shortest_sec = 12;
  double longest_sec = 20;
  std::string split = "train";
  int validation_tracks = 0;    ///< The last so many of `tracks` are of split "validation" instead.
  std::string id_prefix = "t";  ///< Of the tracks' names.
  std::uint64_t seed = 1;
  int threads = 1;
  std::optional<double> max_detune_cents;  ///< Of fonts; none: drawn as instruments are, mostly within 6.
  int max_parts = 0;                       ///< Most instruments of a composed piece; 0 for any number.
  double min_gap_sec = 0;            ///< Notes of composed parts that follow the part's one before sooner are left out.
  std::optional<LineOptions> lines;  ///< Nothing but compose_lines(), by tones that are not varied.
  double unannotated_share = 0;      ///< Tracks of `split` in which one instrument of several is not written down.
  ArrangeOptions arrange;            ///< How excerpts of `songs` are changed.
};

/// Renders a data set of stems for training. Deterministic: neither the number of threads nor earlier tracks change a
/// track. Throws Error when no font can be read (and no tones are asked for) or the folder holds a data set already; a
/// kit or font that cannot be read is reported to `log` and left out.
void render_dataset(const RenderOptions& options, const LogSink& log = {}, const ProgressCallback& progress = {});

}  // namespace yourmt3
