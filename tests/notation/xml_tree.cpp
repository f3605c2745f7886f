#include "xml_tree.h"

#include <stdexcept>

namespace yourmt3::testing {
namespace {

class XmlParser {
 public:
  explicit XmlParser(std::string_view text) : text_(text) {}

  XmlElement document() {
    expect("<?xml");
    at_ = text_.find("?>") + 2;
    skip_blanks();
    expect("<!DOCTYPE");
    at_ = text_.find('>', at_) + 1;
    skip_blanks();
    XmlElement root = element();
    skip_blanks();
    if (at_ != text_.size()) stop("text after the root");
    return root;
  }

 private:
  [[noreturn]] void stop(const std::string& what) const {
    throw std::runtime_error("XML byte " + std::to_string(at_) + ": " + what);
  }

  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void expect(std::string_view word) {
    if (!take(word)) stop("expected " + std::string(word));
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  std::string_view until(std::string_view ends) {
    const std::size_t end = text_.find_first_of(ends, at_);
    if (end == std::string_view::npos) stop("breaks off");
    const std::string_view found = text_.substr(at_, end - at_);
    at_ = end;
    return found;
  }

  std::string resolved(std::string_view raw) const {
    static const std::map<std::string, char> entities = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    std::string out;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '&') {
        out += raw[i];
        continue;
      }
      const std::size_t end = raw.find(';', i);
      if (end == std::string_view::npos) stop("unfinished entity");
      const auto entity = entities.find(std::string(raw.substr(i + 1, end - i - 1)));
      if (entity == entities.end()) stop("unknown entity");
      out += entity->second;
      i = end;
    }
    return out;
  }

  XmlElement element() {
    XmlElement element;
    expect("<");
    element.name = until(" />");
    for (skip_blanks(); text_.at(at_) != '>' && text_.at(at_) != '/'; skip_blanks()) {
      const std::string name(until("="));
      expect("=\"");
      element.attributes[name] = resolved(until("\"<"));
      expect("\"");
    }
    if (take("/>")) return element;
    expect(">");
    for (;;) {
      element.text += resolved(until("<"));
      if (take("</")) break;
      element.children.push_back(this->element());
    }
    expect(element.name + ">");
    return element;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
  for (const XmlElement& candidate : children) {
    if (candidate.name == child) return &candidate;
  }
  return nullptr;
}

std::string XmlElement::text_of(std::string_view child) const {
  const XmlElement* found = find(child);
  return found == nullptr ? "" : found->text;
}

int XmlElement::number_of(std::string_view child) const {
  return std::stoi(text_of(child));
}

XmlElement parse_xml(std::string_view document) {
  return XmlParser(document).document();
}

}  // namespace yourmt3::testing
