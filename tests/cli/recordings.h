#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "run_program.h"
#include "support/temporary_folder.h"
#include "support/tiny_model.h"
#include "support/wav_bytes.h"

namespace yourmt3::testing {

/// A folder with a tiny model, and the program run on what is put there.
class Workplace {
 public:
  Workplace() { save_tiny_model(model()); }

  std::string model() const { return (folder_ / "tiny.safetensors").string(); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string put(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }
  std::string put_tones(const std::string& name, double seconds = 3) const {
    return put(name, wav_bytes(tones(seconds)));
  }

  /// Zeros that take no room on the disk.
  std::string put_silence(const std::string& name, std::uint32_t seconds) const {
    const std::uint32_t n_samples = 16000 * seconds;
    const std::string file = put(name, wav_header(WavSample::kS16, 1, 16000, n_samples));
    std::filesystem::resize_file(file, std::filesystem::file_size(file) + 2ull * n_samples);
    return file;
  }

  std::string bytes_of(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool has(const std::string& name) const { return std::filesystem::exists(folder_ / name); }

  /// Names of all files in `folder`, hidden ones too, sorted.
  std::vector<std::string> names(const std::string& folder = ".") const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / folder)) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
  }

  /// yourmt3 transcribe --model <tiny> arguments...
  ProgramRun transcribe(std::vector<std::string> arguments, const RunOptions& options = {}) const {
    arguments.insert(arguments.begin(), {"transcribe", "--model", model()});
    return run_program(arguments, options);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace yourmt3::testing
