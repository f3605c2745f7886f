#include "cli/decode.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/verb.h"

namespace yourmt3::cli {
namespace {

template <class Number>
bool read_number(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && value > 0;
}

}  // namespace

DecoderCommand decode_command(const DecoderLimits& limits) {
  return {.arguments = {"/proc/self/exe", kDecodeVerb, std::to_string(limits.memory_bytes),
                        std::to_string(limits.cpu_sec)}};
}

int run_decode_verb(const std::vector<std::string>& arguments) {
  DecoderLimits limits;
  if (arguments.size() != 2 || !read_number(arguments[0], limits.memory_bytes) ||
      !read_number(arguments[1], limits.cpu_sec)) {
    fmt::print(stderr, "yourmt3 {}: expected a limit of memory in bytes and one of time in seconds\n", kDecodeVerb);
    return kExitUsage;
  }
  return run_decoder(limits);
}

}  // namespace yourmt3::cli
