#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "data/store.h"

namespace yourmt3 {

/// Told of a line of the index that is none, counted from 1, and why.
using BrokenLine = std::function<void(std::size_t line, std::string_view problem)>;

/// All tracks in the index of a store, in its order. Throws Error(kNotFound) that says whether a run was not finished
/// or this is no store, and Error(kMalformed) for a broken line if `on_broken` is empty.
std::vector<TrackInfo> read_store_index(const std::filesystem::path& folder, const BrokenLine& on_broken = {});

/// Opens one track, the first if `id` is empty. Throws Error(kNotFound) naming some that are there, and as Store does.
Store::Track open_store_track(const std::filesystem::path& folder, std::string_view id);

}  // namespace yourmt3
