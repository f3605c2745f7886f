#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/song.h"
#include "data/wav.h"

namespace yourmt3 {

/// One instrument of a prepared track, or all of them where only the mix is there.
struct StemInfo {
  int program = 0;   ///< 0-127, kDrumProgram, kSingingProgram, kUnannotatedProgram, which a mix has too.
  std::string file;  ///< Relative to the store's folder.
  double gain = 1;   ///< Divides the samples to give back the balance that the stems had among themselves.
  std::vector<int> programs = {};  ///< Of a mix all that sound, kUnannotatedProgram among them where some are not told.

  bool is_mix() const { return !programs.empty(); }
};

/// A line of index.jsonl.
struct TrackInfo {
  std::string id;
  std::string source;  ///< What it was made from.
  std::string licence;
  std::string split;                    ///< "train", "validation" or "test".
  std::vector<std::string> lists = {};  ///< Other lists of tracks that have it, such as "test_thickstun_ext".
  double seconds = 0;
  std::vector<StemInfo> stems;
  std::string mix_file = {};  ///< The recording itself, where it is there beside stems; relative to the store's folder.
  std::vector<int>
      annotated;           ///< Programs whose notes are all written down, ascending; all where the index tells none.
  std::string notes_file;  ///< Relative to the store's folder.
};

/// A line of index.jsonl. Throws std::exception for what is none, and for paths that leave the data set.
TrackInfo parse_index_line(std::string_view line);

/// The line that parse_index_line() reads, without its end.
std::string index_line(const TrackInfo& track);

/// The text of a notes file, for each stem its notes sorted by onset. Throws std::exception for what is none, and for
/// notes in a mix of programs that it does not list.
std::vector<std::vector<Note>> parse_stem_notes(std::string_view text, std::span<const StemInfo> stems);

/// The text that parse_stem_notes() reads; `notes[i]` belong to `stems[i]`. Times are exact.
std::string stem_notes_text(std::span<const std::vector<Note>> notes, std::span<const StemInfo> stems);

/// Writes a prepared data set: a folder with `index.jsonl`, and per track a folder with one WAV per stem and the
/// notes. A track appears in the index only after its files are whole. May be used from several threads.
class StoreWriter {
 public:
  /// Makes the folder. Throws Error(kInvalidArgument) when it already holds an index.
  explicit StoreWriter(std::filesystem::path folder);
  ~StoreWriter();

  /// `samples[i]` and `parts[i]` belong to `track.stems[i]`; file names and the annotated programs are filled in
  /// here. Throws Error(kIo).
  void add(TrackInfo track, std::span<const std::vector<float>> samples, std::span<const Part> parts);

  /// A track of which only the mix is there. `programs` sound in it, kUnannotatedProgram stands for all that `parts` do
  /// not tell. Throws Error(kIo).
  void add_mix(TrackInfo track, std::span<const int> programs, std::span<const float> samples,
               std::span<const Part> parts);

  /// Writes the index, sorted by id. Without it the folder is no data set.
  void commit();

 private:
  /// Makes the track's folder and tells its name in the store.
  std::filesystem::path make_folder(const TrackInfo& track) const;
  void add_line(const TrackInfo& track);

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::map<std::string, std::string> lines_;
};

/// A prepared data set, memory-mapped. Immutable and safe for many threads after construction.
class Store {
 public:
  struct Stem {
    StemInfo info;
    StemWav wav;
    std::vector<Note> notes;  ///< Sorted by onset.
  };
  struct Track {
    TrackInfo info;
    std::vector<Stem> stems;
    std::optional<StemWav> mix;  ///< info.mix_file.
  };

  /// Opens the tracks of one split, or of one list; an empty `split` takes all. Throws Error naming the file, and for
  /// text the line, that is missing or broken.
  explicit Store(const std::filesystem::path& folder, std::string_view split = "");

  const std::vector<Track>& tracks() const { return tracks_; }
  /// Names of the splits and lists in the index, of those too that were not opened.
  const std::set<std::string>& splits() const { return splits_; }

 private:
  std::vector<Track> tracks_;
  std::set<std::string> splits_;
};

}  // namespace yourmt3
