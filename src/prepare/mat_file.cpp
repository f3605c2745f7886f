#include "prepare/mat_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "core/mapped_file.h"

namespace yourmt3 {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in the file");

constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kMaxInflated = std::size_t{32} << 20;
constexpr int kMaxDepth = 8;

enum ElementType : std::uint32_t {
  kInt8 = 1,
  kUint8 = 2,
  kInt16 = 3,
  kUint16 = 4,
  kInt32 = 5,
  kUint32 = 6,
  kSingle = 7,
  kDouble = 9,
  kInt64 = 12,
  kUint64 = 13,
  kMatrix = 14,
  kCompressed = 15,
};
constexpr std::uint32_t kCellClass = 1;
constexpr std::uint32_t kFirstNumberClass = 6, kLastNumberClass = 15;

struct Element {
  std::uint32_t type = 0;
  std::span<const std::byte> data;
};

template <class T>
T number_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// Elements one after the other, each padded to eight bytes.
class Elements {
 public:
  explicit Elements(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool at_end() const { return bytes_.size() < 8; }

  Element next() {
    if (at_end()) fail(ErrorCode::kMalformed, "an element is missing at the end");
    const auto first = number_at<std::uint32_t>(bytes_, 0);
    if (first >> 16 != 0) {  // Up to four bytes lie in the tag itself.
      const std::size_t size = first >> 16;
      if (size > 4) fail(ErrorCode::kMalformed, "a short element has {} bytes, more than 4", size);
      const Element element{first & 0xFFFF, bytes_.subspan(4, size)};
      bytes_ = bytes_.subspan(8);
      return element;
    }
    const std::size_t size = number_at<std::uint32_t>(bytes_, 4);
    if (size > bytes_.size() - 8) {
      fail(ErrorCode::kMalformed, "an element of {} bytes, but only {} are left", size, bytes_.size() - 8);
    }
    const Element element{first, bytes_.subspan(8, size)};
    const std::size_t padded = first == kCompressed ? size : (size + 7) / 8 * 8;
    bytes_ = bytes_.subspan(std::min(8 + padded, bytes_.size()));
    return element;
  }

  Element next(std::uint32_t type, const char* what) {
    const Element element = next();
    if (element.type != type) {
      fail(ErrorCode::kMalformed, "the {} of a matrix has the type {}, expected {}", what, element.type, type);
    }
    return element;
  }

 private:
  std::span<const std::byte> bytes_;
};

template <class T>
std::vector<double> converted(std::span<const std::byte> data) {
  std::vector<double> numbers(data.size() / sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(number_at<T>(data, i * sizeof(T)));
  return numbers;
}

std::vector<double> numbers_of(const Element& element) {
  switch (element.type) {
    case kInt8:
      return converted<std::int8_t>(element.data);
    case kUint8:
      return converted<std::uint8_t>(element.data);
    case kInt16:
      return converted<std::int16_t>(element.data);
    case kUint16:
      return converted<std::uint16_t>(element.data);
    case kInt32:
      return converted<std::int32_t>(element.data);
    case kUint32:
      return converted<std::uint32_t>(element.data);
    case kSingle:
      return converted<float>(element.data);
    case kDouble:
      return converted<double>(element.data);
    case kInt64:
      return converted<std::int64_t>(element.data);
    case kUint64:
      return converted<std::uint64_t>(element.data);
    default:
      fail(ErrorCode::kMalformed, "numbers of the type {}", element.type);
  }
}

struct Named {
  std::string name;
  std::optional<MatValue> value;  ///< None: of a kind that is left out.
};

Named read_matrix(std::span<const std::byte> bytes, int depth) {
  if (depth > kMaxDepth) fail(ErrorCode::kUnsupported, "cell arrays in cell arrays, more than {} deep", kMaxDepth);
  if (bytes.empty()) return {{}, MatValue{{0, 0}, {}, {}, false}};
  Elements elements(bytes);
  const Element flags = elements.next(kUint32, "kind");
  if (flags.data.size() < 8) fail(ErrorCode::kMalformed, "the kind of a matrix has {} bytes", flags.data.size());
  const std::uint32_t kind = number_at<std::uint32_t>(flags.data, 0) & 0xFF;
  MatValue value;
  std::size_t count = 1;
  const Element sizes = elements.next(kInt32, "size");
  for (const double size : converted<std::int32_t>(sizes.data)) {
    if (size < 0 || (size > 0 && count > bytes.size() / static_cast<std::size_t>(size))) {
      fail(ErrorCode::kMalformed, "a matrix with a dimension of {}, more than its {} bytes hold", size, bytes.size());
    }
    value.size.push_back(static_cast<std::size_t>(size));
    count *= value.size.back();
  }
  if (value.size.size() < 2) fail(ErrorCode::kMalformed, "a matrix of {} dimensions", value.size.size());
  const Element name = elements.next(kInt8, "name");
  Named named{{reinterpret_cast<const char*>(name.data.data()), name.data.size()}, {}};
  if (kind == kCellClass) {
    value.is_cell = true;
    for (std::size_t i = 0; i < count; ++i) {
      Named cell = read_matrix(elements.next(kMatrix, "cell").data, depth + 1);
      if (!cell.value) fail(ErrorCode::kUnsupported, "'{}' has cells that are no numbers", named.name);
      value.cells.push_back(std::move(*cell.value));
    }
  } else if (kind >= kFirstNumberClass && kind <= kLastNumberClass) {
    value.numbers = numbers_of(elements.next());
    if (value.numbers.size() != count) {
      fail(ErrorCode::kMalformed, "'{}' has {} numbers, its size tells {}", named.name, value.numbers.size(), count);
    }
  } else {
    return named;
  }
  named.value = std::move(value);
  return named;
}

std::vector<std::byte> inflate_all(std::span<const std::byte> compressed) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) fail(ErrorCode::kOutOfMemory, "no memory to decompress");
  struct End {
    z_stream& stream;
    ~End() { inflateEnd(&stream); }
  } const end{stream};
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::vector<std::byte> bytes;
  std::array<std::byte, 16384> chunk;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    bytes.insert(bytes.end(), chunk.begin(), chunk.end() - stream.avail_out);
    if (bytes.size() > kMaxInflated) fail(ErrorCode::kUnsupported, "a variable of more than {} bytes", kMaxInflated);
  }
  if (status != Z_STREAM_END) fail(ErrorCode::kMalformed, "a compressed variable is cut or damaged");
  return bytes;
}

void check_header(std::span<const std::byte> bytes) {
  const std::string_view begin(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 19));
  if (begin == "MATLAB 7.3 MAT-file" || begin.starts_with("\x89HDF")) {
    fail(ErrorCode::kUnsupported, "a MAT-file of version 7.3, expected version 5; save it again with -v7");
  }
  if (bytes.size() < kHeaderBytes || number_at<std::uint16_t>(bytes, 124) != 0x0100 ||
      number_at<std::uint16_t>(bytes, 126) != 0x4D49) {
    fail(ErrorCode::kMalformed, "no little-endian MAT-file of version 5");
  }
}

}  // namespace

std::map<std::string, MatValue> parse_mat(std::span<const std::byte> bytes) {
  check_header(bytes);
  std::map<std::string, MatValue> variables;
  Elements elements(bytes.subspan(kHeaderBytes));
  std::size_t inflated_bytes = 0;
  while (!elements.at_end()) {
    Element element = elements.next();
    std::vector<std::byte> inflated;
    if (element.type == kCompressed) {
      inflated = inflate_all(element.data);
      inflated_bytes += inflated.size();
      if (inflated_bytes > kMaxInflated) fail(ErrorCode::kUnsupported, "more than {} bytes of variables", kMaxInflated);
      element = Elements(inflated).next();
    }
    if (element.type != kMatrix) continue;
    Named named = read_matrix(element.data, 0);
    if (named.value) variables[named.name] = std::move(*named.value);
  }
  return variables;
}

std::map<std::string, MatValue> read_mat_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  try {
    return parse_mat(file.bytes());
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", path.string(), error.what());
  }
}

}  // namespace yourmt3
