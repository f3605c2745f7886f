#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/random.h"
#include "data/stem_augmentation.h"
#include "data/store.h"

namespace yourmt3 {

/// Prepared stores that are drawn from as one data set.
struct StemDataSet {
  std::string name;                           ///< For messages.
  std::vector<std::filesystem::path> stores;  ///< Folders; one that is listed twice counts twice.
  double weight = 1;                          ///< See WeightMode.
  /// Splits and lists of the stores, in place of the one for all sets; one that is named twice counts twice.
  std::vector<std::string> splits = {};
};

/// How the weights of data sets become chances, with W the weights, n their numbers of files and N all files.
enum class WeightMode {
  kReference,    ///< A data set with W n (1 - n / N): weights are of files, less for large sets. One set: all alike.
  kExact,        ///< A data set with W.
  kTemperature,  ///< A data set with W n^(1 / temperature): 1 takes all files alike, large ones all sets.
};

/// A track as the steps of training see it. Where `annotated` of the index lacks a stem's program, its notes are left
/// out and its program is kUnannotatedProgram; a mix of which some are not told has kUnannotatedProgram besides.
class StemFile {
 public:
  explicit StemFile(const Store::Track& track);

  const Store::Track& track() const { return *track_; }
  std::span<const int> programs() const { return programs_; }  ///< One for each stem if has_stems.
  bool has_stems() const { return has_stems_; }
  std::int64_t n_samples() const { return n_samples_; }  ///< Of the longest stem.

  /// True when a note begins or sounds in [start, start + length), in samples.
  bool has_notes(std::int64_t start, std::int64_t length) const;
  /// Those notes, in seconds from `start`, by stem and then onset.
  std::vector<Note> notes(std::int64_t start, std::int64_t length) const;

 private:
  /// Which notes may sound in a window: a range of a stem's list.
  struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
  };
  Range range(std::size_t stem, double from, double to) const;
  bool tells(int program) const;

  const Store::Track* track_;
  std::vector<int> programs_;
  bool has_stems_ = true;
  std::int64_t n_samples_ = 0;
  std::vector<std::vector<double>> latest_;  ///< Of each told stem, the latest end of its notes up to each.
};

/// The files of several data sets. Immutable and safe for many threads after construction.
class StemFiles {
 public:
  /// Throws Error naming the data set and what to do when it has no track of one of its own splits, or else of `split`
  /// (empty takes all), and Error as Store does for what is missing or broken.
  StemFiles(std::span<const StemDataSet> sets, const std::string& split);
  StemFiles(const StemFiles&) = delete;
  StemFiles& operator=(const StemFiles&) = delete;

  std::span<const std::vector<StemFile>> sets() const { return files_; }
  const StemDataSet& set(std::size_t index) const { return sets_[index]; }

 private:
  void add_files(const StemDataSet& set, const std::string& split, std::vector<StemFile>& files);

  std::vector<StemDataSet> sets_;
  std::vector<Store> stores_;
  std::vector<std::vector<StemFile>> files_;
};

/// Chance of each data set. Throws Error(kInvalidArgument) for weights that are negative or leave nothing to draw, and
/// for a temperature that is not positive.
std::vector<double> set_probabilities(std::span<const double> weights, std::span<const long> files, WeightMode mode,
                                      double temperature);

/// Notes as StemFile::notes() gives them as the events of a window of that many seconds, from its start.
SegmentEvents events_of(std::span<const Note> notes, double seconds);

}  // namespace yourmt3
