#include "evaluate/html_check.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>

namespace yourmt3::testing {
namespace {

constexpr std::array<std::string_view, 5> kVoid = {"br", "hr", "input", "link", "meta"};
constexpr std::array<std::string_view, 2> kRaw = {"script", "style"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// Reads a page strictly: what browsers repair is a problem here.
class Checker {
 public:
  explicit Checker(std::string_view page) : page_(page) {}

  void run() {
    constexpr std::string_view kDoctype = "<!DOCTYPE html>";
    if (!page_.starts_with(kDoctype)) return problem("no doctype");
    at_ = kDoctype.size();
    while (at_ < page_.size()) {
      if (page_[at_] == '<') {
        read_tag();
      } else {
        read_text();
      }
    }
    for (const std::string& name : open_) problem("<" + name + "> is not closed");
    for (const std::string& id : references_) {
      if (!ids_.contains(id)) problem("nothing has the id '" + id + "'");
    }
  }

  std::vector<std::string> problems_;
  std::set<std::string> ids_;

 private:
  void problem(const std::string& text) { problems_.push_back(text + " (at byte " + std::to_string(at_) + ")"); }

  void check_text(std::string_view text) {
    for (std::size_t i = text.find('&'); i != std::string_view::npos; i = text.find('&', i + 1)) {
      const std::size_t end = text.find(';', i);
      if (end == std::string_view::npos || end > i + 8) problem("a bare ampersand");
    }
  }

  void read_text() {
    const std::size_t end = std::min(page_.find('<', at_), page_.size());
    const std::string_view text = page_.substr(at_, end - at_);
    check_text(text);
    if (text.find('>') != std::string_view::npos) problem("a bare '>'");
    const bool blank = std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; });
    if (open_.empty() && !blank) problem("text outside of all elements");
    at_ = end;
  }

  std::string read_name() {
    const std::size_t start = at_;
    while (at_ < page_.size() && (std::isalnum(static_cast<unsigned char>(page_[at_])) || page_[at_] == '-')) ++at_;
    return std::string(page_.substr(start, at_ - start));
  }

  void skip_space() {
    while (at_ < page_.size() && std::isspace(static_cast<unsigned char>(page_[at_]))) ++at_;
  }

  void read_tag() {
    ++at_;
    if (at_ < page_.size() && page_[at_] == '/') {
      ++at_;
      const std::string name = read_name();
      if (open_.empty() || open_.back() != name) {
        problem("</" + name + "> closes " + (open_.empty() ? "nothing" : "<" + open_.back() + ">"));
      }
      if (!open_.empty()) open_.pop_back();
      expect_end(name);
      return;
    }
    const std::string name = read_name();
    if (name.empty()) problem("a bare '<'");
    const std::map<std::string, std::string> attributes = read_attributes();
    expect_end(name);
    if (attributes.contains("id") && !ids_.insert(attributes.at("id")).second) {
      problem("the id '" + attributes.at("id") + "' is there twice");
    }
    for (const char* reference : {"for", "aria-labelledby"}) {
      if (attributes.contains(reference)) references_.insert(attributes.at(reference));
    }
    if (attributes.contains("href") && attributes.at("href").starts_with("#")) {
      references_.insert(attributes.at("href").substr(1));
    }
    if (contains(kVoid, name)) return;
    open_.push_back(name);
    if (!contains(kRaw, name)) return;
    const std::size_t end = page_.find("</" + name, at_);
    at_ = std::min(end, page_.size());
  }

  void expect_end(const std::string& name) {
    skip_space();
    if (at_ < page_.size() && page_[at_] == '>') {
      ++at_;
    } else {
      problem("the tag of " + name + " does not end");
      at_ = std::min(page_.find('>', at_), page_.size());
    }
  }

  std::map<std::string, std::string> read_attributes() {
    std::map<std::string, std::string> attributes;
    for (;;) {
      skip_space();
      const std::string name = read_name();
      if (name.empty()) return attributes;
      std::string value;
      if (at_ < page_.size() && page_[at_] == '=') {
        ++at_;
        if (at_ >= page_.size() || page_[at_] != '"') {
          problem("the attribute " + name + " has no quotes");
          return attributes;
        }
        const std::size_t end = std::min(page_.find('"', at_ + 1), page_.size());
        value = page_.substr(at_ + 1, end - at_ - 1);
        check_text(value);
        at_ = std::min(end + 1, page_.size());
      }
      if (!attributes.emplace(name, value).second) problem("the attribute " + name + " is there twice");
    }
  }

  std::string_view page_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::set<std::string> references_;
};

}  // namespace

std::vector<std::string> html_problems(const std::string& page) {
  Checker checker(page);
  checker.run();
  return checker.problems_;
}

std::set<std::string> html_ids(const std::string& page) {
  Checker checker(page);
  checker.run();
  return checker.ids_;
}

}  // namespace yourmt3::testing
