// A server to be loaded, in a process of its own: prints its port, and when its standard input ends by how many KiB its
// memory grew at most. Its jobs wait until a byte is sent there.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "test_server.h"

namespace {

using namespace yourmt3;

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

int main() {
  ::setenv("PATH", "/nonexistent", 1);  // Without ffmpeg, which is not ours and slow to start.
  ServerOptions options;
  options.max_upload_bytes = 200000;
  options.max_waiting = 8;
  options.decoder = {.arguments = {YOURMT3_TEST_DECODER, "read"}};
  options.connections.client.max_wait = std::chrono::seconds(5);
  options.connections.max_queue_time = std::chrono::seconds(1);
  yourmt3::testing::TestServer server(options);
  server.transcriber.hold();
  const long before = peak_kib();
  std::printf("%d\n", server.server->port());
  std::fflush(stdout);
  for (char byte; ::read(STDIN_FILENO, &byte, 1) > 0;) server.transcriber.let_go();
  std::printf("%ld\n", peak_kib() - before);
}
