#include "data/stem_augmentation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "core/fail.h"
#include "data/instruments.h"
#include "score/note_event.h"
#include "yourmt3/note.h"

namespace yourmt3 {
namespace {

constexpr float kPeakEpsilon = 1e-7f;
constexpr double kLeastMergeWeight = 0.9;

bool contains(std::span<const int> programs, int program) {
  return std::find(programs.begin(), programs.end(), program) != programs.end();
}

/// Keeps the stems whose flag is set.
void keep_rows(StemSegment& segment, const std::vector<bool>& keep) {
  StemSegment kept;
  for (std::size_t i = 0; i < segment.programs.size(); ++i) {
    if (!keep[i]) continue;
    kept.programs.push_back(segment.programs[i]);
    kept.is_drum.push_back(segment.is_drum[i]);
    if (i < segment.rows.size()) kept.rows.push_back(segment.rows[i]);
  }
  segment.programs = std::move(kept.programs);
  segment.is_drum = std::move(kept.is_drum);
  segment.rows = std::move(kept.rows);
}

/// Leaves only the notes of the segment's programs.
void keep_notes_of_programs(StemSegment& segment) {
  std::erase_if(segment.notes.events,
                [&](const NoteEvent& event) { return !segment.plays(event.is_drum, event.program); });
  std::erase_if(segment.notes.ties, [&](const Tie& tie) { return !segment.plays(false, tie.program); });
}

bool is_singing(int program) {
  return program == kSingingProgram || program == kChorusProgram;
}

std::vector<int> sounding_programs(const SegmentEvents& notes) {
  std::set<int> programs;
  for (const auto& tie : notes.ties) programs.insert(tie.program);
  for (const auto& event : notes.events) programs.insert(event.is_drum ? kDrumProgram : event.program);
  return {programs.begin(), programs.end()};
}

/// The sources' rows, those of the same instruments merged, at most `max_groups`.
std::vector<PlannedMix::Group> merge_groups(std::span<const StemSegment> sources, int max_groups,
                                            AugmentationDraws& draws) {
  std::vector<std::vector<int>> programs;
  std::vector<std::size_t> counts;
  for (const auto& source : sources) {
    programs.push_back(source.programs);
    counts.push_back(source.rows.size());
  }
  std::vector<PlannedMix::Group> groups;
  for (const auto& rows : group_rows(programs, counts)) {
    const auto weights = rows.members.size() > 1 ? draws.uniforms(kLeastMergeWeight, 1.0, rows.members.size())
                                                 : std::vector<double>{1.0};
    PlannedMix::Group group{rows.programs, {}};
    for (std::size_t m = 0; m < rows.members.size(); ++m) {
      const auto& [source, row] = rows.members[m];
      if (row < sources[source].rows.size()) {
        group.sounds.push_back({sources[source].rows[row], static_cast<float>(weights[m])});
      }
    }
    groups.push_back(std::move(group));
  }
  while (static_cast<int>(groups.size()) > max_groups) {
    std::vector<int> left(groups.size());
    std::iota(left.begin(), left.end(), 0);
    const auto first = static_cast<std::size_t>(draws.choose(left));
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(first));
    const auto second = static_cast<std::size_t>(draws.choose(left));
    groups[first].sounds.insert(groups[first].sounds.end(), groups[second].sounds.begin(), groups[second].sounds.end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(second));
  }
  return groups;
}

/// Each row by itself.
std::vector<PlannedMix::Group> single_groups(const StemSegment& item) {
  std::vector<PlannedMix::Group> groups;
  for (std::size_t row = 0; row < item.rows.size(); ++row) {
    const bool stem = item.has_stems && row < item.programs.size();
    groups.push_back({stem ? std::vector<int>{item.programs[row]} : item.programs, {{item.rows[row], 1.f}}});
  }
  return groups;
}

/// `other` without what the gathered programs forbid; nothing if it may not be added.
std::optional<StemSegment> without_overlap(const StemSegment& other, std::span<const std::vector<int>> gathered,
                                           const CrossStemPolicy& policy) {
  const auto overlap = overlapping_programs(gathered, other.programs, policy.overlap_by_group);
  const bool drums_overlap = contains(overlap, kDrumProgram);
  std::vector<bool> keep(other.programs.size(), true);
  if (policy.no_instrument_overlap && !overlap.empty()) {
    for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = !contains(overlap, other.programs[i]);
  } else if (!policy.no_instrument_overlap && policy.no_drum_overlap && drums_overlap) {
    for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = other.programs[i] != kDrumProgram;
  }
  auto kept = other;
  if (std::find(keep.begin(), keep.end(), false) == keep.end()) return kept;
  if (other.rows.size() < 2 || std::find(keep.begin(), keep.end(), true) == keep.end()) return std::nullopt;
  keep_rows(kept, keep);
  keep_notes_of_programs(kept);
  return kept;
}

void append_from_start(SegmentEvents& notes, const SegmentEvents& source) {
  for (auto event : source.events) {
    event.time_sec -= source.start_sec;
    notes.events.push_back(event);
  }
  notes.ties.insert(notes.ties.end(), source.ties.begin(), source.ties.end());
}

bool too_long(std::span<const StemSegment> sources, const StemSegment& other, int max_events) {
  std::size_t changes = other.notes.events.size();
  for (const auto& source : sources) changes += source.notes.events.size();
  const auto limit = static_cast<std::size_t>(max_events);
  // As the reference: few changes cannot become too many events, so they are not counted.
  if (changes < limit / 3) return false;
  std::size_t events = count_events(other.notes);
  for (const auto& source : sources) events += count_events(source.notes);
  return events >= limit;
}

}  // namespace

bool StemSegment::plays(bool is_drum_note, int program) const {
  if (!is_drum_note) return contains(programs, program);
  for (std::size_t i = 0; i < programs.size(); ++i) {
    if (programs[i] == kDrumProgram && is_drum[i]) return true;
  }
  return false;
}

MixCounts& MixCounts::operator+=(const MixCounts& other) {
  added += other.added;
  skipped_unannotated += other.skipped_unannotated;
  skipped_overlap += other.skipped_overlap;
  skipped_singing += other.skipped_singing;
  stopped_by_length += other.stopped_by_length;
  rows_dropped += other.rows_dropped;
  return *this;
}

std::vector<double> RandomDraws::uniforms(double low, double high, std::size_t count) {
  std::vector<double> values(count);
  for (double& value : values) value = random_.uniform(low, high);
  return values;
}

StemSegment drop_stems(StemSegment segment, const CrossStemPolicy& policy, AugmentationDraws& draws) {
  const bool unannotated = contains(segment.programs, kUnannotatedProgram);
  if (!segment.has_stems) {
    segment.has_unannotated = unannotated;
    return segment;
  }
  std::vector<bool> kept(segment.programs.size());
  if (unannotated) {
    const bool drop = draws.uniforms(1).at(0) <= policy.keep;
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = !drop || segment.programs[i] != kUnannotatedProgram;
    keep_rows(segment, kept);
    segment.has_unannotated = !drop;
    return segment;
  }
  const auto sounding = sounding_programs(segment.notes);
  const auto uniforms = draws.uniforms(sounding.size());
  std::vector<int> chosen;
  for (std::size_t i = 0; i < sounding.size(); ++i) {
    const double keep = is_singing(sounding[i]) ? policy.keep_singing.value_or(policy.keep) : policy.keep;
    if (uniforms.at(i) < keep) chosen.push_back(sounding[i]);
  }
  if (chosen.empty() && !sounding.empty()) chosen.push_back(draws.choose(sounding));
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = contains(chosen, segment.programs[i]);
  keep_rows(segment, kept);
  keep_notes_of_programs(segment);
  segment.has_unannotated = false;
  return segment;
}

std::vector<double> survival(const CrossStemPolicy& policy) {
  std::vector<double> values;
  for (int k = 0; k <= policy.max_k; ++k) values.push_back(std::exp(-std::pow(k * policy.tau, policy.alpha)));
  return values;
}

std::vector<double> stop_probabilities(const CrossStemPolicy& policy) {
  auto values = survival(policy);
  for (std::size_t k = 0; k + 1 < values.size(); ++k) values[k] -= values[k + 1];
  return values;
}

double expected_added(const CrossStemPolicy& policy) {
  const auto values = survival(policy);
  return std::accumulate(values.begin() + 1, values.end(), 0.0);
}

int draw_added(const CrossStemPolicy& policy, double uniform) {
  double cumulative = 0;
  const auto probabilities = stop_probabilities(policy);
  for (int k = 0; k < policy.max_k; ++k) {
    cumulative += probabilities[static_cast<std::size_t>(k)];
    if (cumulative > uniform) return k;
  }
  return policy.max_k;
}

std::vector<int> overlapping_programs(std::span<const std::vector<int>> gathered, std::span<const int> added,
                                      bool by_group) {
  const auto is_same = [by_group](int a, int b) {
    return a == b || (by_group && instrument_group(a) >= 0 && instrument_group(a) == instrument_group(b));
  };
  std::vector<int> overlap;
  for (const int program : added) {
    const bool sounds = std::any_of(gathered.begin(), gathered.end(), [&](const std::vector<int>& programs) {
      return std::any_of(programs.begin(), programs.end(), [&](int other) { return is_same(other, program); });
    });
    if (sounds) overlap.push_back(program);
  }
  return overlap;
}

std::vector<RowGroup> group_rows(std::span<const std::vector<int>> programs, std::span<const std::size_t> rows) {
  std::vector<RowGroup> groups;
  const auto add = [&](std::vector<int> label, std::size_t source, std::size_t row) {
    auto found =
        std::find_if(groups.begin(), groups.end(), [&](const RowGroup& group) { return group.programs == label; });
    if (found == groups.end()) found = groups.insert(groups.end(), RowGroup{std::move(label), {}});
    found->members.push_back({source, row});
  };
  for (std::size_t source = 0; source < programs.size(); ++source) {
    if (rows[source] > 1) {
      for (std::size_t row = 0; row < rows[source]; ++row) add({programs[source].at(row)}, source, row);
    } else {
      auto label = programs[source];
      std::sort(label.begin(), label.end());
      add(std::move(label), source, 0);
    }
  }
  return groups;
}

std::size_t count_events(const SegmentEvents& segment) {
  constexpr int kNone = -1;
  std::size_t count = 1;  // the end of the ties
  int program = kNone;
  int velocity = kNone;
  const auto change = [&](int& state, int value) {
    count += state == value ? 0 : 1;
    state = value;
  };
  auto ties = segment.ties;
  std::sort(ties.begin(), ties.end());
  for (const auto& tie : ties) {
    change(program, tie.program);
    ++count;
  }
  auto events = segment.events;
  sort_events(events);
  const auto tick_of = [](double seconds) { return std::nearbyint(seconds * kTicksPerSecond); };
  double tick = tick_of(segment.start_sec);
  for (const auto& event : events) {
    if (event.is_drum && event.velocity == 0) continue;
    if (tick_of(event.time_sec) > tick) {
      tick = tick_of(event.time_sec);
      ++count;
    }
    if (!event.is_drum) change(program, event.program);
    change(velocity, event.velocity);
    ++count;
  }
  return count;
}

std::vector<float> mix_rows(std::vector<std::vector<float>>& rows, std::span<const float> weights,
                            std::span<const float> mask, bool normalize) {
  if (weights.size() != rows.size() || (!mask.empty() && mask.size() != rows.size())) {
    fail(ErrorCode::kInvalidArgument, "{} rows with {} weights and a mask of {}", rows.size(), weights.size(),
         mask.size());
  }
  std::size_t length = 0;
  for (const auto& row : rows) length = std::max(length, row.size());
  std::vector<float> mix(length);
  for (std::size_t c = 0; c < rows.size(); ++c) {
    const float weight = mask.empty() ? weights[c] : weights[c] * mask[c];
    for (std::size_t t = 0; t < rows[c].size(); ++t) mix[t] += rows[c][t] *= weight;
  }
  if (!normalize) return mix;
  float peak = 0;
  for (const float sample : mix) peak = std::max(peak, std::abs(sample));
  const float divisor = peak + kPeakEpsilon;
  for (float& sample : mix) sample /= divisor;
  for (auto& row : rows) {
    for (float& sample : row) sample /= divisor;
  }
  return mix;
}

std::vector<PlannedMix> mix_across_files(std::span<const StemSegment> items, std::span<const StemSegment> others,
                                         std::span<const int> added, const CrossStemPolicy& policy,
                                         AugmentationDraws& draws) {
  if (added.size() != items.size() || policy.max_groups < 1) {
    fail(ErrorCode::kInvalidArgument, "{} numbers of files to add for {} items, at most {} groups", added.size(),
         items.size(), policy.max_groups);
  }
  std::vector<StemSegment> waiting(others.begin(), others.end());
  for (auto& other : waiting) {
    if (policy.drop_stems_of_added) {
      other = drop_stems(std::move(other), policy, draws);
    } else {
      other.has_unannotated = contains(other.programs, kUnannotatedProgram);
    }
  }
  std::size_t next = 0;
  std::vector<PlannedMix> results;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i];
    PlannedMix result;
    if (added[i] <= 0 || (item.has_unannotated && !policy.mix_unannotated)) {
      result.programs = item.programs;
      result.has_unannotated = item.has_unannotated;
      result.notes = item.notes;
      result.sources = {item};
      result.groups = static_cast<int>(item.rows.size()) > policy.max_groups
                          ? merge_groups(std::span(&item, 1), policy.max_groups, draws)
                          : single_groups(item);
    } else {
      result.sources = {item};
      std::vector<std::vector<int>> gathered = {item.programs};
      for (int k = 0; k < added[i]; ++k) {
        if (next == waiting.size()) fail(ErrorCode::kInvalidArgument, "only {} files to add to others", waiting.size());
        const auto& other = waiting[next++];
        if (other.has_unannotated && !policy.mix_unannotated) {
          ++result.counts.skipped_unannotated;
          continue;
        }
        if (policy.keep_singing && std::any_of(other.programs.begin(), other.programs.end(), is_singing) &&
            draws.uniforms(1).at(0) >= *policy.keep_singing) {
          ++result.counts.skipped_singing;
          continue;
        }
        auto kept = without_overlap(other, gathered, policy);
        if (!kept) {
          ++result.counts.skipped_overlap;
          continue;
        }
        if (too_long(result.sources, other, policy.max_events)) {
          ++result.counts.stopped_by_length;
          break;
        }
        ++result.counts.added;
        result.counts.rows_dropped += static_cast<int>(other.rows.size() - kept->rows.size());
        gathered.push_back(kept->programs);
        result.sources.push_back(std::move(*kept));
      }
      for (const auto& source : result.sources) {
        append_from_start(result.notes, source.notes);
        result.programs.insert(result.programs.end(), source.programs.begin(), source.programs.end());
      }
      result.has_unannotated = contains(result.programs, kUnannotatedProgram);
      sort_events(result.notes.events);
      std::sort(result.notes.ties.begin(), result.notes.ties.end());
      result.groups = merge_groups(result.sources, policy.max_groups, draws);
    }
    results.push_back(std::move(result));
  }
  const auto groups = static_cast<std::size_t>(policy.max_groups);
  const auto drawn = draws.uniforms(policy.min_amplitude, policy.max_amplitude, groups * items.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto own = std::span(drawn).subspan(i * groups, groups);
    results[i].amplitudes.assign(own.begin(), own.end());
  }
  return results;
}

PlannedMix mix_alone(StemSegment item, const CrossStemPolicy& policy, AugmentationDraws& draws) {
  PlannedMix result;
  result.programs = item.programs;
  result.has_unannotated = item.has_unannotated;
  result.notes = item.notes;
  result.groups = single_groups(item);
  const auto drawn = draws.uniforms(policy.min_amplitude, policy.max_amplitude, result.groups.size());
  result.amplitudes.assign(drawn.begin(), drawn.end());
  result.sources.push_back(std::move(item));
  return result;
}

SamplingWeights sampling_weights(std::span<const double> weights, std::span<const long> files) {
  if (weights.size() != files.size() || weights.empty()) {
    fail(ErrorCode::kInvalidArgument, "{} weights for {} data sets", weights.size(), files.size());
  }
  const double all = static_cast<double>(std::accumulate(files.begin(), files.end(), 0L));
  SamplingWeights result;
  double total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto count = static_cast<double>(files[i]);
    result.per_file.push_back(weights.size() == 1 ? 1.0 : weights[i] * (1.0 - count / all));
    result.probability.push_back(result.per_file.back() * count);
    total += result.probability.back();
  }
  for (double& probability : result.probability) probability /= total;
  return result;
}

}  // namespace yourmt3
