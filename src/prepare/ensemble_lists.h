#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yourmt3 {

/// Two instrument classes of the vocabulary gm_plus, or "Drums".
using InstrumentPair = std::pair<std::string, std::string>;

/// "Organ+Strings", upper or lower case. Throws Error(kInvalidArgument) with the names there are, and for a pair of one
/// class with itself.
InstrumentPair parse_instrument_pair(std::string_view text);

/// How many tracks are in each list that was written.
struct EnsembleLists {
  struct List {
    std::string name;
    std::size_t tracks = 0;
  };
  std::vector<List> lists;  ///< By name.
};

/// Parts the tracks of a store by who plays together: in each split, tracks among whose annotated programs both classes
/// of any of the pairs are join the list SPLIT_unseen, all others SPLIT_seen, so that a network can learn from
/// ensembles in which these classes never meet. Lists of these names that were there before are replaced. Only the
/// index is written, as a whole. Throws Error(kInvalidArgument) when no track has any of the pairs, or all have, and
/// Error as read_store_index(), Error(kIo).
EnsembleLists write_ensemble_lists(const std::filesystem::path& folder, const std::vector<InstrumentPair>& pairs);

}  // namespace yourmt3
