#include "eval/instrument_detection.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <vector>

namespace yourmt3 {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::set<int> instruments_of(std::span<const Note> notes, const ProgramVocabulary* classes) {
  std::set<int> instruments;
  for (const Note& note : notes) {
    if (note.is_drum) {
      instruments.insert(kDrumProgram);
    } else {
      instruments.insert(classes == nullptr ? note.program : classes->representative(note.program));
    }
  }
  return instruments;
}

double mean_of_numbers(const std::vector<double>& values) {
  double sum = 0;
  int n = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++n;
  }
  return n == 0 ? kNone : sum / n;
}

double ratio(int part, int whole, double otherwise) {
  return whole == 0 ? otherwise : static_cast<double>(part) / whole;
}

}  // namespace

double InstrumentDetection::precision() const {
  return ratio(n_matched, n_estimate, 0);
}

double InstrumentDetection::recall() const {
  return ratio(n_matched, n_reference, 0);
}

double InstrumentDetection::f1() const {
  return ratio(2 * n_matched, n_reference + n_estimate, kNone);
}

double InstrumentDetection::leakage_ratio() const {
  return ratio(n_estimate, n_reference, kNone);
}

InstrumentDetection& InstrumentDetection::operator+=(const InstrumentDetection& other) {
  n_reference += other.n_reference;
  n_estimate += other.n_estimate;
  n_matched += other.n_matched;
  return *this;
}

InstrumentDetection detect_instruments(std::span<const Note> reference, std::span<const Note> estimate,
                                       const ProgramVocabulary* classes) {
  const std::set<int> r = instruments_of(reference, classes);
  const std::set<int> e = instruments_of(estimate, classes);
  std::vector<int> shared;
  std::set_intersection(r.begin(), r.end(), e.begin(), e.end(), std::back_inserter(shared));
  return {static_cast<int>(r.size()), static_cast<int>(e.size()), static_cast<int>(shared.size())};
}

DetectionMeans mean_detection(std::span<const InstrumentDetection> files) {
  std::vector<double> f1s, ratios;
  for (const InstrumentDetection& file : files) {
    f1s.push_back(file.f1());
    ratios.push_back(file.leakage_ratio());
  }
  return {mean_of_numbers(f1s), mean_of_numbers(ratios)};
}

}  // namespace yourmt3
