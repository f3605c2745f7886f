#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3::testing {

/// An element of a small XML document, for tests that read back what we write.
struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  ///< Of the element itself, without that of its children, entities resolved.
  std::vector<XmlElement> children;

  /// The first child of that name, null without one.
  const XmlElement* find(std::string_view child) const;
  /// Text of the first child of that name, empty without one.
  std::string text_of(std::string_view child) const;
  int number_of(std::string_view child) const;
};

/// The root of a document without comments, CDATA or processing instructions but the first; throws std::runtime_error
/// where it is not well formed.
XmlElement parse_xml(std::string_view document);

}  // namespace yourmt3::testing
