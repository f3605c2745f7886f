#pragma once

#include <string_view>

namespace yourmt3 {

// Files that are compiled in; CMakeLists.txt says which.
extern const std::string_view kOpenApi;  ///< docs/openapi.json.

}  // namespace yourmt3
