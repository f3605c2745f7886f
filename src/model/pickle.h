#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace yourmt3 {

/// What a Python pickle describes, read without Python and without running anything.
///
/// A pickle is a little program that builds objects; one that calls functions can do whatever it likes to a reader that
/// obeys. This reader only takes notes: numbers, text, lists, tuples and mappings become nodes, every class or function
/// becomes its name, and every call becomes an inert node that holds the name and the arguments. Nodes refer to each
/// other by index, so that cycles and shared parts cost nothing.
class Pickle {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNothing = ~Id{0};

  enum class Kind : std::uint8_t {
    kNone,
    kBool,        ///< integer
    kInt,         ///< integer
    kBigInt,      ///< Wider than 64 bits; the value is dropped.
    kFloat,       ///< real
    kText,        ///< text; bytes too.
    kList,        ///< items; sets too.
    kTuple,       ///< items
    kDict,        ///< items: key, value, key, value, ...; an OrderedDict too.
    kGlobal,      ///< text: "module.name"
    kObject,      ///< What a call would give: callee, arguments; items as for kDict or kList if it was filled.
    kPersistent,  ///< A reference to data outside the pickle; arguments: the id.
  };

  struct Node {
    Kind kind = Kind::kNone;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
    std::vector<Id> items;
    Id callee = kNothing;
    Id arguments = kNothing;
    Id state = kNothing;  ///< What BUILD handed to the object.
  };

  /// Reads protocols 2 to 4. `name` begins the messages. Throws Error(kMalformed) naming the byte; Error(kUnsupported)
  /// for an instruction that checkpoints do not hold, or for more nodes than any of them has.
  static Pickle parse(std::span<const std::byte> bytes, std::string_view name);

  Id root() const { return root_; }
  const Node& operator[](Id id) const { return nodes_[id]; }

  /// The value of a text key in a mapping, or kNothing.
  Id find(Id dict, std::string_view key) const;

  /// True for a call of `name`, such as "torch._utils._rebuild_tensor_v2".
  bool is_call(Id id, std::string_view name) const;

  /// The value as JSON; tuples become lists, objects {"class": name, "state": ...}. What is nested deeper than 32, or
  /// comes after 100 000 values, becomes "...".
  nlohmann::json to_json(Id id) const;

 private:
  friend class PickleMachine;

  std::vector<Node> nodes_;
  Id root_ = kNothing;
};

}  // namespace yourmt3
