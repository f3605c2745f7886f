#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace yourmt3::testing {

/// Folder of recorded reference values: YOURMT3_GOLDEN_DIR, else the copy in tests/golden.
inline std::filesystem::path golden_dir() {
  const char* from_environment = std::getenv("YOURMT3_GOLDEN_DIR");
  return from_environment != nullptr && *from_environment != '\0' ? from_environment : YOURMT3_TEST_GOLDEN_DIR;
}

/// True when `relative` is among the recordings. A test may skip only when this is false.
inline bool golden_exists(const std::string& relative) {
  return std::filesystem::exists(golden_dir() / relative);
}

/// The parsed file; throws when it is missing or broken, so that a test using it fails.
inline nlohmann::json golden_json(const std::string& relative) {
  std::ifstream file(golden_dir() / relative);
  if (!file) throw std::runtime_error("golden file missing: " + (golden_dir() / relative).string());
  return nlohmann::json::parse(file);
}

}  // namespace yourmt3::testing
