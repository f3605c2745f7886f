#pragma once

#include <string_view>

namespace yourmt3 {

// Files of this folder, compiled in; CMakeLists.txt says which.
extern const std::string_view kPublishedResultsJson;
extern const std::string_view kPage;       ///< Template of the report's page.
extern const std::string_view kPageStyle;  ///< Its style sheet.
// Its scripts, in this order.
extern const std::string_view kPageElements, kPageTables, kPageCharts, kPageMistakes, kPageRolls, kPageMain;

}  // namespace yourmt3
