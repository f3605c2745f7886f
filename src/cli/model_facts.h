#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace yourmt3::cli {

/// Keys of a model file's metadata about what was measured with it.
inline constexpr const char* kScoresKey = "yourmt3.scores";  ///< JSON as scores_text() gives.
inline constexpr const char* kSpeedKey = "yourmt3.speed";    ///< JSON as speed_text() gives.
inline constexpr const char* kSummaryKey = "summary";        ///< One sentence.

/// The means of each set in a report.json of `evaluate`, as a JSON text. Throws Error(kMalformed) for a file that is
/// none, and Error(kInvalidArgument) when the report is of another model file than `model`.
std::string scores_text(const std::filesystem::path& report, const std::filesystem::path& model);

/// Speed and machine of what `bench --json` printed to a file, as a JSON text. Throws Error(kMalformed).
std::string speed_text(const std::filesystem::path& bench);

/// What is known of a model file.
struct ModelFacts {
  std::string name;  ///< By which find_model() finds it.
  std::filesystem::path file;
  std::int64_t n_bytes = 0;
  std::int64_t n_parameters = 0;
  std::string task, summary, licence;  ///< Empty where the file does not say.

  struct Scores {
    std::string set;
    std::map<std::string, double> means;  ///< By the metrics' names; those of kSummaryColumns at most.
  };
  std::vector<Scores> scores;
  struct Speed {
    double times_real_time = 0;
    std::string machine, precision;
  };
  std::optional<Speed> speed;
};

/// Throws Error as load_model().
ModelFacts model_facts(const std::filesystem::path& file);
nlohmann::ordered_json to_json(const ModelFacts& facts);

}  // namespace yourmt3::cli
