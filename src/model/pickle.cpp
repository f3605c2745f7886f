#include "model/pickle.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "core/fail.h"

namespace yourmt3 {
namespace {

// Checkpoints of the largest published network have some 100 thousand nodes; 2 million take 250 MB.
constexpr std::size_t kMaxNodes = 2'000'000;
constexpr int kMaxJsonDepth = 32;
constexpr std::size_t kMaxJsonValues = 100'000;
constexpr std::size_t kMaxName = 1000;

constexpr const char* kOrderedDict = "collections.OrderedDict";

}  // namespace

/// The stack machine whose program a pickle is.
class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  Pickle run() {
    for (bool going = true; going;) {
      opcode_at_ = at_;
      going = step(static_cast<unsigned char>(take(1)[0]));
    }
    return std::move(pickle_);
  }

 private:
  using Id = Pickle::Id;
  using Kind = Pickle::Kind;
  using Node = Pickle::Node;

  template <class... Args>
  [[noreturn]] void malformed(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kMalformed, "{}, byte {}: {}", name_, opcode_at_, fmt::format(format, std::forward<Args>(args)...));
  }

  // Reading

  std::string_view take(std::uint64_t n) {
    if (n > bytes_.size() - at_) malformed("{} bytes are announced, but {} are left", n, bytes_.size() - at_);
    const std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + at_, n);
    at_ += n;
    return taken;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + at_, bytes_.size() - at_);
    const std::size_t end = rest.substr(0, kMaxName).find('\n');
    if (end == std::string_view::npos) malformed("a name has no end within {} bytes", kMaxName);
    at_ += end + 1;
    return rest.substr(0, end);
  }

  // Nodes and stack

  Id add(Node node) {
    if (pickle_.nodes_.size() >= kMaxNodes) {
      fail(ErrorCode::kUnsupported, "{}, byte {}: more than {} values; this is not a model", name_, opcode_at_,
           kMaxNodes);
    }
    pickle_.nodes_.push_back(std::move(node));
    return static_cast<Id>(pickle_.nodes_.size() - 1);
  }
  Id add(Kind kind) {
    Node node;
    node.kind = kind;
    return add(std::move(node));
  }
  void push(Id id) { stack_.push_back(id); }
  bool push_kind(Kind kind) {
    push(add(kind));
    return true;
  }
  bool push_int(std::int64_t value, Kind kind = Kind::kInt) {
    const Id id = add(kind);
    pickle_.nodes_[id].integer = value;
    push(id);
    return true;
  }
  bool push_text(std::string_view text, Kind kind = Kind::kText) {
    const Id id = add(kind);
    pickle_.nodes_[id].text = text;
    push(id);
    return true;
  }

  Id pop() {
    if (stack_.size() <= floor()) malformed("the stack is empty");
    const Id id = stack_.back();
    stack_.pop_back();
    return id;
  }
  Id top() {
    if (stack_.size() <= floor()) malformed("the stack is empty");
    return stack_.back();
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  /// Everything above the last mark.
  std::vector<Id> pop_to_mark() {
    if (marks_.empty()) malformed("a mark is missing");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Id> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  bool push_tuple(std::vector<Id> items) {
    const Id id = add(Kind::kTuple);
    pickle_.nodes_[id].items = std::move(items);
    push(id);
    return true;
  }

  bool push_last_as_tuple(std::size_t n) {
    std::vector<Id> items(n);
    for (std::size_t i = n; i-- > 0;) items[i] = pop();
    return push_tuple(std::move(items));
  }

  bool append(const std::vector<Id>& items, bool pairs) {
    Node& target = pickle_.nodes_[top()];
    const Kind plain = pairs ? Kind::kDict : Kind::kList;
    if (target.kind != plain && target.kind != Kind::kObject) malformed("only a list, mapping or object can be filled");
    if (pairs && items.size() % 2 != 0) malformed("a key has no value");
    target.items.insert(target.items.end(), items.begin(), items.end());
    return true;
  }

  bool call() {
    const Id arguments = pop();
    const Id callee = pop();
    const Node& function = pickle_.nodes_[callee];
    if (function.kind == Kind::kGlobal && function.text == kOrderedDict && pickle_.nodes_[arguments].items.empty()) {
      return push_kind(Kind::kDict);
    }
    const Id id = add(Kind::kObject);
    pickle_.nodes_[id].callee = callee;
    pickle_.nodes_[id].arguments = arguments;
    push(id);
    return true;
  }

  bool build() {
    const Id state = pop();
    pickle_.nodes_[top()].state = state;
    return true;
  }

  bool persistent() {
    const Id arguments = pop();
    const Id id = add(Kind::kPersistent);
    pickle_.nodes_[id].arguments = arguments;
    push(id);
    return true;
  }

  bool global(std::string_view module, std::string_view name) {
    return push_text(fmt::format("{}.{}", module, name), Kind::kGlobal);
  }
  bool global_from_stack() {
    const Id name = pop(), module = pop();
    if (pickle_.nodes_[name].kind != Kind::kText || pickle_.nodes_[module].kind != Kind::kText) {
      malformed("the name of a class is not text");
    }
    // Two short references to a long text must not copy it again and again.
    if (pickle_.nodes_[name].text.size() + pickle_.nodes_[module].text.size() > kMaxName) {
      malformed("the name of a class is longer than {} bytes", kMaxName);
    }
    return global(pickle_.nodes_[module].text, pickle_.nodes_[name].text);
  }

  bool put(std::uint32_t slot) {
    const Id id = top();
    if (memo_.size() >= kMaxNodes && !memo_.contains(slot)) malformed("more than {} memos", kMaxNodes);
    memo_[slot] = id;
    return true;
  }
  bool get(std::uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) malformed("memo {} is empty", slot);
    push(found->second);
    return true;
  }

  bool long_integer(std::size_t n) {
    const std::string_view digits = take(n);
    if (n > 8) return push_kind(Kind::kBigInt);
    std::uint64_t value = n > 0 && (static_cast<unsigned char>(digits.back()) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    std::memcpy(&value, digits.data(), n);
    return push_int(static_cast<std::int64_t>(value));
  }

  bool real() {
    std::uint64_t bits = 0;
    for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
    const Id id = add(Kind::kFloat);
    pickle_.nodes_[id].real = std::bit_cast<double>(bits);
    push(id);
    return true;
  }

  bool stop() {
    pickle_.root_ = pop();
    if (!stack_.empty() || !marks_.empty()) malformed("values are left over at the end");
    return false;
  }

  /// One instruction; false at the end. Source: the opcode table of CPython's pickletools.
  bool step(unsigned char opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (const auto version = number<std::uint8_t>(); version < 2 || version > 4) {
          fail(ErrorCode::kUnsupported, "{}: pickle protocol {}, expected 2 to 4", name_, version);
        }
        return true;
      case 0x95:  // FRAME: a hint for buffering
        number<std::uint64_t>();
        return true;
      case '.':
        return stop();
      case '(':  // MARK
        marks_.push_back(stack_.size());
        return true;
      case 'N':
        return push_kind(Kind::kNone);
      case 0x88:  // NEWTRUE
        return push_int(1, Kind::kBool);
      case 0x89:  // NEWFALSE
        return push_int(0, Kind::kBool);
      case 'J':  // BININT
        return push_int(number<std::int32_t>());
      case 'K':  // BININT1
        return push_int(number<std::uint8_t>());
      case 'M':  // BININT2
        return push_int(number<std::uint16_t>());
      case 0x8a:  // LONG1
        return long_integer(number<std::uint8_t>());
      case 'G':  // BINFLOAT
        return real();
      case 'X':  // BINUNICODE
      case 'B':  // BINBYTES
      case 'T':  // BINSTRING
        return push_text(take(number<std::uint32_t>()));
      case 0x8c:  // SHORT_BINUNICODE
      case 'C':   // SHORT_BINBYTES
      case 'U':   // SHORT_BINSTRING
        return push_text(take(number<std::uint8_t>()));
      case '}':  // EMPTY_DICT
        return push_kind(Kind::kDict);
      case ']':   // EMPTY_LIST
      case 0x8f:  // EMPTY_SET
        return push_kind(Kind::kList);
      case ')':  // EMPTY_TUPLE
        return push_kind(Kind::kTuple);
      case 't':  // TUPLE
        return push_tuple(pop_to_mark());
      case 0x85:  // TUPLE1 to TUPLE3
      case 0x86:
      case 0x87:
        return push_last_as_tuple(opcode - 0x84u);
      case 'a': {  // APPEND
        const Id item = pop();
        return append({item}, false);
      }
      case 'e':   // APPENDS
      case 0x90:  // ADDITEMS
        return append(pop_to_mark(), false);
      case 's': {  // SETITEM
        const Id value = pop(), key = pop();
        return append({key, value}, true);
      }
      case 'u':  // SETITEMS
        return append(pop_to_mark(), true);
      case 'c': {  // GLOBAL
        const std::string_view module = line();
        return global(module, line());
      }
      case 0x93:  // STACK_GLOBAL
        return global_from_stack();
      case 'R':   // REDUCE
      case 0x81:  // NEWOBJ
        return call();
      case 'b':
        return build();
      case 'Q':  // BINPERSID
        return persistent();
      case 'q':  // BINPUT
        return put(number<std::uint8_t>());
      case 'r':  // LONG_BINPUT
        return put(number<std::uint32_t>());
      case 0x94:  // MEMOIZE
        return put(static_cast<std::uint32_t>(memo_.size()));
      case 'h':  // BINGET
        return get(number<std::uint8_t>());
      case 'j':  // LONG_BINGET
        return get(number<std::uint32_t>());
      default:
        fail(ErrorCode::kUnsupported, "{}, byte {}: instruction 0x{:02x} does not occur in checkpoints", name_,
             opcode_at_, opcode);
    }
  }

  std::span<const std::byte> bytes_;
  std::string name_;
  std::size_t at_ = 0;
  std::size_t opcode_at_ = 0;
  Pickle pickle_;
  std::vector<Id> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, Id> memo_;
};

namespace {

using nlohmann::json;

class JsonWriter {
 public:
  explicit JsonWriter(const Pickle& pickle) : pickle_(pickle) {}

  json write(Pickle::Id id, int depth = 0) {
    if (id == Pickle::kNothing) return nullptr;
    if (depth > kMaxJsonDepth || ++n_values_ > kMaxJsonValues) return "...";
    const Pickle::Node& node = pickle_[id];
    switch (node.kind) {
      case Pickle::Kind::kNone:
        return nullptr;
      case Pickle::Kind::kBool:
        return node.integer != 0;
      case Pickle::Kind::kInt:
        return node.integer;
      case Pickle::Kind::kBigInt:
      case Pickle::Kind::kPersistent:
        return "...";
      case Pickle::Kind::kFloat:
        return node.real;
      case Pickle::Kind::kText:
      case Pickle::Kind::kGlobal:
        return text(node);
      case Pickle::Kind::kList:
      case Pickle::Kind::kTuple:
        return list(node, depth);
      case Pickle::Kind::kDict:
        return mapping(node, depth);
      case Pickle::Kind::kObject:
        break;
    }
    json object = {{"class", write(node.callee, depth + 1)}};
    if (node.state != Pickle::kNothing) object["state"] = write(node.state, depth + 1);
    return object;
  }

 private:
  /// Long texts count as several values: one of them may be referred to many times.
  std::string text(const Pickle::Node& node) {
    n_values_ += node.text.size() / 16;
    return n_values_ > kMaxJsonValues ? "..." : node.text;
  }

  json list(const Pickle::Node& node, int depth) {
    json result = json::array();
    for (const Pickle::Id item : node.items) {
      if (n_values_ > kMaxJsonValues) break;
      result.push_back(write(item, depth + 1));
    }
    return result;
  }

  json mapping(const Pickle::Node& node, int depth) {
    json result = json::object();
    for (std::size_t i = 0; i + 1 < node.items.size() && n_values_ <= kMaxJsonValues; i += 2) {
      const Pickle::Node& key = pickle_[node.items[i]];
      result[key.kind == Pickle::Kind::kText ? text(key) : fmt::format("{}", key.integer)] =
          write(node.items[i + 1], depth + 1);
    }
    return result;
  }

  const Pickle& pickle_;
  std::size_t n_values_ = 0;
};

}  // namespace

Pickle Pickle::parse(std::span<const std::byte> bytes, std::string_view name) {
  return PickleMachine(bytes, name).run();
}

Pickle::Id Pickle::find(Id dict, std::string_view key) const {
  if (dict == kNothing || nodes_[dict].kind != Kind::kDict) return kNothing;
  const std::vector<Id>& items = nodes_[dict].items;
  Id found = kNothing;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    // As in Python, the last of equal keys counts.
    if (nodes_[items[i]].kind == Kind::kText && nodes_[items[i]].text == key) found = items[i + 1];
  }
  return found;
}

bool Pickle::is_call(Id id, std::string_view name) const {
  if (id == kNothing || nodes_[id].kind != Kind::kObject) return false;
  const Node& callee = nodes_[nodes_[id].callee];
  return callee.kind == Kind::kGlobal && callee.text == name;
}

json Pickle::to_json(Id id) const {
  return JsonWriter(*this).write(id);
}

}  // namespace yourmt3
