#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audio/audio_reader.h"
#include "core/log.h"
#include "server/connection_limits.h"
#include "server/jobs.h"
#include "server/result_format.h"

namespace yourmt3 {

struct ServerOptions {
  std::string host = "127.0.0.1";     ///< Name or address to listen on.
  int port = 8000;                    ///< 0: one that is free.
  std::filesystem::path data_folder;  ///< Where jobs are kept.
  std::string token;                  ///< Whoever knows it may come in; see Access.
  std::int64_t max_upload_bytes = std::int64_t{512} << 20;
  double max_duration_sec = 7200;                        ///< Of a recording.
  int max_waiting = 16;                                  ///< Jobs in line; see Jobs.
  std::int64_t max_disk_bytes = std::int64_t{64} << 30;  ///< What the data folder may hold.
  ConnectionLimits connections = {};
  /// Reads what is handed in; without one this process does, which only suits recordings of people one trusts.
  DecoderCommand decoder = {};
  /// Refuses, by an Error, instruments that the network does not write.
  std::function<void(const Transcriber::Decoding&)> check_decoding = {};
  LogSink log = {};
};

/// Recordings to notes over HTTP; docs/openapi.json describes the interface. It serves from its construction to its
/// destruction, on threads of its own.
class Server {
 public:
  /// Throws Error: kIo when it cannot listen there or the folder cannot be used, kInvalidArgument for options out of
  /// range.
  Server(const ServerOptions& options, TranscribeFunction transcribe, std::vector<ResultFormat> formats);

  /// Takes no more requests, ends those under way, and puts a job that runs back in line for the next time.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;

  /// Where to point a browser; with the token, if there is one.
  std::string url() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yourmt3
