#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "transcribe/instruments.h"
#include "yourmt3/transcriber.h"

namespace yourmt3::cli {

/// What `--only`, `--without` and `--constrained` say.
struct DecodingOptions {
  std::string only, without;  ///< Lists with commas.
  std::optional<bool> constrained;
};

/// Adds them to a verb, to a group of its help unless `group` is empty; `options` outlives the app.
void add_decoding_options(CLI::App& verb, DecodingOptions& options, const std::string& group = "");

/// Throws UsageError that tells the nearest name for an unknown instrument.
Transcriber::Decoding decoding_of(const DecodingOptions& options);

/// The instruments of a list with commas. Throws UsageError, which begins with `option`, for an unknown name.
std::vector<const Instrument*> instruments_named(const std::string& option, const std::string& list);

}  // namespace yourmt3::cli
