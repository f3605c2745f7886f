#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/note_files.h"
#include "cli/output_plan.h"
#include "core/atomic_file.h"

namespace yourmt3::cli {

/// Every output of one recording. The files are opened before the work begins, so that an unwritable folder is known at
/// once, and appear together at its end.
class RecordingOutputs {
 public:
  /// `job` outlives this. Throws Error(kIo), and Error(kInvalidArgument) when a file exists and may not be replaced.
  RecordingOutputs(const Job& job, AtomicFile::Existing existing);

  /// Writes all, down to the disk, although not yet under their names; streams and devices get theirs at once.
  void write(std::span<const Note> notes, const NoteFileOptions& options);

  /// What write() wrote: of each file of the job its content_hash().
  std::span<const std::uint64_t> hashes() const { return hashes_; }

  /// Gives the files their names.
  void commit();

 private:
  const std::vector<PlannedFile>& files_;
  std::vector<std::unique_ptr<AtomicFile>> opened_;  ///< None for a stream.
  std::vector<std::uint64_t> hashes_;
};

}  // namespace yourmt3::cli
