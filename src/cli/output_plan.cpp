#include "cli/output_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "audio/recording_names.h"
#include "cli/nearest_name.h"
#include "cli/verb.h"
#include "core/split_commas.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

bool looks_like_recording(const fs::path& path) {
  // What `transcribe --format wav` wrote.
  if (path.stem().extension() == ".transcribed") return false;
  return has_recording_extension(path);
}

std::vector<NoteFormat> chosen_formats(const OutputChoice& choice) {
  std::vector<NoteFormat> formats;
  for (const std::string& name : split_commas(choice.formats)) {
    const auto format = note_format_named(name);
    if (!format) {
      const auto nearest = nearest_name(name, note_format_names());
      throw UsageError(fmt::format("--format: unknown format '{}'{}; known are {}", name,
                                   nearest ? fmt::format("; did you mean '{}'?", *nearest) : "",
                                   fmt::join(note_format_names(), ", ")));
    }
    if (std::find(formats.begin(), formats.end(), *format) == formats.end()) formats.push_back(*format);
  }
  if (!formats.empty()) return formats;
  if (!choice.output.empty() && choice.output != "-") {
    if (const auto format = note_format_of(choice.output)) return {*format};
    throw UsageError(fmt::format("--output {}: the extension tells no format; name one with --format", choice.output));
  }
  return {NoteFormat::kMidi};
}

struct Recording {
  fs::path path;
  fs::path below;  ///< Its folder, seen from the folder that was named.
};

/// Recordings in a folder. A part that cannot be read is left out.
std::vector<Recording> find_recordings(const fs::path& folder) {
  std::vector<Recording> found;
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    if (entries->is_regular_file(ignored) && looks_like_recording(entries->path())) {
      found.push_back({entries->path(), entries->path().lexically_relative(folder).parent_path()});
    }
  }
  std::sort(found.begin(), found.end(), [](const Recording& a, const Recording& b) { return a.path < b.path; });
  return found;
}

class Planner {
 public:
  explicit Planner(const OutputChoice& choice) : choice_(choice), formats_(chosen_formats(choice)) {}

  std::vector<Job> plan(const std::vector<std::string>& inputs) {
    if (!choice_.output.empty() && !choice_.output_folder.empty()) {
      throw UsageError("--output and --output-dir exclude each other");
    }
    for (const std::string& input : inputs) add_input(input);
    if (!choice_.output.empty() && jobs_.size() > 1) {
      throw UsageError("--output names one file, but there are several recordings; use --output-dir");
    }
    check_conflicts();
    return std::move(jobs_);
  }

 private:
  void add_input(const std::string& input) {
    std::error_code ignored;
    if (input == "-") {
      jobs_.push_back(
          {input, files_for("stdin", choice_.output_folder.empty() ? "-" : choice_.output_folder), "", input});
    } else if (fs::is_directory(input, ignored)) {
      const std::vector<Recording> recordings = find_recordings(input);
      if (recordings.empty()) jobs_.push_back({input, {}, "no recordings in this folder", input});
      for (const Recording& recording : recordings) {
        const fs::path folder = choice_.output_folder.empty() ? recording.path.parent_path()
                                                              : fs::path(choice_.output_folder) / recording.below;
        jobs_.push_back({recording.path, files_for(recording.path.stem(), folder), "",
                         (recording.below / recording.path.filename()).string()});
      }
    } else {
      const fs::path path(input);
      const fs::path folder = choice_.output_folder.empty() ? path.parent_path() : fs::path(choice_.output_folder);
      jobs_.push_back({path, files_for(path.stem(), folder), fs::exists(path, ignored) ? "" : "no such file",
                       path.filename().string()});
    }
  }

  /// `folder` "-" is standard output.
  std::vector<PlannedFile> files_for(const fs::path& name, const fs::path& folder) const {
    const bool to_stdout = choice_.output == "-" || (choice_.output.empty() && folder == "-");
    if (to_stdout && formats_.size() > 1) throw UsageError("standard output takes one format only");
    std::vector<PlannedFile> files;
    for (const NoteFormat format : formats_) {
      if (to_stdout) {
        files.push_back({format, "-"});
      } else if (choice_.output.empty()) {
        files.push_back({format, folder / (name.string() + extension_beside_recording(format))});
      } else {
        fs::path path = choice_.output;
        if (formats_.size() > 1) path.replace_extension(extension_of(format));
        files.push_back({format, path});
      }
    }
    return files;
  }

  void check_conflicts() const {
    std::map<fs::path, fs::path> writer;
    for (const Job& job : jobs_) {
      for (const PlannedFile& file : job.files) {
        std::error_code ignored;
        if (file.path != "-" && fs::equivalent(file.path, job.input, ignored)) {
          throw UsageError(fmt::format("{} would be written over itself", job.input.string()));
        }
        const auto [other, is_new] = writer.emplace(file.path.lexically_normal(), job.input);
        if (!is_new) {
          throw UsageError(fmt::format("{} and {} would both be written to {}", other->second.string(),
                                       job.input.string(), file.path.string()));
        }
      }
    }
  }

  const OutputChoice& choice_;
  std::vector<NoteFormat> formats_;
  std::vector<Job> jobs_;
};

}  // namespace

std::vector<Job> plan_jobs(const std::vector<std::string>& inputs, const OutputChoice& choice) {
  return Planner(choice).plan(inputs);
}

}  // namespace yourmt3::cli
