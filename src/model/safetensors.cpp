#include "model/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/mapped_file.h"

namespace yourmt3 {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeader = 100'000'000;  // The limit of the format's own reader.
constexpr std::size_t kMaxDimensions = 16;
constexpr std::size_t kAlignment = 64;
constexpr const char* kMetadataKey = "__metadata__";

struct Entry {
  std::string name;
  std::optional<std::string> dtype;
  std::optional<std::vector<std::int64_t>> shape;
  std::optional<std::vector<std::int64_t>> offsets;
};

/// Takes the header apart as it is parsed, so that neither depth nor repeated keys can do harm: anything but the one
/// allowed structure stops the parser.
class HeaderParser : public nlohmann::json_sax<json> {
 public:
  explicit HeaderParser(std::string_view name) : name_(name) {}

  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_float(number_float_t, const string_t&) override { return unexpected("a fraction"); }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool number_integer(number_integer_t value) override { malformed(fmt::format("negative number {}", value)); }

  bool number_unsigned(number_unsigned_t value) override {
    if (state_ != State::kList) return unexpected("a number");
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      malformed(fmt::format("number {} is too large", value));
    }
    if (list_->size() == kMaxDimensions) malformed(fmt::format("list of more than {} numbers", kMaxDimensions));
    list_->push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool string(string_t& value) override {
    if (state_ == State::kMetadata) {
      if (!metadata.emplace(key_, value).second) malformed(fmt::format("metadata '{}' occurs twice", key_));
      return true;
    }
    if (state_ != State::kTensor || key_ != "dtype") return unexpected("a string");
    set(entries.back().dtype) = value;
    return true;
  }

  bool start_object(std::size_t) override {
    if (state_ == State::kStart) {
      state_ = State::kTop;
    } else if (state_ == State::kTop && key_ == kMetadataKey) {
      if (std::exchange(has_metadata_, true)) malformed("__metadata__ occurs twice");
      state_ = State::kMetadata;
    } else if (state_ == State::kTop) {
      entries.push_back({key_, {}, {}, {}});
      state_ = State::kTensor;
    } else {
      return unexpected("an object");
    }
    return true;
  }

  bool key(string_t& value) override {
    key_ = value;
    return true;
  }

  bool end_object() override {
    state_ = state_ == State::kTop ? State::kEnd : State::kTop;
    return true;
  }

  bool start_array(std::size_t) override {
    if (state_ != State::kTensor) return unexpected("a list");
    if (key_ == "shape") {
      list_ = &set(entries.back().shape);
    } else if (key_ == "data_offsets") {
      list_ = &set(entries.back().offsets);
    } else {
      return unexpected("a list");
    }
    state_ = State::kList;
    return true;
  }

  bool end_array() override {
    state_ = State::kTensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    fail(ErrorCode::kMalformed, "{}: the header is not valid JSON at byte {}", name_, kLengthBytes + position);
  }

 private:
  enum class State { kStart, kTop, kMetadata, kTensor, kList, kEnd };

  [[noreturn]] void malformed(const std::string& what) const {
    const bool inside = !entries.empty() && (state_ == State::kTensor || state_ == State::kList);
    fail(ErrorCode::kMalformed, "{}: header{}: {}", name_,
         inside ? fmt::format(", tensor '{}'", entries.back().name) : std::string(), what);
  }
  bool unexpected(const char* what) const { malformed(fmt::format("{} for '{}' was not expected", what, key_)); }

  template <class T>
  T& set(std::optional<T>& field) const {
    if (field) malformed(fmt::format("'{}' occurs twice", key_));
    return field.emplace();
  }

  std::string name_;
  State state_ = State::kStart;
  std::string key_;
  bool has_metadata_ = false;
  std::vector<std::int64_t>* list_ = nullptr;
};

/// Number of elements, or nothing when it does not fit 63 bits.
std::optional<std::uint64_t> product(const std::vector<std::int64_t>& shape) {
  std::uint64_t result = 1;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size == 0) {
      empty = true;
    } else if (result > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) /
                            static_cast<std::uint64_t>(size)) {
      return std::nullopt;
    } else {
      result *= static_cast<std::uint64_t>(size);
    }
  }
  return empty ? 0 : result;
}

/// One tensor whose place has been checked against its type and shape, but not yet against its neighbours.
struct Placed {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin, end;
};

Placed place(Entry&& entry, std::uint64_t data_size, std::string_view file) {
  if (!entry.dtype || !entry.shape || !entry.offsets) {
    fail(ErrorCode::kMalformed, "{}: tensor '{}' has no {}", file, entry.name,
         !entry.dtype   ? "dtype"
         : !entry.shape ? "shape"
                        : "data_offsets");
  }
  const auto dtype = dtype_from_string(*entry.dtype);
  if (!dtype) {
    fail(ErrorCode::kUnsupported, "{}: tensor '{}' has the element type '{}', which this program does not read", file,
         entry.name, *entry.dtype);
  }
  if (entry.offsets->size() != 2 || (*entry.offsets)[0] > (*entry.offsets)[1]) {
    fail(ErrorCode::kMalformed, "{}: tensor '{}' has data_offsets {}, expected [begin, end]", file, entry.name,
         describe_shape(*entry.offsets));
  }
  const auto begin = static_cast<std::uint64_t>((*entry.offsets)[0]);
  const auto end = static_cast<std::uint64_t>((*entry.offsets)[1]);
  if (end > data_size) {
    fail(ErrorCode::kMalformed, "{}: tensor '{}' ends at byte {} of the data, which have {}; was the file cut?", file,
         entry.name, end, data_size);
  }
  const auto numel = product(*entry.shape);
  const std::uint64_t length = end - begin;
  if (!numel || *numel > length || *numel * size_of(*dtype) != length) {
    fail(ErrorCode::kMalformed, "{}: tensor '{}' is {} {}, but has {} bytes", file, entry.name, *entry.dtype,
         describe_shape(*entry.shape), length);
  }
  return {std::move(entry.name), *dtype, std::move(*entry.shape), begin, end};
}

}  // namespace

Weights parse_safetensors(std::span<const std::byte> bytes, std::string_view name,
                          std::shared_ptr<const void> storage) {
  if (bytes.size() < kLengthBytes) {
    fail(ErrorCode::kMalformed, "{}: has {} bytes, too few for a model file", name, bytes.size());
  }
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof header_size);
  if (header_size > kMaxHeader) {
    fail(ErrorCode::kMalformed, "{}: the first 8 bytes announce a header of {} bytes; this is not a model file", name,
         header_size);
  }
  if (header_size > bytes.size() - kLengthBytes) {
    fail(ErrorCode::kMalformed, "{}: the header has {} bytes, but the file ends at byte {}; was it cut?", name,
         header_size, bytes.size());
  }
  const auto header = bytes.subspan(kLengthBytes, header_size);
  const auto data = bytes.subspan(kLengthBytes + header_size);
  const std::string_view text(reinterpret_cast<const char*>(header.data()), header.size());
  if (!text.starts_with('{')) {
    fail(ErrorCode::kMalformed, "{}: the header at byte {} does not begin with '{{'", name, kLengthBytes);
  }

  HeaderParser parser(name);
  json::sax_parse(text, &parser);

  std::vector<Placed> placed;
  placed.reserve(parser.entries.size());
  for (Entry& entry : parser.entries) placed.push_back(place(std::move(entry), data.size(), name));
  std::ranges::sort(placed, {}, [](const Placed& tensor) { return std::pair(tensor.begin, tensor.end); });

  Weights weights;
  weights.metadata = std::move(parser.metadata);
  weights.storage = std::move(storage);
  std::uint64_t expected_begin = 0;
  for (Placed& tensor : placed) {
    if (tensor.begin != expected_begin) {
      fail(ErrorCode::kMalformed, "{}: tensor '{}' begins at byte {} of the data, expected {}", name, tensor.name,
           tensor.begin, expected_begin);
    }
    expected_begin = tensor.end;
    TensorView view{tensor.dtype, std::move(tensor.shape), data.subspan(tensor.begin, tensor.end - tensor.begin)};
    if (!weights.tensors.emplace(tensor.name, std::move(view)).second) {
      fail(ErrorCode::kMalformed, "{}: tensor '{}' occurs twice", name, tensor.name);
    }
  }
  if (expected_begin != data.size()) {
    fail(ErrorCode::kMalformed, "{}: {} bytes follow the last tensor, at byte {}", name, data.size() - expected_begin,
         kLengthBytes + header_size + expected_begin);
  }
  return weights;
}

Weights read_safetensors(const std::filesystem::path& path) {
  auto file = std::make_shared<MappedFile>(path);
  const auto bytes = file->bytes();
  return parse_safetensors(bytes, path.string(), std::move(file));
}

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata, AtomicFile::Existing existing) {
  // Wide types first: a tensor then begins at a multiple of its element size without gaps, which the format forbids.
  std::vector<const std::pair<const std::string, TensorView>*> order;
  for (const auto& item : tensors) {
    if (item.first == kMetadataKey) fail(ErrorCode::kInvalidArgument, "a tensor cannot be named {}", kMetadataKey);
    order.push_back(&item);
  }
  std::ranges::stable_sort(order, std::greater{}, [](const auto* item) { return size_of(item->second.dtype); });

  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  std::uint64_t offset = 0;
  for (const auto* item : order) {
    const TensorView& tensor = item->second;
    const auto numel = product(tensor.shape);
    if (!numel || *numel * size_of(tensor.dtype) != tensor.bytes.size()) {
      fail(ErrorCode::kInvalidArgument, "tensor '{}' is {}, but has {} bytes", item->first, describe_type(tensor),
           tensor.bytes.size());
    }
    const std::uint64_t end = offset + tensor.bytes.size();
    header[item->first] = {
        {"dtype", to_string(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  // Text that is not UTF-8 (a provenance typed by hand) must not lose the model.
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.append((kAlignment - (kLengthBytes + text.size()) % kAlignment) % kAlignment, ' ');
  const std::uint64_t length = text.size();
  if (length > kMaxHeader)
    fail(ErrorCode::kInvalidArgument, "{}: names and metadata exceed the format's limit", path.string());

  AtomicFile file(path, existing);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(text);
  for (const auto* item : order) file.write(item->second.bytes);
  file.commit();
}

}  // namespace yourmt3
