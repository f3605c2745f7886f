#pragma once

#include <functional>
#include <string_view>

namespace yourmt3 {

enum class LogLevel { kDebug, kInfo, kWarning };

/// Where the library's remarks go; an empty sink drops them. Called from any thread.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace yourmt3
