#include "model/model_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>

#include "core/emptied_json.h"
#include "core/fail.h"
#include "core/json_depth.h"
#include "core/mapped_file.h"
#include "model/checkpoint.h"
#include "model/safetensors.h"
#include "model/zip_archive.h"

namespace yourmt3 {
namespace {

constexpr const char* kFormatVersion = "1";
constexpr std::size_t kMaxConfig = std::size_t{1} << 20;

/// A pickle without a zip around it, as PyTorch before 1.6 wrote.
bool looks_like_pickle(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x80} && std::to_integer<int>(bytes[1]) <= 5 &&
         std::to_integer<int>(bytes[1]) >= 1;
}

std::string first_names(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3;
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, names.size())));
  return fmt::format("'{}'{}", fmt::join(first, "', '"),
                     names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "");
}

ModelConfig config_of_metadata(const Weights& weights, const std::string& source) {
  const auto format = weights.metadata.find(kFormatKey);
  if (format != weights.metadata.end() && format->second != kFormatVersion) {
    fail(ErrorCode::kUnsupported, "{}: was written in format {}, this program reads format {}; a newer one may read it",
         source, format->second, kFormatVersion);
  }
  const auto found = weights.metadata.find(kConfigKey);
  if (found == weights.metadata.end()) {
    const std::string variant = recognise_published(weights);
    if (!variant.empty()) return published_config(variant);
    fail(ErrorCode::kMalformed,
         "{}: has no '{}' in its metadata, and its {} tensors fit none of the published models; convert the checkpoint "
         "that it came from",
         source, kConfigKey, weights.tensors.size());
  }
  if (found->second.size() > kMaxConfig) {
    fail(ErrorCode::kMalformed, "{}: '{}' in its metadata has {} bytes", source, kConfigKey, found->second.size());
  }
  try {
    const EmptiedJson json(nlohmann::json::parse(shallow_json(found->second)));
    ModelConfig config;
    from_json(*json, config);
    validate(config);
    return config;
  } catch (const nlohmann::json::exception&) {
    fail(ErrorCode::kMalformed, "{}: '{}' in its metadata is not valid JSON", source, kConfigKey);
  } catch (const Error& error) {
    fail(ErrorCode::kMalformed, "{}: {}", source, error.what());
  }
}

/// Whether rounding is harmless: what training moves, and no more.
bool may_round(const TensorSpec& spec) {
  return spec.kind == TensorSpec::Kind::kParameter && is_floating(spec.dtype);
}

std::vector<std::byte> rounded(const std::string& name, const TensorView& tensor, DType dtype) {
  const std::vector<float> values = tensor.to_f32();
  std::vector<std::byte> bytes(values.size() * size_of(dtype));
  convert_from_f32(values, dtype, bytes);
  std::vector<float> back(values.size());
  convert_to_f32(dtype, bytes, back);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && !std::isfinite(back[i])) {
      fail(ErrorCode::kInvalidArgument, "tensor '{}' holds {}, beyond the range of {}; bf16 has that of f32", name,
           values[i], to_string(dtype));
    }
  }
  return bytes;
}

void change_inference(ModelConfig& config, const std::map<std::string, std::string>& changes) {
  if (changes.empty()) return;
  nlohmann::json json = config;
  for (const auto& [field, text] : changes) {
    json["inference"][field] = nlohmann::json::parse(text, nullptr, false);
  }
  try {
    from_json(json, config);
    validate(config);
  } catch (const Error& error) {
    fail(ErrorCode::kInvalidArgument, "{}", error.what());
  }
}

}  // namespace

Model load_model(const std::filesystem::path& path, const LogSink& log) {
  const std::string source = path.string();
  auto file = std::make_shared<MappedFile>(path);
  const auto bytes = file->bytes();
  Model model;
  if (bytes.empty()) {
    fail(ErrorCode::kMalformed, "{}: is empty", source);
  } else if (looks_like_zip(bytes)) {
    Checkpoint checkpoint = parse_checkpoint(bytes, source, file);
    model.config = config_of_checkpoint(checkpoint, source);
    model.weights = std::move(checkpoint.weights);
  } else if (looks_like_pickle(bytes)) {
    fail(ErrorCode::kUnsupported, "{}: is a pickle of PyTorch before 1.6; save it again with a newer version", source);
  } else {
    model.weights = parse_safetensors(bytes, source, file);
    model.config = config_of_metadata(model.weights, source);
  }
  model.weights.file = file;
  const TensorReport report = check_tensors(model.config, model.weights, source);
  if (!report.missing.empty()) {
    fail(ErrorCode::kMalformed, "{}: lacks {} of the tensors that the network needs: {}", source, report.missing.size(),
         first_names(report.missing));
  }
  if (!report.unexpected.empty() && log) {
    log(LogLevel::kWarning, fmt::format("{}: {} tensors are not part of the network and left out: {}", source,
                                        report.unexpected.size(), first_names(report.unexpected)));
  }
  std::set<std::string> known;
  for (TensorSpec& spec : expected_tensors(model.config)) known.insert(std::move(spec.name));
  std::erase_if(model.weights.tensors, [&](const auto& item) { return !known.contains(item.first); });
  return model;
}

void save_model(const std::filesystem::path& path, const ModelConfig& config,
                const std::map<std::string, TensorView>& tensors, const SaveOptions& options) {
  if (!is_floating(options.dtype) || options.dtype == DType::kF64) {
    fail(ErrorCode::kInvalidArgument, "weights are stored as F32, F16 or BF16, not as {}", to_string(options.dtype));
  }
  validate(config);
  const std::string source = path.string();
  const TensorReport report = check_tensors(config, Weights{tensors, {}, {}, {}}, source);
  if (!report.missing.empty() || !report.unexpected.empty()) {
    fail(ErrorCode::kInvalidArgument, "{}: {} {}", source, report.missing.empty() ? "does not need" : "lacks",
         first_names(report.missing.empty() ? report.unexpected : report.missing));
  }
  std::map<std::string, TensorView> stored;
  std::deque<std::vector<std::byte>> buffers;
  for (const TensorSpec& spec : expected_tensors(config)) {
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) continue;
    TensorView view = found->second;
    if (may_round(spec) && view.dtype != options.dtype) {
      buffers.push_back(rounded(spec.name, view, options.dtype));
      view.dtype = options.dtype;
      view.bytes = buffers.back();
    }
    stored.emplace(spec.name, std::move(view));
  }
  std::map<std::string, std::string> metadata = options.metadata;
  metadata[kConfigKey] = nlohmann::json(config).dump();
  metadata[kFormatKey] = kFormatVersion;
  write_safetensors(path, stored, metadata, options.existing);
}

void convert_model(const std::filesystem::path& input, const std::filesystem::path& output,
                   const ConvertOptions& options, const LogSink& log) {
  Model model = load_model(input, log);
  SaveOptions save;
  save.existing = options.existing;
  save.metadata = model.weights.metadata;
  save.metadata.emplace("source", input.filename().string());
  for (const auto& [key, text] : options.metadata) save.metadata.insert_or_assign(key, text);
  change_inference(model.config, options.inference);
  const auto head = model.weights.tensors.find("lm_head.lm_head.weight");
  const DType stored = head == model.weights.tensors.end() ? DType::kF32 : head->second.dtype;
  save.dtype = options.dtype.value_or(stored == DType::kF64 ? DType::kF32 : stored);
  save_model(output, model.config, model.weights.tensors, save);
}

}  // namespace yourmt3
