// Any text as the record of a prepared item, and as the description of a prepared data set.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "prepare/item_record.h"
#include "prepare/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const ItemRecord record = parse_item_record(text);
    if (parse_item_record(item_record_text(record)).samples != record.samples) std::abort();
  } catch (const std::exception&) {
  }
  try {
    const Manifest manifest = parse_manifest(text);
    if (parse_manifest(manifest_text(manifest)).tracks != manifest.tracks) std::abort();
  } catch (const std::exception&) {
  }
  return 0;
}
