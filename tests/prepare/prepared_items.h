#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "prepare/data_set.h"

namespace yourmt3::testing {

inline const PlannedItem& planned(const DataSetPlan& plan, std::string_view id) {
  for (const PlannedItem& item : plan.items) {
    if (item.id == id) return item;
  }
  throw std::out_of_range("no item " + std::string(id));
}

inline const PreparedTrack& track_of(const PreparedItem& item, std::string_view id) {
  for (const PreparedTrack& track : item.tracks) {
    if (track.id == id) return track;
  }
  throw std::out_of_range("no track " + std::string(id));
}

/// Ids of the tracks of each split and list, as a prepared store would give them; reads all items.
inline std::map<std::string, std::set<std::string>> tracks_by_list(const DataSetPlan& plan) {
  std::map<std::string, std::set<std::string>> tracks;
  for (const PlannedItem& item : plan.items) {
    for (const PreparedTrack& track : item.read().tracks) {
      tracks[track.split].insert(track.id);
      for (const std::string& list : track.lists) tracks[list].insert(track.id);
    }
  }
  return tracks;
}

}  // namespace yourmt3::testing
