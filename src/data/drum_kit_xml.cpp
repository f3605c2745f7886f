#include "data/drum_kit_xml.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "core/lower_case.h"

namespace yourmt3 {
namespace {

/// Inner texts of every <tag> in `xml`. Hydrogen's files have no attributes on the tags read here and no CDATA.
std::vector<std::string_view> elements(std::string_view xml, const std::string& tag) {
  std::vector<std::string_view> found;
  const std::string open = "<" + tag + ">";
  const std::string close = "</" + tag + ">";
  for (std::size_t at = 0; (at = xml.find(open, at)) != std::string_view::npos;) {
    at += open.size();
    const auto end = xml.find(close, at);
    if (end == std::string_view::npos) break;
    found.push_back(xml.substr(at, end - at));
    at = end + close.size();
  }
  return found;
}

std::string first_text(std::string_view xml, const std::string& tag, std::string fallback) {
  const auto found = elements(xml, tag);
  if (found.empty()) return fallback;
  std::string text(found.front());
  constexpr std::array<std::pair<std::string_view, char>, 5> entities = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
  for (const auto& [entity, character] : entities) {
    for (std::size_t at = 0; (at = text.find(entity, at)) != std::string::npos; ++at)
      text.replace(at, entity.size(), 1, character);
  }
  return text;
}

float first_number(std::string_view xml, const std::string& tag, float fallback) {
  const auto text = first_text(xml, tag, "");
  char* end = nullptr;
  const float value = std::strtof(text.c_str(), &end);
  return end == text.c_str() || !std::isfinite(value) ? fallback : value;
}

}  // namespace

int drum_key_from_name(std::string_view name) {
  const std::string lower = lower_case(std::string(name));
  const auto has = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
  if (has("roll") || has("off") || has("fx") || has("zap")) return -1;
  if (has("clap")) return 39;
  if (has("tambourine")) return 54;
  if (has("cowbell")) return 56;
  if (has("maraca")) return 70;
  if (has("shaker")) return 70;
  if (has("clave")) return 75;
  if (has("bongo")) return has("lo") ? 61 : 60;
  if (has("conga")) return has("mute") ? 62 : has("lo") ? 64 : 63;
  if (has("stick") || has("rim click") || has("sidestick")) return 37;
  if (has("hat") || has("hh") || has("hi-hat")) {
    if (has("half") || has("semi")) return -1;
    if (has("pedal") || has("foot") || has(" pd")) return 44;
    if (has("open") || has("ohh") || has(" op")) return 46;
    if (has("clos") || has("chh") || has(" cl")) return 42;
    return -1;
  }
  if (has("kick") || has("bassdrum") || has("bass drum")) return 36;
  if (has("snare")) return 38;
  if (has("tom")) {
    if (has("floor")) return 41;
    if (has("low") || has(" lo") || has("tom 3")) return 45;
    if (has("mid") || has("tom 2")) return 47;
    if (has("hi") || has("tom 1")) return 50;
    return 45;
  }
  if (has("ride")) return has("bell") || has("cup") ? 53 : 51;
  if (has("crash")) return 49;
  if (has("splash")) return 55;
  if (has("china")) return 52;
  return -1;
}

std::vector<DescribedDrum> parse_drum_kit(std::string_view xml) {
  std::vector<DescribedDrum> drums;
  for (const auto element : elements(xml, "instrument")) {
    DescribedDrum drum;
    drum.name = first_text(element, "name", "");
    drum.volume = std::clamp(first_number(element, "volume", 1), 0.2f, 2.f);
    auto layers = elements(element, "layer");
    if (layers.empty()) layers = {element};
    for (const auto text : layers) {
      drum.layers.push_back({first_text(text, "filename", ""), first_number(text, "min", 0),
                             first_number(text, "max", 1), std::clamp(first_number(text, "gain", 1), 0.1f, 4.f)});
    }
    drums.push_back(std::move(drum));
  }
  return drums;
}

}  // namespace yourmt3
