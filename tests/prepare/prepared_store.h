#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "prepare/data_set.h"
#include "prepare/prepare_store.h"
#include "prepare/verify_store.h"
#include "source_files.h"
#include "support/temporary_folder.h"

namespace yourmt3::testing {

/// The folder of a store made of all of a data set, in which nothing is missing or wrong.
inline std::filesystem::path prepared_store(const DataSet& set, const SourceFiles& files, const TemporaryFolder& out) {
  PrepareOptions options;
  options.source = files.path();
  options.output = out / "store";
  EXPECT_THAT(prepare_store(set, options).skipped, ::testing::IsEmpty());
  EXPECT_THAT(verify_store(options.output, 1), ::testing::IsEmpty());
  return options.output;
}

}  // namespace yourmt3::testing
