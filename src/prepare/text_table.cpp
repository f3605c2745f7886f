#include "prepare/text_table.h"

#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <fstream>

#include "core/fail.h"

namespace yourmt3 {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

template <class Number>
bool parse_all(std::string_view text, Number& value) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string read_text_file(const std::filesystem::path& path, std::size_t max_bytes) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) fail(ErrorCode::kNotFound, "{}: no such file", path.string());
  const auto size = std::filesystem::file_size(path, error);
  if (error) fail(ErrorCode::kIo, "{}: {}", path.string(), error.message());
  if (size > max_bytes) {
    fail(ErrorCode::kMalformed, "{}: {} bytes, more than {} are not expected in such a file", path.string(), size,
         max_bytes);
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(size, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(size)))
    fail(ErrorCode::kIo, "{}: cannot read", path.string());
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

TextTable::TextTable(std::string_view text, std::string name, const Format& format) : name_(std::move(name)) {
  const bool blank_separated = format.separator == ' ';
  const auto separates = [&](char c) { return blank_separated ? is_blank(c) : c == format.separator; };
  std::size_t line = 1, i = 0;
  while (i < text.size()) {
    Row row{line, {}};
    bool row_ended = false;
    while (!row_ended) {
      if (blank_separated) {
        while (i < text.size() && is_blank(text[i])) ++i;
      }
      std::string field;
      if (i < text.size() && text[i] == '"') {
        const std::size_t opened = line;
        for (++i;; ++i) {
          if (i >= text.size()) fail(ErrorCode::kMalformed, "{}, line {}: a quote is not closed", name_, opened);
          if (text[i] == '\n') ++line;
          if (text[i] != '"') {
            field += text[i];
          } else if (i + 1 < text.size() && text[i + 1] == '"') {
            field += text[i++];
          } else {
            break;
          }
        }
        ++i;
      }
      while (i < text.size() && !separates(text[i]) && text[i] != '\n') field += text[i++];
      if (field.ends_with('\r') && (i >= text.size() || text[i] == '\n')) field.pop_back();
      row_ended = i >= text.size() || text[i] == '\n';
      // Blanks before the end of a line separate it from nothing.
      if (!(blank_separated && field.empty() && row_ended)) row.fields.push_back(std::move(field));
      ++i;
    }
    ++line;
    if (row.fields.empty() || (row.fields.size() == 1 && row.fields.front().empty())) continue;
    if (format.heading && heading_.empty()) {
      heading_ = std::move(row.fields);
    } else {
      rows_.push_back(std::move(row));
    }
  }
}

TextTable TextTable::read(const std::filesystem::path& path, const Format& format) {
  return {read_text_file(path), path.string(), format};
}

std::size_t TextTable::column(std::string_view heading) const {
  for (std::size_t i = 0; i < heading_.size(); ++i) {
    if (heading_[i] == heading) return i;
  }
  fail(ErrorCode::kMalformed, "{}: no column '{}', only {}", name_, heading, fmt::join(heading_, ", "));
}

const std::string& TextTable::text(std::size_t row, std::size_t column) const {
  const Row& fields = rows_.at(row);
  if (column >= fields.fields.size()) {
    fail(ErrorCode::kMalformed, "{}, line {}: {} fields, expected at least {}", name_, fields.line,
         fields.fields.size(), column + 1);
  }
  return fields.fields[column];
}

double TextTable::number(std::size_t row, std::size_t column) const {
  double value = 0;
  const std::string& field = text(row, column);
  if (!parse_all(field, value) || !std::isfinite(value)) {
    fail(ErrorCode::kMalformed, "{}, line {}: '{}' is no number", name_, rows_[row].line, field);
  }
  return value;
}

long TextTable::integer(std::size_t row, std::size_t column) const {
  long value = 0;
  const std::string& field = text(row, column);
  if (!parse_all(field, value)) {
    fail(ErrorCode::kMalformed, "{}, line {}: '{}' is no whole number", name_, rows_[row].line, field);
  }
  return value;
}

}  // namespace yourmt3
