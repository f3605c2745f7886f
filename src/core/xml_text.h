#pragma once

#include <string>
#include <string_view>

namespace yourmt3 {

/// Text as it stands in XML, in attributes too: the characters that mark it up are written as entities.
std::string xml_text(std::string_view text);

}  // namespace yourmt3
