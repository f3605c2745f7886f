#include "eval/note_pairing.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "eval/note_matching.h"

namespace yourmt3 {

namespace {

using Indices = std::vector<int>;

std::vector<SoundingPitch> sounding(std::span<const Note> notes, const Indices& chosen) {
  std::vector<Note> selected;
  for (const int i : chosen) selected.push_back(notes[static_cast<std::size_t>(i)]);
  return to_sounding(selected);
}

// The notes of each instrument.
std::map<int, Indices> by_instrument(std::span<const Note> notes, const ProgramVocabulary& classes) {
  std::map<int, Indices> groups;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (!notes[i].is_drum) groups[classes.representative(notes[i].program)].push_back(static_cast<int>(i));
  }
  return groups;
}

}  // namespace

std::vector<NotePair> pair_notes(std::span<const Note> reference, std::span<const Note> estimate,
                                 const ProgramVocabulary& classes, double onset_tolerance_sec) {
  MatchOptions options{.onset_tolerance_sec = onset_tolerance_sec};
  options.offset_ratio.reset();
  std::vector<NotePair> pairs;
  std::vector<bool> r_paired(reference.size()), e_paired(estimate.size());
  const auto pair_up = [&](const Indices& r, const Indices& e, bool same_instrument) {
    for (const auto& [i, j] : match_notes(sounding(reference, r), sounding(estimate, e), options)) {
      pairs.push_back({r[static_cast<std::size_t>(i)], e[static_cast<std::size_t>(j)], same_instrument});
      r_paired[static_cast<std::size_t>(pairs.back().reference)] = true;
      e_paired[static_cast<std::size_t>(pairs.back().estimate)] = true;
    }
  };
  const std::map<int, Indices> r_groups = by_instrument(reference, classes);
  const std::map<int, Indices> e_groups = by_instrument(estimate, classes);
  for (const auto& [instrument, r] : r_groups) {
    const auto e = e_groups.find(instrument);
    if (e != e_groups.end()) pair_up(r, e->second, true);
  }
  const auto left_over = [](std::span<const Note> notes, const std::vector<bool>& paired) {
    Indices rest;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      if (!notes[i].is_drum && !paired[i]) rest.push_back(static_cast<int>(i));
    }
    return rest;
  };
  pair_up(left_over(reference, r_paired), left_over(estimate, e_paired), false);
  std::sort(pairs.begin(), pairs.end(), [](const NotePair& a, const NotePair& b) { return a.reference < b.reference; });
  return pairs;
}

}  // namespace yourmt3
