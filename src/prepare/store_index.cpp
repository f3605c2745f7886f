#include "prepare/store_index.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/fail.h"
#include "prepare/manifest.h"
#include "prepare/text_table.h"

namespace yourmt3 {

namespace fs = std::filesystem;

std::vector<TrackInfo> read_store_index(const fs::path& folder, const BrokenLine& on_broken) {
  const fs::path index = folder / "index.jsonl";
  if (!fs::exists(index)) {
    if (fs::exists(folder / kManifestName)) {
      fail(ErrorCode::kNotFound, "{}: not finished; run 'yourmt3 prepare' again, it goes on where it was",
           folder.string());
    }
    fail(ErrorCode::kNotFound, "{}: no such file; is this the folder of a prepared data set?", index.string());
  }
  const std::string text = read_text_file(index, std::size_t{1} << 30);
  std::vector<TrackInfo> tracks;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.empty()) continue;
    try {
      tracks.push_back(parse_index_line(line));
    } catch (const std::exception& error) {
      if (!on_broken) fail(ErrorCode::kMalformed, "{}, line {}: {}", index.string(), number, error.what());
      on_broken(number, error.what());
    }
  }
  return tracks;
}

Store::Track open_store_track(const fs::path& folder, std::string_view id) {
  std::vector<TrackInfo> tracks = read_store_index(folder);
  if (tracks.empty()) fail(ErrorCode::kNotFound, "{}: no tracks in it", folder.string());
  const auto found =
      id.empty() ? tracks.begin()
                 : std::find_if(tracks.begin(), tracks.end(), [&](const TrackInfo& track) { return track.id == id; });
  if (found == tracks.end()) {
    std::vector<std::string> some;
    for (std::size_t i = 0; i < std::min<std::size_t>(tracks.size(), 5); ++i) some.push_back(tracks[i].id);
    fail(ErrorCode::kNotFound, "{}: no track '{}' among {}, which are {}{}", folder.string(), id, tracks.size(),
         fmt::join(some, ", "), tracks.size() > some.size() ? " ..." : "");
  }
  Store::Track track{std::move(*found), {}, std::nullopt};
  const fs::path notes_path = folder / track.info.notes_file;
  const std::string notes_text = read_text_file(notes_path);
  std::vector<std::vector<Note>> notes;
  try {
    notes = parse_stem_notes(notes_text, track.info.stems);
  } catch (const std::exception& error) {
    fail(ErrorCode::kMalformed, "{}: {}", notes_path.string(), error.what());
  }
  for (std::size_t i = 0; i < track.info.stems.size(); ++i) {
    const StemInfo& stem = track.info.stems[i];
    track.stems.push_back({stem, StemWav(folder / stem.file), std::move(notes[i])});
  }
  if (!track.info.mix_file.empty()) track.mix.emplace(folder / track.info.mix_file);
  return track;
}

}  // namespace yourmt3
