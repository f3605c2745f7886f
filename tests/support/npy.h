#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/golden.h"

namespace yourmt3::testing {

/// Rows of a two-dimensional array of 32-bit floats in a .npy file among the recordings; throws for anything else.
inline std::vector<std::vector<float>> golden_rows(const std::string& relative) {
  std::ifstream file(golden_dir() / relative, std::ios::binary);
  if (!file) throw std::runtime_error("golden file missing: " + (golden_dir() / relative).string());
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() < 10 || bytes.compare(0, 6, "\x93NUMPY") != 0 || bytes[6] != 1) {
    throw std::runtime_error(relative + ": not a .npy file of version 1");
  }
  const std::size_t header = static_cast<std::uint8_t>(bytes[8]) + 256u * static_cast<std::uint8_t>(bytes[9]);
  const std::string text = bytes.substr(10, header);
  std::smatch shape;
  if (text.find("'<f4'") == std::string::npos || text.find("'fortran_order': False") == std::string::npos ||
      !std::regex_search(text, shape, std::regex(R"(\((\d+), *(\d+)\))"))) {
    throw std::runtime_error(relative + ": not rows of floats");
  }
  const std::size_t count = std::stoul(shape[1]), length = std::stoul(shape[2]);
  if (bytes.size() != 10 + header + count * length * sizeof(float)) throw std::runtime_error(relative + ": cut");
  std::vector<std::vector<float>> rows(count, std::vector<float>(length));
  for (std::size_t r = 0; r < count; ++r) {
    std::memcpy(rows[r].data(), bytes.data() + 10 + header + r * length * sizeof(float), length * sizeof(float));
  }
  return rows;
}

}  // namespace yourmt3::testing
