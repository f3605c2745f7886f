#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace yourmt3 {

/// A value in a MATLAB file: a matrix of real numbers, or a cell array.
struct MatValue {
  std::vector<std::size_t> size;  ///< Of each dimension, at least two.
  std::vector<double> numbers;    ///< Column by column; of a cell array none.
  std::vector<MatValue> cells;    ///< Column by column; of a matrix none.
  bool is_cell = false;
};

/// The variables in the bytes of a MAT-file of version 5 (MATLAB 5 to 7, little-endian), compressed or not. Variables
/// of other kinds, such as text and structures, are left out. Throws Error(kMalformed), Error(kUnsupported) for other
/// versions, and both with the place. Memory stays below 64 MiB, or ten times the size of the file.
///
/// Source: MathWorks, MAT-File Format, "Level 5 MAT-File Format".
std::map<std::string, MatValue> parse_mat(std::span<const std::byte> bytes);

/// parse_mat() of a file; the message of an error begins with its path.
std::map<std::string, MatValue> read_mat_file(const std::filesystem::path& path);

}  // namespace yourmt3
