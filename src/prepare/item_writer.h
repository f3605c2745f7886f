#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "prepare/data_set.h"
#include "prepare/item_record.h"

namespace yourmt3 {

/// Whose tracks they are.
struct ItemOrigin {
  std::string title;
  std::string licence;
  bool keep_late_notes = false;  ///< Also notes that begin after the end of their sound.
};

/// Writes sounds, notes and record of an item into `folder`, which exists and is to be named `item_id` in the store.
///
/// Notes that cannot be are left out with a remark: without time or length, before the start, beyond the pitches of
/// MIDI, or beginning after the end of their sound. Throws Error(kMalformed) when that leaves a track without any of
/// its notes, or the item makes no sense, and Error(kIo).
ItemRecord write_item(const std::filesystem::path& folder, const std::string& item_id, PreparedItem item,
                      const std::string& key, const ItemOrigin& origin);

/// Whether a name can be one of a folder or file: not empty, hidden or overlong, UTF-8, and without a slash or
/// control character.
bool is_plain_name(std::string_view name);

}  // namespace yourmt3
