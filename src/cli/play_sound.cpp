#include "cli/play_sound.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "cli/interrupt.h"
#include "cli/program_files.h"
#include "core/fail.h"
#include "data/audio_out.h"

namespace yourmt3::cli {
namespace {

namespace fs = std::filesystem;

struct Player {
  const char* program;
  std::vector<std::string> arguments;
};

const std::array<Player, 4>& players() {
  static const std::array<Player, 4> all = {
      {{"pw-play", {}}, {"paplay", {}}, {"aplay", {"-q"}}, {"ffplay", {"-nodisp", "-autoexit", "-loglevel", "error"}}}};
  return all;
}

/// A file for the player's eyes only.
class TemporaryWav {
 public:
  explicit TemporaryWav(const StereoSound& sound)
      : path_(fs::temp_directory_path() / fmt::format("yourmt3-{}.wav", ::getpid())) {
    write_audio(path_, sound.samples, sound.sample_rate, 2);
  }
  ~TemporaryWav() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryWav(const TemporaryWav&) = delete;
  TemporaryWav& operator=(const TemporaryWav&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

fs::path find_player() {
  for (const Player& player : players()) {
    if (auto found = find_on_path(player.program); !found.empty()) return found;
  }
  return {};
}

void play_sound(const StereoSound& sound, const fs::path& player) {
  const TemporaryWav file(sound);
  std::vector<std::string> words = {player.string()};
  for (const Player& known : players()) {
    if (player.filename() == known.program) words.insert(words.end(), known.arguments.begin(), known.arguments.end());
  }
  words.push_back(file.path().string());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) fail(ErrorCode::kIo, "{}: cannot start it", player.string());
  if (child == 0) {
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    if (interrupted()) ::kill(child, SIGTERM);
  }
  if (interrupted()) fail(ErrorCode::kCancelled, "cancelled");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fail(ErrorCode::kIo, "{} could not play; write a file with --output instead", player.string());
  }
}

}  // namespace yourmt3::cli
