#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// What the authors of the reference measured with one of their networks.
struct PublishedSystem {
  std::string name;
  std::map<std::string, double> values;  ///< Parts of 1, by the reference's names of metrics.
};

/// What has to be known to read published values.
struct PublishedNote {
  std::string text;
  std::string system;                    ///< Whom it concerns; empty: all.
  std::vector<std::string> meaningless;  ///< Metrics whose values tell nothing.
};

/// Published values for one of the reference's evaluation sets.
struct PublishedSet {
  std::vector<PublishedSystem> systems;
  std::vector<PublishedNote> notes;

  /// Whether a note says that the value tells nothing.
  bool meaningless(const std::string& system, const std::string& metric) const;
};

/// By the set's name in the reference, such as "slakh" or "musicnet_thickstun_em"; null for any other.
const PublishedSet* published_results(std::string_view set);

/// Names of the sets with published values.
std::vector<std::string> published_sets();

/// Where the values were found.
std::string published_source();

}  // namespace yourmt3
