#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "prepare/data_set.h"

namespace yourmt3 {

/// Name of the file in the folder of each item of a prepared data set.
inline constexpr const char* kItemRecordName = "item.json";

/// What is written down of an item that was prepared, so that a later run need not do it again.
struct ItemRecord {
  std::string key;                             ///< item_key() of what it was made from.
  std::vector<std::string> index_lines;        ///< One for each track.
  std::map<std::string, std::size_t> samples;  ///< Of each sound's file in the item's folder.
  std::vector<std::string> remarks;
};

/// Changes when a source file does, the options, or the way in which the data set is read. Files are known by their
/// path below `source`, size and time of change. Throws Error(kNotFound) naming those that are missing.
std::string item_key(const DataSet& set, const PlannedItem& item, const std::filesystem::path& source,
                     const DataSetOptions& options);

/// The text of a record, and back. Throws std::exception for what is none.
std::string item_record_text(const ItemRecord& record);
ItemRecord parse_item_record(std::string_view text);

/// The record of the item in this folder; none where there is none that can be read, or a file is missing or cut.
std::optional<ItemRecord> read_item_record(const std::filesystem::path& item_folder);

}  // namespace yourmt3
