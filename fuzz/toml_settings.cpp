// Any text as a file of settings, merged into others, and its first line as a setting of the command line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "settings/merge_settings.h"
#include "settings/toml_json.h"
#include "yourmt3/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yourmt3;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  nlohmann::json document = {{"model", "small"}, {"schedule", {{"lr", 1e-3}}}, {"set", {{{"name", "a"}}}}};
  try {
    const nlohmann::json read = parse_toml(text, "fuzz");
    nlohmann::json merged = read;
    merge_settings(merged, read);
    if (merged.size() != read.size()) std::abort();
    merge_settings(document, read);
    document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } catch (const Error&) {
  }
  try {
    apply_setting(document, std::string(text.substr(0, text.find('\n'))));
  } catch (const Error&) {
  }
  return 0;
}
