#include "model/checkpoint.h"

#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/fail.h"
#include "core/mapped_file.h"
#include "model/pickle.h"
#include "model/reference_config.h"
#include "model/zip_archive.h"

namespace yourmt3 {
namespace {

constexpr std::size_t kMaxPickle = std::size_t{64} << 20;
constexpr std::size_t kMaxDimensions = 16;

struct StorageType {
  const char* name;
  DType dtype;
};
constexpr StorageType kStorageTypes[] = {{"torch.FloatStorage", DType::kF32},     {"torch.HalfStorage", DType::kF16},
                                         {"torch.BFloat16Storage", DType::kBF16}, {"torch.DoubleStorage", DType::kF64},
                                         {"torch.LongStorage", DType::kI64},      {"torch.IntStorage", DType::kI32},
                                         {"torch.ShortStorage", DType::kI16},     {"torch.CharStorage", DType::kI8},
                                         {"torch.ByteStorage", DType::kU8},       {"torch.BoolStorage", DType::kBool}};

/// Buffers of tensors that are not contiguous in the file, kept beside the file itself.
struct Copies {
  std::shared_ptr<const void> file;
  std::vector<std::vector<std::byte>> buffers;
};

/// Turns the calls of torch's rebuilding functions into views.
class TensorReader {
 public:
  TensorReader(const Pickle& pickle, const ZipArchive& archive, std::string root, std::size_t max_copied,
               std::string_view file)
      : pickle_(pickle), archive_(archive), root_(std::move(root)), may_copy_(max_copied), file_(file) {}

  TensorView read(Pickle::Id id, const std::string& tensor) {
    tensor_ = tensor;
    if (pickle_.is_call(id, "torch._utils._rebuild_parameter")) id = argument(arguments_of(id, 1), 0);
    if (!pickle_.is_call(id, "torch._utils._rebuild_tensor_v2")) malformed("is not a tensor that we can read");
    const Pickle::Node& arguments = arguments_of(id, 4);

    const Storage storage = read_storage(argument(arguments, 0));
    const std::int64_t offset = size(argument(arguments, 1), "storage offset");
    std::vector<std::int64_t> shape = sizes(argument(arguments, 2), "shape");
    const std::vector<std::int64_t> strides = sizes(argument(arguments, 3), "strides");
    if (strides.size() != shape.size()) malformed("has {} sizes, but {} strides", shape.size(), strides.size());
    return place(storage, offset, std::move(shape), strides);
  }

  std::vector<std::vector<std::byte>> take_copies() { return std::move(copies_); }

 private:
  struct Storage {
    DType dtype;
    std::span<const std::byte> bytes;  ///< A whole number of elements.
  };

  template <class... Args>
  [[noreturn]] void malformed(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::kMalformed, "{}: tensor '{}' {}", file_, tensor_, fmt::format(format, std::forward<Args>(args)...));
  }

  const Pickle::Node& arguments_of(Pickle::Id call, std::size_t at_least) const {
    const Pickle::Node& arguments = pickle_[pickle_[call].arguments];
    if (arguments.kind != Pickle::Kind::kTuple || arguments.items.size() < at_least) {
      malformed("is described by {} values, expected {}", arguments.items.size(), at_least);
    }
    return arguments;
  }
  static Pickle::Id argument(const Pickle::Node& arguments, std::size_t i) { return arguments.items[i]; }

  std::int64_t size(Pickle::Id id, const char* what) const {
    const Pickle::Node& node = pickle_[id];
    if (node.kind != Pickle::Kind::kInt || node.integer < 0) malformed("has a {} that is not a size", what);
    return node.integer;
  }
  std::vector<std::int64_t> sizes(Pickle::Id id, const char* what) const {
    const Pickle::Node& node = pickle_[id];
    if (node.kind != Pickle::Kind::kTuple || node.items.size() > kMaxDimensions) {
      malformed("has {} that are not a tuple of up to {} sizes", what, kMaxDimensions);
    }
    std::vector<std::int64_t> result;
    for (const Pickle::Id item : node.items) result.push_back(size(item, what));
    return result;
  }

  Storage read_storage(Pickle::Id id) {
    if (pickle_[id].kind != Pickle::Kind::kPersistent) malformed("has no storage");
    const Pickle::Node& key = pickle_[pickle_[id].arguments];
    if (key.kind != Pickle::Kind::kTuple || key.items.size() < 5 || pickle_[key.items[0]].text != "storage" ||
        pickle_[key.items[2]].kind != Pickle::Kind::kText) {
      malformed("has a storage that is not described as torch does");
    }
    const std::string& type = pickle_[key.items[1]].text;
    const StorageType* known = nullptr;
    for (const StorageType& candidate : kStorageTypes) {
      if (type == candidate.name) known = &candidate;
    }
    if (known == nullptr) {
      fail(ErrorCode::kUnsupported, "{}: tensor '{}' has the storage type '{}', which this program does not read",
           file_, tensor_, type);
    }
    const std::string entry = root_ + "/data/" + pickle_[key.items[2]].text;
    const auto found = archive_.entries().find(entry);
    if (found == archive_.entries().end()) malformed("has its data in entry '{}', which is missing", entry);
    const auto numel = static_cast<std::uint64_t>(size(key.items[4], "storage size"));
    const std::size_t available = found->second.bytes.size();
    if (numel > available / size_of(known->dtype)) {
      malformed("has a storage of {} {}, but entry '{}' has {} bytes", numel, to_string(known->dtype), entry,
                available);
    }
    if (verified_.insert(entry).second) archive_.verify(entry);
    return {known->dtype, found->second.bytes.first(numel * size_of(known->dtype))};
  }

  TensorView place(const Storage& storage, std::int64_t offset, std::vector<std::int64_t> shape,
                   const std::vector<std::int64_t>& strides) {
    const std::size_t element = size_of(storage.dtype);
    const auto capacity = static_cast<std::int64_t>(storage.bytes.size() / element);
    std::int64_t numel = 1;
    bool contiguous = true;
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (shape[i] == 0) return {storage.dtype, std::move(shape), storage.bytes.first(0)};
    }
    // The index of the last element; each product is bounded by the storage before it is formed.
    if (offset >= capacity) malformed("begins at element {} of a storage of {}", offset, capacity);
    std::int64_t last = offset;
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (shape[i] > 1) {
        if (strides[i] > (capacity - 1 - last) / (shape[i] - 1)) {
          malformed("with shape {} and strides {} reaches beyond its storage of {} elements", describe_shape(shape),
                    describe_shape(strides), capacity);
        }
        last += strides[i] * (shape[i] - 1);
        contiguous = contiguous && strides[i] == numel;
      }
      if (shape[i] > std::numeric_limits<std::int64_t>::max() / 8 / numel) {
        malformed("with shape {} is too large", describe_shape(shape));
      }
      numel *= shape[i];
    }
    const auto length = static_cast<std::size_t>(numel) * element;
    if (contiguous) {
      return {storage.dtype, std::move(shape),
              storage.bytes.subspan(static_cast<std::size_t>(offset) * element, length)};
    }
    // A stride of zero repeats elements: a few bytes could stand for any amount of memory.
    if (length > may_copy_)
      malformed("with shape {} is larger than the file that it comes from", describe_shape(shape));
    may_copy_ -= length;
    copies_.push_back(gather(storage, offset, shape, strides, length));
    return {storage.dtype, std::move(shape), copies_.back()};
  }

  static std::vector<std::byte> gather(const Storage& storage, std::int64_t offset,
                                       const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides,
                                       std::size_t length) {
    const std::size_t element = size_of(storage.dtype);
    std::vector<std::byte> copy(length);
    std::vector<std::int64_t> index(shape.size(), 0);
    std::int64_t source = offset;
    for (std::size_t target = 0; target < length; target += element) {
      std::memcpy(copy.data() + target, storage.bytes.data() + static_cast<std::size_t>(source) * element, element);
      for (std::size_t axis = shape.size(); axis-- > 0;) {
        source += strides[axis];
        if (++index[axis] < shape[axis]) break;
        source -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
    return copy;
  }

  const Pickle& pickle_;
  const ZipArchive& archive_;
  std::string root_;
  std::size_t may_copy_;
  std::string file_;
  std::string tensor_;
  std::set<std::string> verified_;
  std::vector<std::vector<std::byte>> copies_;
};

/// The folder inside the archive, from its entry ".../data.pkl".
std::string root_of(const ZipArchive& archive, std::string_view file) {
  constexpr std::string_view kPickle = "/data.pkl";
  std::string root;
  for (const auto& [name, entry] : archive.entries()) {
    if (!name.ends_with(kPickle)) continue;
    if (!root.empty()) fail(ErrorCode::kMalformed, "{}: has two entries data.pkl", file);
    root = name.substr(0, name.size() - kPickle.size());
  }
  if (root.empty()) {
    fail(ErrorCode::kUnsupported, "{}: is a zip archive without data.pkl, so not a checkpoint of PyTorch", file);
  }
  const auto byteorder = archive.entries().find(root + "/byteorder");
  if (byteorder != archive.entries().end()) {
    const auto bytes = byteorder->second.bytes;
    const std::string_view order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (order != "little") fail(ErrorCode::kUnsupported, "{}: is not little-endian", file);
  }
  return root;
}

}  // namespace

Checkpoint parse_checkpoint(std::span<const std::byte> bytes, std::string_view name,
                            std::shared_ptr<const void> storage) {
  const ZipArchive archive(bytes, name);
  const std::string root = root_of(archive, name);
  const std::string pickle_entry = root + "/data.pkl";
  const auto pickle_bytes = archive.at(pickle_entry).bytes;
  if (pickle_bytes.size() > kMaxPickle) {
    fail(ErrorCode::kUnsupported, "{}: entry '{}' has {} bytes, more than any model needs", name, pickle_entry,
         pickle_bytes.size());
  }
  archive.verify(pickle_entry);
  const Pickle pickle = Pickle::parse(pickle_bytes, fmt::format("{}: {}", name, pickle_entry));

  Pickle::Id state = pickle.find(pickle.root(), "state_dict");
  if (state == Pickle::kNothing) state = pickle.root();  // A bare state dict, as torch.save writes it.
  if (pickle[state].kind != Pickle::Kind::kDict) fail(ErrorCode::kMalformed, "{}: holds no state_dict", name);

  Checkpoint checkpoint;
  TensorReader reader(pickle, archive, root, bytes.size(), name);
  const std::vector<Pickle::Id>& items = pickle[state].items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const Pickle::Node& key = pickle[items[i]];
    if (key.kind != Pickle::Kind::kText) fail(ErrorCode::kMalformed, "{}: a key of state_dict is not text", name);
    if (!checkpoint.weights.tensors.emplace(key.text, reader.read(items[i + 1], key.text)).second) {
      fail(ErrorCode::kMalformed, "{}: tensor '{}' occurs twice", name, key.text);
    }
  }
  const Pickle::Id hyper = pickle.find(pickle.root(), "hyper_parameters");
  if (hyper != Pickle::kNothing) checkpoint.hyper_parameters = pickle.to_json(hyper);
  // Moving the outer vector leaves the buffers, and the views of them, where they are.
  checkpoint.weights.storage = std::make_shared<const Copies>(Copies{std::move(storage), reader.take_copies()});
  return checkpoint;
}

Checkpoint load_checkpoint(const std::filesystem::path& path) {
  auto file = std::make_shared<MappedFile>(path);
  const auto bytes = file->bytes();
  return parse_checkpoint(bytes, path.string(), std::move(file));
}

}  // namespace yourmt3
