#include "audio/decoder_program.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <vector>

#include "audio/au_pipe.h"
#include "audio/audio_reader.h"
#include "audio/decoder_status.h"
#include "core/fail.h"

namespace yourmt3 {
namespace {

constexpr int kSampleRate = 16000;  // Hz.

#ifdef YOURMT3_SANITIZED
constexpr bool kMemoryCanBeLimited = false;  // Sanitizers map terabytes.
#else
constexpr bool kMemoryCanBeLimited = true;
#endif

void set_limit(int resource, rlim_t soft, rlim_t hard) {
  const rlimit limit{soft, hard};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) {
    const int code = errno;
    fail(ErrorCode::kIo, "limits cannot be set: {}", std::strerror(code));
  }
}

/// Returns false when nobody reads any more.
bool write_all(const std::string& bytes) {
  for (std::size_t n_written = 0; n_written < bytes.size();) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data() + n_written, bytes.size() - n_written);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) n_written += static_cast<std::size_t>(n);
  }
  return true;
}

void decode() {
  AudioReader::Options options;
  options.sample_rate = kSampleRate;
  options.log = [](LogLevel, std::string_view text) { fmt::print(stderr, "{}\n", text); };
  AudioReader reader = AudioReader::from_descriptor(STDIN_FILENO, kDecoderRecording, std::move(options));
  AuHeader header{kSampleRate, 1, std::nullopt};
  if (const std::optional<double> duration_sec = reader.info().duration_sec) {
    const double n_frames = *duration_sec * kSampleRate;
    if (n_frames < 1e9) header.n_frames = static_cast<std::uint32_t>(n_frames);
  }
  bool wanted = write_all(au_bytes(header));
  std::vector<float> samples(8192);
  while (wanted) {
    const std::size_t n = reader.read(samples);
    if (n == 0) break;
    wanted = write_all(au_bytes(std::span(samples).first(n)));
  }
}

}  // namespace

void bind_process(const DecoderLimits& limits) {
  const auto memory = static_cast<rlim_t>(limits.memory_bytes), seconds = static_cast<rlim_t>(limits.cpu_sec);
  // Not RLIMIT_AS: threads reserve address space that they never use.
  if (kMemoryCanBeLimited) set_limit(RLIMIT_DATA, memory, memory);
  set_limit(RLIMIT_CPU, seconds, seconds + 1);  // SIGXCPU, which tells why, then SIGKILL.
  set_limit(RLIMIT_FSIZE, 0, 0);
  set_limit(RLIMIT_CORE, 0, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
}

int run_decoder(const DecoderLimits& limits) {
  try {
    bind_process(limits);
    decode();
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return decoder_status(error.code());
  } catch (const std::bad_alloc&) {
    return decoder_status(ErrorCode::kOutOfMemory);
  }
}

}  // namespace yourmt3
