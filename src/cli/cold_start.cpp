#include "cli/cold_start.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/fail.h"
#include "data/wav.h"
#include "measure/test_tones.h"
#include "measure/timing.h"

extern char** environ;

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kStarts = 9;
constexpr double kRecordingSec = 10;

/// A folder that goes away with what is in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "yourmt3-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) fail(ErrorCode::kIo, "{}: cannot make a folder", pattern);
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Runs this program, its standard output and error to nowhere.
void run_program(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    ::posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0);
  }
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail(ErrorCode::kIo, "cannot start the program again (error {})", error);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fail(ErrorCode::kIo, "`{}` did not succeed", fmt::format("{}", fmt::join(arguments, " ")));
  }
}

}  // namespace

ColdStart measure_cold_start(const fs::path& model, const std::vector<std::string>& arguments) {
  const ScratchFolder folder;
  std::vector<float> samples(static_cast<std::size_t>(kRecordingSec * 16000));
  TestTones(kRecordingSec, 16000).read(samples);
  const fs::path recording = folder.path() / "tones.wav";
  write_stem_wav(recording, samples);
  std::vector<std::string> command = {"yourmt3",
                                      "transcribe",
                                      recording.string(),
                                      "--model",
                                      model.string(),
                                      "--output",
                                      (folder.path() / "tones.mid").string(),
                                      "--force"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<double> seconds;
  for (int i = 0; i < kStarts; ++i) {
    const auto start = BenchClock::now();
    run_program(command);
    seconds.push_back(seconds_since(start));
  }
  std::ranges::sort(seconds);
  return {seconds.front(), seconds[kStarts / 2]};
}

}  // namespace yourmt3::cli
