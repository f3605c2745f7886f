#pragma once

#include <string_view>

namespace yourmt3 {

// Files that are compiled in; CMakeLists.txt says which.
extern const std::string_view kOpenApi;                                       ///< docs/openapi.json.
extern const std::string_view kServePage, kServePageScript, kServePageStyle;  ///< web/dist, as built from web/src.

}  // namespace yourmt3
