#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "yourmt3/note.h"

namespace yourmt3 {

/// One sound of a recording, as it is stored.
struct PreparedSound {
  std::string name;            ///< Of the file, without extension: "mix", "vocals", "S01".
  std::vector<float> samples;  ///< Mono, 16 kHz.
};

/// One line of the index to be: which sounds of its recording a track uses, and the notes in them.
struct PreparedTrack {
  struct Stem {
    int program = 0;    ///< 0-127, kSingingProgram, kChorusProgram, kDrumProgram, kUnannotatedProgram.
    std::string sound;  ///< Name of a PreparedSound.
    std::vector<Note> notes;
    /// Of a track that is one mix, all programs that sound; `program` then does not matter.
    std::vector<int> programs = {};
  };
  std::string id;  ///< Unique in the data set.
  /// "train", "validation" or "test"; another name, "train_vocal", where a track of these has the same music already.
  std::string split;
  std::vector<std::string> lists;  ///< Other lists of tracks that have it, under the reference's names.
  std::vector<Stem> stems;
  std::string mix;  ///< Name of the sound of the recording itself, where it is there beside stems; may be empty.
};

/// All that is read of one recording. Several tracks may share its sounds, such as one for each annotation of it.
struct PreparedItem {
  std::vector<PreparedSound> sounds;
  std::vector<PreparedTrack> tracks;
  std::vector<std::string> remarks;  ///< What is odd but no failure, such as a length unlike the one that was told.
};

/// A recording that was found and is yet to be read: the unit that is skipped, resumed and worked on by one thread.
struct PlannedItem {
  std::string id;                            ///< Name of its folder in the store.
  std::vector<std::filesystem::path> files;  ///< All that `read` reads; one that is missing is named, and nothing read.
  /// Throws Error naming the file that is broken. Called from any thread; may be called again.
  std::function<PreparedItem()> read;
  /// What else the tracks depend on and `files` do not hold, such as a split that was drawn among all items. When it
  /// or a file changes, a later run reads the item again.
  std::string context = {};
};

/// What was found in the folder of a data set.
struct DataSetPlan {
  std::vector<PlannedItem> items;    ///< Sorted by id.
  std::vector<std::string> remarks;  ///< What the layout should have and has not, such as a missing metadata file.
};

struct DataSetOptions {
  std::uint64_t seed = 1;       ///< Of splits that are drawn.
  bool shifted_copies = false;  ///< GuitarSet: also copies shifted by -5 to 5 semitones, labels too.
  bool as_reference = false;    ///< Keep the reference's known mistakes, such as MusicNet's programs counted from one.
};

/// A published data set, or a layout of a user's own: how its files become tracks.
class DataSet {
 public:
  virtual ~DataSet() = default;

  virtual std::string name() const = 0;     ///< Of the command line: "slakh".
  virtual std::string title() const = 0;    ///< "Slakh2100".
  virtual std::string licence() const = 0;  ///< As far as known; said before anything is read, and in the index.
  virtual std::string layout() const = 0;   ///< Files that are expected below the source folder, for messages and help.

  /// Raised when tracks are made in another way than before, so that those which are there are made again.
  virtual int version() const { return 1; }

  /// Looks which recordings are there, reading no sound and as little else as possible. Throws Error(kNotFound) that
  /// says what was expected when the folder is none of this data set.
  virtual DataSetPlan plan(const std::filesystem::path& source, const DataSetOptions& options) const = 0;

  /// Every split and list that its tracks may be in, whatever the options: what `Store` and configurations may name.
  virtual std::vector<std::string> lists() const { return {}; }
};

}  // namespace yourmt3
