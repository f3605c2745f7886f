#include "prepare/enst_annotation.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/fail.h"
#include "prepare/annotated_notes.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

struct DrumLabel {
  std::string_view label;
  int key;
};

constexpr auto kLabels = std::to_array<DrumLabel>({
    {"bd", 36},  {"sd", 38},  {"sweep", 0}, {"sticks", 1}, {"rs", 2},  {"cs", 37},  {"chh", 42},
    {"ohh", 46}, {"cb", 56},  {"c", 3},     {"lmt", 47},   {"mt", 48}, {"mtr", 58}, {"lt", 45},
    {"ltr", 50}, {"lft", 41}, {"rc", 51},   {"ch", 52},    {"cr", 49}, {"spl", 55},
});

int key_of(const std::string& field, std::size_t line, const std::string& name) {
  std::string label;
  for (const char c : field) {
    if (std::isalpha(static_cast<unsigned char>(c))) label += c;
  }
  for (const DrumLabel& known : kLabels) {
    if (known.label == label) return known.key;
  }
  std::vector<std::string_view> labels;
  for (const DrumLabel& known : kLabels) labels.push_back(known.label);
  fail(ErrorCode::kMalformed, "{}, line {}: no drum is called '{}', only {}", name, line, field,
       fmt::join(labels, ", "));
}

}  // namespace

std::vector<Note> parse_enst_annotation(std::string_view text, const std::string& name) {
  const TextTable table(text, name, {' ', false});
  std::vector<Note> notes;
  for (std::size_t row = 0; row < table.n_rows(); ++row) {
    notes.push_back(drum_hit(table.number(row, 0), key_of(table.text(row, 1), table.line(row), name)));
  }
  return tidy_annotated_notes(std::move(notes));
}

}  // namespace yourmt3
