#pragma once

#include <CLI/CLI.hpp>

#include "yourmt3/precision.h"

namespace yourmt3::cli {

/// Adds `--precision auto|f32|bf16|int8`; `precision` outlives the app.
CLI::Option* add_precision_option(CLI::App& verb, Precision& precision);

}  // namespace yourmt3::cli
