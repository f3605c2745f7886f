// test_decoder read|crash|hang|flood|chatter|eat|burn|refuse|loiter|write|inherit [MEMORY_BYTES CPU_SEC]
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "audio/au_pipe.h"
#include "audio/decoder_program.h"
#include "audio/decoder_status.h"

namespace {

using namespace yourmt3;

/// Like a decoder that is well, so far.
void begin() {
  const std::string bytes = au_bytes(AuHeader{16000, 1, std::nullopt}) + au_bytes(std::vector<float>(16000, 0.5f));
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  DecoderLimits limits;
  if (argc == 4) limits = {.memory_bytes = std::atoll(argv[2]), .cpu_sec = std::atoi(argv[3])};
  if (mode == "read") return run_decoder(limits);
  bind_process(limits);
  if (mode == "eat") {
    for (std::vector<char*> kept;; kept.push_back(static_cast<char*>(std::malloc(1 << 20)))) {
      if (!kept.empty() && kept.back() == nullptr) return decoder_status(ErrorCode::kOutOfMemory);
    }
  }
  if (mode == "refuse") {
    std::fputs("recording: \x1b[31mno\n", stderr);
    return decoder_status(ErrorCode::kNotFound);
  }
  if (mode == "inherit") {
    int n_open = 0;
    for (int descriptor = STDERR_FILENO + 1; descriptor < 1024; ++descriptor) {
      n_open += ::fcntl(descriptor, F_GETFD) >= 0;
    }
    std::fprintf(stderr, "%d open files\n", n_open);
    return decoder_status(ErrorCode::kMalformed);
  }
  if (mode == "write") std::fputs("x", std::tmpfile());  // And flushes it when it ends.
  begin();
  if (mode == "write") return 0;
  if (mode == "crash") {
    std::signal(SIGSEGV, SIG_DFL);  // Sanitizers would tell it in words.
    return std::raise(SIGSEGV);
  }
  if (mode == "burn") {
    for (volatile bool busy = true; busy;) busy = true;
  }
  if (mode == "loiter") std::fclose(stdout);
  while (mode == "flood") begin();
  while (mode == "chatter") std::fputs("still at it\n", stderr);
  for (;;) ::pause();
}
