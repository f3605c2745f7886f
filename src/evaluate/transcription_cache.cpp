#include "evaluate/transcription_cache.h"

#include <fmt/ranges.h>
// Inlined: one function of it is needed, and the program starts with one library less.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/mapped_file.h"
#include "score/note_text.h"

namespace yourmt3 {
namespace {

constexpr const char* kMember = "transcription";

std::string hash_of(std::span<const std::byte> bytes, std::uint64_t seed = 0) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string text_of(const Transcriber::Decoding& decoding) {
  return fmt::format("only {} without {} constrained {}", fmt::join(decoding.only, ","),
                     fmt::join(decoding.without, ","),
                     decoding.constrained ? (*decoding.constrained ? "yes" : "no") : "as the model");
}

}  // namespace

TranscriptionCache::TranscriptionCache(std::filesystem::path folder, const std::filesystem::path& model,
                                       Precision precision, const Transcriber::Decoding& decoding)
    : folder_(std::move(folder)),
      model_hash_(hash_of(MappedFile(model).bytes())),
      how_(fmt::format("{} {}", precision_name(precision), text_of(decoding))) {}

std::string TranscriptionCache::name_of(std::span<const float> samples) const {
  const std::string what = fmt::format("{} {} {} {}", version(), how_, model_hash_, hash_of(std::as_bytes(samples)));
  return hash_of(std::as_bytes(std::span(what))) + ".json";
}

std::optional<TimedTranscription> TranscriptionCache::find(const std::string& name) const {
  try {
    const MappedFile file(folder_ / name);
    const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
    TimedTranscription kept;
    kept.heard.notes = notes_from_json(text);
    const nlohmann::json facts = nlohmann::json::parse(text).at(kMember);
    kept.seconds = facts.at("seconds").get<double>();
    kept.heard.duration_sec = facts.at("duration_sec").get<double>();
    kept.heard.n_tokens = facts.at("n_tokens").get<std::int64_t>();
    kept.heard.decode_errors = facts.at("decode_errors").get<std::map<std::string, int>>();
    const nlohmann::json& stages = facts.at("stage_seconds");
    kept.heard.seconds = {stages.at("read").get<double>(), stages.at("encode").get<double>(),
                          stages.at("decode").get<double>(), stages.at("notes").get<double>()};
    return kept;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void TranscriptionCache::keep(const std::string& name, const TimedTranscription& transcription) const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) fail(ErrorCode::kIo, "{}: {}", folder_.string(), error.message());
  const Transcription& heard = transcription.heard;
  const nlohmann::json facts = {{"seconds", transcription.seconds},
                                {"duration_sec", heard.duration_sec},
                                {"n_tokens", heard.n_tokens},
                                {"decode_errors", heard.decode_errors},
                                {"stage_seconds",
                                 {{"read", heard.seconds.read},
                                  {"encode", heard.seconds.encode},
                                  {"decode", heard.seconds.decode},
                                  {"notes", heard.seconds.notes}}}};
  // Another member before the last brace of the notes: their readers pass over it.
  std::string text = notes_to_json(heard.notes);
  text.resize(text.find_last_of('}'));
  text += fmt::format(",\n\"{}\": {}}}\n", kMember, facts.dump());
  write_file_atomically(folder_ / name, text);
}

}  // namespace yourmt3
