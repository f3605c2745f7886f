#include "cli/decoding_options.h"

#include <fmt/format.h>

#include <cstdint>

#include "cli/nearest_name.h"
#include "cli/verb.h"
#include "core/split_commas.h"

namespace yourmt3::cli {
namespace {

std::vector<std::string> names_of(const std::string& option, const std::string& list) {
  std::vector<std::string> names;
  for (const Instrument* instrument : instruments_named(option, list)) names.push_back(instrument->name);
  return names;
}

}  // namespace

void add_decoding_options(CLI::App& verb, DecodingOptions& options, const std::string& group) {
  const auto in_group = [&](CLI::Option* option) {
    if (!group.empty()) option->group(group);
  };
  in_group(verb.add_option("--only", options.only,
                           "The instruments that play, such as piano,bass,drums: no others are heard"));
  in_group(verb.add_option("--without", options.without, "Instruments that do not play"));
  in_group(verb.add_flag_function(
      "--constrained,!--no-constrained", [&options](std::int64_t count) { options.constrained = count > 0; },
      "Never choose tokens that the grammar forbids (default: as the model says)"));
}

Transcriber::Decoding decoding_of(const DecodingOptions& options) {
  return {.only = names_of("--only", options.only),
          .without = names_of("--without", options.without),
          .constrained = options.constrained};
}

std::vector<const Instrument*> instruments_named(const std::string& option, const std::string& list) {
  std::vector<const Instrument*> found;
  for (const std::string& name : split_commas(list)) {
    try {
      found.push_back(&find_instrument(name));
    } catch (const Error&) {
      std::vector<std::string> names;
      for (const Instrument& instrument : instruments()) names.push_back(instrument.name);
      const auto nearest = nearest_name(name, names);
      throw UsageError(fmt::format("{}: unknown instrument '{}'{}; see 'yourmt3 transcribe --instruments'", option,
                                   name, nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
    }
  }
  return found;
}

}  // namespace yourmt3::cli
