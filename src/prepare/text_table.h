#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// The whole of a text file, without a byte order mark. Throws Error(kNotFound), Error(kIo), and Error(kMalformed) for
/// one of more than `max_bytes`.
std::string read_text_file(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{64} << 20);

/// A table in a text file, such as CSV: rows of fields. Quoted fields may hold separators, line ends and doubled quotes
/// (RFC 4180). Lines that are empty are left out.
class TextTable {
 public:
  struct Format {
    char separator = ',';  ///< ' ' stands for any run of spaces and tabs.
    bool heading = true;   ///< The first row names the columns.
  };

  /// `name` stands for the text in messages. Throws Error(kMalformed) for an open quote.
  TextTable(std::string_view text, std::string name, const Format& format);
  static TextTable read(const std::filesystem::path& path, const Format& format);

  std::size_t n_rows() const { return rows_.size(); }
  /// Throws Error(kMalformed) naming the table, and the columns there are.
  std::size_t column(std::string_view heading) const;

  // Each throws Error(kMalformed) naming table, line and column of a field that is missing or no number.
  const std::string& text(std::size_t row, std::size_t column) const;
  double number(std::size_t row, std::size_t column) const;  ///< Finite.
  long integer(std::size_t row, std::size_t column) const;
  std::size_t n_fields(std::size_t row) const { return rows_[row].fields.size(); }
  std::size_t line(std::size_t row) const { return rows_[row].line; }  ///< Where it begins, counted from 1.

 private:
  struct Row {
    std::size_t line = 0;  ///< Counted from 1.
    std::vector<std::string> fields;
  };
  std::string name_;
  std::vector<std::string> heading_;
  std::vector<Row> rows_;
};

}  // namespace yourmt3
