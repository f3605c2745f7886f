#include "prepare/item_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "core/json_depth.h"
#include "data/store.h"
#include "prepare/text_table.h"

namespace yourmt3 {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

/// Of a WAV file as write_stem_wav() writes it.
constexpr std::size_t kWavHeaderBytes = 44;

std::string below(const fs::path& file, const fs::path& source) {
  return file.lexically_proximate(source).generic_string();
}

}  // namespace

std::string item_key(const DataSet& set, const PlannedItem& item, const fs::path& source,
                     const DataSetOptions& options) {
  json files = json::array();
  std::string missing;
  std::size_t n_missing = 0;
  for (const fs::path& file : item.files) {
    std::error_code error;
    const auto size = fs::is_regular_file(file, error) ? fs::file_size(file, error) : 0;
    const auto changed = error ? fs::file_time_type() : fs::last_write_time(file, error);
    if (error || !fs::exists(file, error)) {
      if (++n_missing <= 3) missing += (missing.empty() ? "" : ", ") + below(file, source);
      continue;
    }
    files.push_back({below(file, source), size, changed.time_since_epoch().count()});
  }
  if (n_missing > 3) missing += fmt::format(" and {} more", n_missing - 3);
  if (n_missing > 0) fail(ErrorCode::kNotFound, "missing: {}", missing);
  return json{{"reader", {set.name(), set.version()}},
              {"options", {options.seed, options.shifted_copies, options.as_reference}},
              {"context", item.context},
              {"files", files}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string item_record_text(const ItemRecord& record) {
  json lines = json::array();
  for (const std::string& line : record.index_lines) lines.push_back(json::parse(line));
  return json{{"key", record.key}, {"tracks", lines}, {"samples", record.samples}, {"remarks", record.remarks}}.dump(
             -1, ' ', false, json::error_handler_t::replace) +
         "\n";
}

ItemRecord parse_item_record(std::string_view text) {
  const auto parsed = json::parse(shallow_json(text));
  ItemRecord record;
  record.key = parsed.at("key").get<std::string>();
  for (const auto& line : parsed.at("tracks")) record.index_lines.push_back(line.dump());
  record.samples = parsed.at("samples").get<std::map<std::string, std::size_t>>();
  record.remarks = parsed.at("remarks").get<std::vector<std::string>>();
  return record;
}

std::optional<ItemRecord> read_item_record(const fs::path& item_folder) {
  try {
    ItemRecord record = parse_item_record(read_text_file(item_folder / kItemRecordName));
    for (const std::string& line : record.index_lines) {
      const fs::path notes = item_folder / fs::path(parse_index_line(line).notes_file).filename();
      if (!fs::is_regular_file(notes)) return std::nullopt;
    }
    const bool whole = std::all_of(record.samples.begin(), record.samples.end(), [&](const auto& sound) {
      std::error_code error;
      return fs::file_size(item_folder / sound.first, error) == kWavHeaderBytes + 2 * sound.second && !error;
    });
    if (whole) return record;
  } catch (const std::exception&) {
    // Whatever is wrong with it, the item has to be prepared again.
  }
  return std::nullopt;
}

}  // namespace yourmt3
