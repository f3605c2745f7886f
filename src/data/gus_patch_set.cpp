#include "data/gus_patch_set.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "core/fail.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxAmplitude = 800;  // Percent; as TiMidity.

struct Line {
  std::string_view file;
  std::size_t number = 0;
  std::vector<std::string_view> words;

  template <class... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    yourmt3::fail(ErrorCode::kMalformed, "{}: line {}: {}", file, number,
                  fmt::format(format, std::forward<Args>(args)...));
  }
};

/// Words up to a comment.
std::vector<std::string_view> split_words(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(kSpace, at)) != line.npos && line[at] != '#';) {
    const std::size_t end = std::min(line.find_first_of(kSpace, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<int> to_int(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
  return value;
}

int number(const Line& line, std::string_view text, std::string_view what, int low, int high) {
  const auto value = to_int(text, low, high);
  if (!value) line.fail("{} '{}', expected {} to {}", what, text, low, high);
  return *value;
}

void read_option(const Line& line, std::string_view word, GusPatchUse& use) {
  const std::size_t equals = std::min(word.find('='), word.size());
  const auto key = word.substr(0, equals), value = word.substr(std::min(equals + 1, word.size()));
  if (key == "amp") {
    use.amplitude = number(line, value, "amp", 0, kMaxAmplitude) / 100.0;
  } else if (key == "note") {
    use.note = number(line, value, "note", 0, 127);
    // As TiMidity: 0 is the key that is played.
    if (*use.note == 0) use.note = std::nullopt;
    use.at_root = false;
  } else if (key == "pan") {
    if (value == "left" || value == "right" || value == "center") {
      use.pan = value == "left" ? -1 : value == "right" ? 1 : 0;
    } else {
      use.pan = number(line, value, "pan", -100, 100) / 100.0;
    }
  } else if ((key == "keep" || key == "strip") && value == "loop") {
    use.keep_loops = key == "keep";
  } else if ((key == "keep" || key == "strip") && value == "env") {
    use.keep_envelope = key == "keep";
  } else if (word != "strip=tail") {  // What follows a loop is never played.
    line.fail("unknown option '{}', expected amp, note, pan, keep or strip", word);
  }
}

std::optional<fs::path> find_patch(const fs::path& beside, const GusPatchMap& map, const std::string& file) {
  std::vector<fs::path> folders(map.folders.rbegin(), map.folders.rend());
  folders.insert(folders.begin(), fs::path());
  for (const auto& folder : folders) {
    for (const char* extension : {"", ".pat"}) {
      // An absolute path replaces what is before it.
      const fs::path path = beside / folder / (file + extension);
      std::error_code ignored;
      if (fs::is_regular_file(path, ignored)) return path;
    }
  }
  return std::nullopt;
}

}  // namespace

GusPatchMap parse_gus_patch_map(std::string_view text, std::string_view name) {
  GusPatchMap map;
  bool drums = false;
  int bank = 0;
  Line line{name, 0, {}};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    ++line.number;
    line.words = split_words(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.words.empty()) continue;
    const auto statement = line.words[0];
    const bool is_entry = to_int(statement, 0, 127).has_value();
    if (!is_entry && statement != "dir" && statement != "bank" && statement != "drumset") {
      line.fail("'{}' is not understood, expected dir, bank, drumset or 0 to 127{}", statement,
                statement == "source" ? "; play the file that it names instead" : "");
    }
    if (line.words.size() < 2) line.fail("nothing follows '{}'", statement);
    if (statement == "dir") {
      map.folders.emplace_back(line.words[1]);
    } else if (!is_entry) {
      drums = statement == "drumset";
      bank = number(line, line.words[1], statement, 0, 127);
    } else {
      GusPatchUse use;
      use.file = line.words[1];
      use.at_root = drums;
      use.keep_loops = use.keep_envelope = !drums;
      for (std::size_t i = 2; i < line.words.size(); ++i) read_option(line, line.words[i], use);
      (drums ? map.drums : map.programs)[{bank, *to_int(statement, 0, 127)}] = std::move(use);
    }
  }
  return map;
}

GusPatchSet::GusPatchSet(const fs::path& map_file) {
  std::ifstream file(map_file, std::ios::binary);
  if (!file) fail(ErrorCode::kIo, "{}: cannot read this patch set", map_file.string());
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto map = parse_gus_patch_map(text, map_file.string());
  std::map<std::pair<fs::path, GusLoops>, std::shared_ptr<const GusPatch>> read;
  const auto load = [&](const auto& uses, auto& tones) {
    for (const auto& [place, use] : uses) {
      const auto path = find_patch(map_file.parent_path(), map, use.file);
      if (!path) continue;
      const auto loops = use.keep_loops ? GusLoops::kKeep : GusLoops::kStrip;
      auto& patch = read[{*path, loops}];
      if (!patch) patch = std::make_shared<const GusPatch>(read_gus_patch(*path, loops));
      tones[place] = {use, patch, use.amplitude.value_or(32768.0 / std::max(patch->peak(), 1))};
    }
  };
  load(map.programs, programs_);
  load(map.drums, drums_);
  if (programs_.empty() && drums_.empty()) {
    fail(ErrorCode::kNotFound, "{}: none of the {} patches that it names is there", map_file.string(),
         map.programs.size() + map.drums.size());
  }
}

}  // namespace yourmt3
