#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/progress.h"
#include "prepare/data_set.h"
#include "prepare/manifest.h"

namespace yourmt3 {

struct PrepareOptions {
  std::filesystem::path source;  ///< Folder of the data set as it was distributed.
  std::filesystem::path output;  ///< Folder of the store.
  DataSetOptions data_set;
  int threads = 1;
  bool strict = false;      ///< What is missing or broken ends the run instead of being skipped.
  bool start_over = false;  ///< Forget what was prepared in `output` before.
};

/// Makes a store (data/store.h) of a data set: a folder for each item, which appears whole or not at all, and at the
/// end the index and a manifest. Items that an earlier run made of the same files are taken as they are, so that a run
/// that was interrupted goes on where it was; those of files that are no longer there are removed.
///
/// Throws Error: kNotFound when the source is not this data set, or nothing of it could be prepared; kInvalidArgument
/// when `output` holds something else or another run works in it; kIo when it cannot be written; kCancelled. With
/// `strict` also what is wrong with an item, naming it. Whatever is thrown, what is done stays done.
Manifest prepare_store(const DataSet& set, const PrepareOptions& options, const ProgressCallback& progress = {});

}  // namespace yourmt3
