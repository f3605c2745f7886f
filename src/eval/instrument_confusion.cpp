#include "eval/instrument_confusion.h"

#include <cstddef>
#include <limits>

#include "core/fail.h"

namespace yourmt3 {

namespace {

void add_to(std::vector<long>& sums, const std::vector<long>& values) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
}

}  // namespace

long InstrumentConfusion::n_paired() const {
  long n = 0;
  for (const auto& row : n_notes) {
    for (const long count : row) n += count;
  }
  return n;
}

long InstrumentConfusion::n_right() const {
  long n = 0;
  for (std::size_t i = 0; i < n_notes.size(); ++i) n += n_notes[i][i];
  return n;
}

double InstrumentConfusion::wrong_share() const {
  const long n = n_paired();
  if (n == 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(n - n_right()) / static_cast<double>(n);
}

InstrumentConfusion& InstrumentConfusion::operator+=(const InstrumentConfusion& other) {
  if (names.empty()) return *this = other;
  if (other.names.empty()) return *this;
  if (names != other.names)
    fail(ErrorCode::kInvalidArgument, "confusions of different instrument classes cannot be added");
  for (std::size_t row = 0; row < n_notes.size(); ++row) add_to(n_notes[row], other.n_notes[row]);
  add_to(n_missed, other.n_missed);
  add_to(n_invented, other.n_invented);
  return *this;
}

InstrumentConfusion confuse_instruments(std::span<const Note> reference, std::span<const Note> estimate,
                                        std::span<const NotePair> pairs, const ProgramVocabulary& classes) {
  InstrumentConfusion confusion;
  for (const ProgramClass& one : classes.classes()) confusion.names.push_back(one.name);
  confusion.names.emplace_back("other");
  const std::size_t n = confusion.names.size();
  confusion.n_notes.assign(n, std::vector<long>(n));
  confusion.n_missed.resize(n);
  confusion.n_invented.resize(n);
  const auto index_of = [&](const Note& note) {
    const int index = classes.class_of(note.program);
    return index < 0 ? n - 1 : static_cast<std::size_t>(index);
  };
  // All notes first, then those in pairs are taken away.
  for (const Note& note : reference) confusion.n_missed[index_of(note)] += note.is_drum ? 0 : 1;
  for (const Note& note : estimate) confusion.n_invented[index_of(note)] += note.is_drum ? 0 : 1;
  for (const NotePair& pair : pairs) {
    const std::size_t row = index_of(reference[static_cast<std::size_t>(pair.reference)]);
    const std::size_t column = index_of(estimate[static_cast<std::size_t>(pair.estimate)]);
    ++confusion.n_notes[row][column];
    --confusion.n_missed[row];
    --confusion.n_invented[column];
  }
  return confusion;
}

}  // namespace yourmt3
