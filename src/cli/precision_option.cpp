#include "cli/precision_option.h"

#include <fmt/format.h>

namespace yourmt3::cli {

CLI::Option* add_precision_option(CLI::App& verb, Precision& precision) {
  const auto read = [&precision](const std::string& name) {
    const std::optional<Precision> found = precision_from_name(name);
    if (!found) throw CLI::ValidationError("--precision", fmt::format("'{}' is none of auto, f32, bf16, int8", name));
    precision = *found;
  };
  return verb.add_option_function<std::string>(
      "--precision", read, "Numbers of the network's products: f32, bf16, int8 (default: auto, bf16 where it is fast)");
}

}  // namespace yourmt3::cli
