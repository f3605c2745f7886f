#include "prepare/musicnet_lists.h"

#include <algorithm>
#include <array>

namespace yourmt3 {
namespace {

constexpr std::array kThickstunTest = {1819, 2303, 2382};
constexpr std::array kThickstunExtTest = {1759, 1819, 2106, 2191, 2298, 2303, 2382, 2416, 2556, 2628};
constexpr std::array kMt3Validation = {1733, 1765, 1790, 1818, 2160, 2198, 2289, 2300,
                                       2308, 2315, 2336, 2466, 2477, 2504, 2611};
constexpr std::array kMt3Test = {1729, 1776, 1813, 1893, 2118, 2186, 2296, 2431,
                                 2432, 2487, 2497, 2501, 2507, 2537, 2621};
constexpr std::array kStringsAndWindsTest = {2191, 2628, 2106, 2298, 1819, 2416};
constexpr std::array kWithoutEm = {2194, 2211, 2227, 2230, 2292, 2305, 2310};

template <class Ids>
bool has(const Ids& ids, int id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

std::string musicnet_split(int id, MusicNetKind kind) {
  const std::string split = has(kThickstunExtTest, id) ? "test" : "train";
  switch (kind) {
    case MusicNetKind::kLabels:
      return split;
    case MusicNetKind::kEm:
      return split + "_em";
    case MusicNetKind::kSynth:
      return split + "_synth";
  }
  return split;
}

std::vector<std::string> musicnet_lists(int id, MusicNetKind kind) {
  std::vector<std::string> lists;
  const auto add = [&](bool wanted, const char* name) {
    if (wanted) lists.emplace_back(name);
  };
  const bool mt3_train = !has(kMt3Validation, id) && !has(kMt3Test, id);
  const bool thickstun_train = !has(kThickstunExtTest, id);
  switch (kind) {
    case MusicNetKind::kLabels:
      add(mt3_train, "train_mt3");
      add(mt3_train, "train_mt3_acoustic");
      add(thickstun_train, "train_thickstun");
      add(has(kMt3Validation, id), "validation_mt3_acoustic");
      add(has(kMt3Test, id), "test_mt3_acoustic");
      add(has(kThickstunTest, id), "test_thickstun");
      add(has(kThickstunExtTest, id), "test_thickstun_ext");
      add(has(kStringsAndWindsTest, id), "test_cheuk_table2");
      break;
    case MusicNetKind::kEm:
      add(mt3_train, "train_mt3_em");
      add(thickstun_train, "train_thickstun_em");
      add(has(kMt3Validation, id), "validation_mt3_em");
      add(has(kMt3Test, id), "test_mt3_em");
      add(has(kThickstunTest, id), "test_thickstun_em");
      add(has(kThickstunExtTest, id), "test_thickstun_ext_em");
      add(has(kStringsAndWindsTest, id), "test_em_table2");
      break;
    case MusicNetKind::kSynth:
      // Each of these lists has recordings and their synthesized scores.
      add(mt3_train, "train_mt3");
      add(mt3_train, "train_mt3_em");
      add(mt3_train, "train_mt3_synth");
      add(thickstun_train, "train_thickstun");
      add(thickstun_train, "train_thickstun_em");
      add(has(kMt3Validation, id), "validation_mt3_synth");
      break;
  }
  return lists;
}

std::vector<std::string> musicnet_list_names() {
  return {"train",
          "test",
          "train_em",
          "test_em",
          "train_synth",
          "test_synth",
          "train_mt3",
          "train_mt3_acoustic",
          "train_mt3_synth",
          "train_mt3_em",
          "train_thickstun",
          "train_thickstun_em",
          "validation_mt3_acoustic",
          "validation_mt3_synth",
          "validation_mt3_em",
          "test_mt3_acoustic",
          "test_mt3_em",
          "test_thickstun",
          "test_thickstun_em",
          "test_thickstun_ext",
          "test_thickstun_ext_em",
          "test_cheuk_table2",
          "test_em_table2"};
}

bool musicnet_lacks_em(int id) {
  return has(kWithoutEm, id);
}

}  // namespace yourmt3
