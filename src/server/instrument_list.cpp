#include "server/instrument_list.h"

#include <fmt/format.h>

#include "core/split_commas.h"
#include "server/http_error.h"
#include "transcribe/instruments.h"
#include "yourmt3/error.h"

namespace yourmt3 {

std::string with_commas(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

std::vector<std::string> instruments_listed(std::string_view field, std::string_view list) {
  std::vector<std::string> found;
  for (const std::string& word : split_commas(list)) {
    try {
      found.push_back(find_instrument(word).name);
    } catch (const Error&) {
      std::vector<std::string> names;
      for (const Instrument& instrument : instruments()) names.push_back(instrument.name);
      throw HttpError(
          400, fmt::format("the field '{}' names an unknown instrument; there are {}", field, with_commas(names)));
    }
  }
  return found;
}

}  // namespace yourmt3
