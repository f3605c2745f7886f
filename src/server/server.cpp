#include "server/server.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>

#include "core/fail.h"
#include "score/note_text.h"
#include "server/access.h"
#include "server/download.h"
#include "server/embedded_texts.h"
#include "server/event_stream.h"
#include "server/http_error.h"
#include "server/http_server.h"
#include "server/instrument_list.h"
#include "server/job_json.h"
#include "server/metrics.h"
#include "server/upload.h"
#include "yourmt3/version.h"

namespace yourmt3 {
namespace {

using httplib::ContentReader;
using httplib::Request;
using httplib::Response;
using Handled = httplib::Server::HandlerResponse;

constexpr const char* kJobs = "/api/v1/jobs";
const std::string kJob = std::string(kJobs) + "/([0-9a-f]{32})";
constexpr const char* kAnyPath = "/.*";

// Every stream of events and every upload takes a thread of ConnectionLimits while it lasts; some are left for others.
constexpr int kMaxEventStreams = 40;
constexpr int kMaxUploads = 16;
constexpr const char* kRetryAfterSec = "10";
constexpr std::size_t kMaxNotesBytes = std::size_t{32} << 20;
constexpr double kMaxBeyondEndSec = 60;

/// Nothing from elsewhere is loaded, run or framed, whatever a recording's name or bytes are.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string text_of(const nlohmann::json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

nlohmann::json error_json(int status, const std::string& message) {
  return {{"status", status}, {"error", message}};
}

void answer_with_json(Response& response, const nlohmann::json& json, int status = 200) {
  response.status = status;
  response.set_content(text_of(json), "application/json");
}

void answer_with_error(Response& response, int status, const std::string& message) {
  answer_with_json(response, error_json(status, message), status);
  if (status == 429 || status == 503) response.set_header("Retry-After", kRetryAfterSec);
}

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kMalformed:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kUnsupported:
      return 415;
    case ErrorCode::kCancelled:
    case ErrorCode::kOutOfMemory:
      return 503;
    case ErrorCode::kIo:
      break;
  }
  return 500;
}

/// One of those that `n` counts while it lasts.
class CountedIn {
 public:
  /// Throws HttpError with this status when there are `max` already.
  CountedIn(std::atomic<int>& n, int max, int status, const char* message) : n_(n) {
    if (++n_ <= max) return;
    --n_;
    throw HttpError(status, message);
  }
  ~CountedIn() { --n_; }
  CountedIn(const CountedIn&) = delete;
  CountedIn& operator=(const CountedIn&) = delete;

 private:
  std::atomic<int>& n_;
};

}  // namespace

struct Server::Impl {
  Impl(const ServerOptions& chosen, TranscribeFunction transcribe, std::vector<ResultFormat> result_formats)
      : options(chosen),
        formats(std::move(result_formats)),
        access(options.host, options.token),
        jobs({options.data_folder, options.max_waiting, options.max_disk_bytes, options.log}, std::move(transcribe)) {
    if (options.max_upload_bytes < 1 || options.max_duration_sec <= 0 || options.max_waiting < 1 ||
        options.max_disk_bytes < 1) {
      fail(ErrorCode::kInvalidArgument, "the limits of a server must be above 0");
    }
    configure();
    add_page();
    add_api();
    bound_port = http.start(options.host, options.port, options.connections,
                            [this](int status, const std::string& message) { return refusal(status, message); });
  }

  ~Impl() {
    jobs.stop();  // Streams of events end.
    http.stop();
  }

  void configure() {
    http.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Cache-Control", "no-store"},
                              {"Content-Security-Policy", kContentSecurityPolicy}});
    http.set_pre_routing_handler(
        [this](const Request& request, Response& response) { return admit(request, response); });
    http.set_exception_handler([this](const Request&, Response& response, std::exception_ptr exception) {
      answer_with_exception(response, std::move(exception));
    });
    http.set_error_handler([](const Request&, Response& response) {
      if (!response.body.empty()) return;
      answer_with_error(response, response.status,
                        response.status == 404 ? "there is nothing at this address" : "bad request");
    });
    http.set_logger([this](const Request&, const Response& response) { metrics.count_response(response.status); });
  }

  /// The whole answer to somebody whose request is not looked at.
  std::string refusal(int status, const std::string& message) {
    metrics.count_response(status);
    const std::string body = text_of(error_json(status, message));
    return fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}",
        status, status == 503 ? "Service Unavailable" : "Refused", body.size(),
        status == 503 ? fmt::format("Retry-After: {}\r\n", kRetryAfterSec) : "", body);
  }

  /// Looks at every request before it is carried out, and before its body is read.
  Handled admit(const Request& request, Response& response) const {
    static constexpr std::array<std::string_view, 5> kMethods = {"GET", "HEAD", "POST", "PUT", "DELETE"};
    if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end()) {
      answer_with_error(response, 405, "no such method");
      return Handled::Handled;
    }
    if (request.ranges.size() > 1) {
      answer_with_error(response, 416, "one range at a time");
      return Handled::Handled;
    }
    if (request.path == "/healthz") return Handled::Unhandled;
    const std::string host = request.get_header_value("Host"), origin = request.get_header_value("Origin"),
                      authorization = request.get_header_value("Authorization"),
                      cookie = request.get_header_value("Cookie");
    switch (access.check({request.method, host, origin, authorization, cookie})) {
      case Access::Verdict::kAllowed:
        return Handled::Unhandled;
      case Access::Verdict::kForeignHost:
        answer_with_error(response, 403, "this server is for this machine; call it localhost or 127.0.0.1");
        return Handled::Handled;
      case Access::Verdict::kForeignOrigin:
        answer_with_error(response, 403, "pages from elsewhere may not change anything here");
        return Handled::Handled;
      case Access::Verdict::kNeedsToken:
        break;
    }
    if (request.method == "GET" && request.path == "/" && access.is_token(request.get_param_value("token"))) {
      response.set_header("Set-Cookie", access.cookie());
      response.set_redirect("/", 303);
      return Handled::Handled;
    }
    response.set_header("WWW-Authenticate", "Bearer");
    answer_with_error(response, 401, "a token is needed: open the address that the server printed when it was started");
    return Handled::Handled;
  }

  void answer_with_exception(Response& response, std::exception_ptr exception) const {
    try {
      std::rethrow_exception(std::move(exception));
    } catch (const HttpError& error) {
      answer_with_error(response, error.status(), error.what());
    } catch (const Error& error) {
      const int status = http_status(error.code());
      if (status == 500) log(error.what());
      answer_with_error(response, status, status == 500 ? "the server cannot read or write its files" : error.what());
    } catch (const std::exception& error) {
      log(error.what());
      answer_with_error(response, 500, "the server failed");
    }
  }

  void log(const std::string& text) const {
    if (options.log) options.log(LogLevel::kWarning, text);
  }

  void add_page() {
    const auto serve_text = [this](const char* path, std::string_view text, const char* content_type) {
      http.Get(path, [text, content_type](const Request&, Response& response) {
        response.set_content(text.data(), text.size(), content_type);
      });
    };
    serve_text("/", kServePage, "text/html; charset=utf-8");
    serve_text("/page.js", kServePageScript, "text/javascript; charset=utf-8");
    serve_text("/page.css", kServePageStyle, "text/css; charset=utf-8");
    http.Get("/healthz", [this](const Request&, Response& response) {
      if (jobs.stopping()) throw HttpError(503, "the server is stopping");
      answer_with_json(response, {{"status", "ok"}});
    });
    http.Get("/metrics", [this](const Request&, Response& response) {
      response.set_content(metrics.text(jobs.all(), jobs.totals(), jobs.n_bytes_kept()),
                           "text/plain; version=0.0.4; charset=utf-8");
    });
  }

  void add_api() {
    http.Get("/api/v1/openapi.json", [](const Request&, Response& response) {
      response.set_content(kOpenApi.data(), kOpenApi.size(), "application/json");
    });
    http.Get("/api/v1/info", [this](const Request&, Response& response) { answer_with_json(response, info()); });
    http.Get(kJobs, [this](const Request&, Response& response) {
      nlohmann::json list = nlohmann::json::array();
      for (const JobStatus& status : jobs.all()) list.push_back(job_to_json(status));
      answer_with_json(response, {{"jobs", std::move(list)}});
    });
    http.Post(kJobs, [this](const Request& request, Response& response, const ContentReader& content) {
      accept_recording(request, response, content);
    });
    http.Get(kJob, [this](const Request& request, Response& response) {
      answer_with_json(response, job_to_json(status_of(request.matches[1])));
    });
    http.Delete(kJob, [this](const Request& request, Response& response, const ContentReader&) {
      if (!jobs.remove(request.matches[1])) throw HttpError(404, "there is no such job");
      response.status = 204;
    });
    http.Post(kJob + "/cancel", [this](const Request& request, Response& response, const ContentReader&) {
      cancel(request.matches[1], response);
    });
    http.Get(kJob + "/events",
             [this](const Request& request, Response& response) { follow(request.matches[1], response); });
    http.Get(kJob + "/result",
             [this](const Request& request, Response& response) { answer_with_result(request, response); });
    http.Put(kJob + "/notes", [this](const Request& request, Response& response, const ContentReader& content) {
      if (request.is_multipart_form_data()) throw HttpError(415, "notes are one JSON object, not a form");
      const std::vector<Note> notes = notes_from_json(receive_text(content, kMaxNotesBytes));
      const Job job = done_job(request.matches[1]);
      check_within(notes, job);
      answer_with_json(response, job_to_json(jobs.edit(job.id, notes)));
    });
    http.Delete(kJob + "/notes", [this](const Request& request, Response& response, const ContentReader&) {
      answer_with_json(response, job_to_json(jobs.edit(done_job(request.matches[1]).id, std::nullopt)));
    });
    http.Get(kJob + "/recording", [this](const Request& request, Response& response) {
      answer_with_file(response, jobs.recording(request.matches[1]), "");
    });
    http.Get(kJob + "/waveform", [this](const Request& request, Response& response) {
      answer_with_file(response, jobs.peaks(request.matches[1]), "application/octet-stream");
    });
    // Without these, bodies sent to any other address would be read into memory.
    const auto nothing_there = [](const Request&, Response&, const ContentReader&) {
      throw HttpError(404, "there is nothing at this address");
    };
    http.Post(kAnyPath, nothing_there).Put(kAnyPath, nothing_there).Delete(kAnyPath, nothing_there);
  }

  nlohmann::json info() const {
    nlohmann::json json = {{"version", YOURMT3_VERSION},
                           {"max_upload_bytes", options.max_upload_bytes},
                           {"max_duration_sec", options.max_duration_sec},
                           {"max_waiting", options.max_waiting},
                           {"max_disk_bytes", options.max_disk_bytes},
                           {"peaks_per_sec", Waveform::kPeaksPerSec}};
    for (const ResultFormat& format : formats) {
      json["formats"].push_back(
          {{"name", format.name}, {"content_type", format.content_type}, {"extension", format.extension}});
    }
    for (int program = 0; program <= kDrumProgram; ++program) {
      json["instruments"].push_back(instrument_name(program));
    }
    return json;
  }

  JobStatus status_of(const std::string& id) const {
    std::optional<JobStatus> status = jobs.find(id);
    if (!status) throw HttpError(404, "there is no such job");
    return *std::move(status);
  }

  Job done_job(const std::string& id) const {
    const Job job = status_of(id).job;
    if (job.state != JobState::kDone) {
      throw HttpError(409, std::string("the job is ") + to_string(job.state) + ", not done");
    }
    return job;
  }

  /// What is rendered takes memory until the last note ends.
  static void check_within(std::span<const Note> notes, const Job& job) {
    const double end_sec = job.duration_sec + kMaxBeyondEndSec;
    for (const Note& note : notes) {
      if (!(note.onset_sec >= 0 && note.onset_sec <= end_sec && note.offset_sec <= end_sec)) {
        throw HttpError(400, fmt::format("a note from {} to {} s lies outside the recording of {:.3f} s",
                                         note.onset_sec, note.offset_sec, job.duration_sec));
      }
    }
  }

  void accept_recording(const Request& request, Response& response, const ContentReader& content) {
    if (!request.is_multipart_form_data()) throw HttpError(415, "expected multipart/form-data with a field 'audio'");
    if (jobs.stopping()) throw HttpError(503, "the server is stopping");
    const CountedIn upload_counted(n_uploads, kMaxUploads, 503, "too many recordings arrive at the same time");
    const auto n_announced = request.get_header_value<std::uint64_t>("Content-Length");
    jobs.require_room(static_cast<std::int64_t>(std::min<std::uint64_t>(n_announced, options.max_disk_bytes)));
    std::optional<Jobs::Place> place = jobs.take_place();
    if (!place) throw HttpError(429, "too many jobs are waiting; try again later");
    const Upload upload = receive_upload(content, place->recording(), options.max_upload_bytes,
                                         [&place](std::int64_t n_bytes) { place->take_room(n_bytes); });
    metrics.count_upload(upload.n_bytes);
    Jobs::Order order{upload.name, upload.n_bytes, {}, decoding_of(upload)};
    order.waveform = measure(place->recording());
    const JobStatus status = jobs.enqueue(*std::move(place), order);
    response.set_header("Location", std::string(kJobs) + "/" + status.job.id);
    answer_with_json(response, job_to_json(status), 202);
  }

  Transcriber::Decoding decoding_of(const Upload& upload) const {
    const Transcriber::Decoding decoding = {.only = instruments_listed("only", upload.only),
                                            .without = instruments_listed("without", upload.without)};
    if (options.check_decoding) options.check_decoding(decoding);
    return decoding;
  }

  /// What passes this can be transcribed.
  Waveform measure(const std::filesystem::path& recording) const {
    try {
      return measure_waveform(
          recording, options.max_duration_sec, [this] { return !jobs.stopping(); }, options.decoder);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInvalidArgument) throw HttpError(413, error.what());
      if (error.code() == ErrorCode::kMalformed || error.code() == ErrorCode::kUnsupported) {
        std::string_view reason = error.what();
        reason.remove_prefix(std::min(reason.size(), recording.string().size()));  // Its path is nobody's business.
        throw HttpError(415, fmt::format("no recording that can be read: expected WAV, FLAC, Ogg, Opus, MP3, AIFF or, "
                                         "with ffmpeg on the server, M4A or video{}",
                                         reason));
      }
      throw;
    }
  }

  void cancel(const std::string& id, Response& response) {
    switch (jobs.cancel(id)) {
      case Jobs::CancelOutcome::kUnknown:
        throw HttpError(404, "there is no such job");
      case Jobs::CancelOutcome::kFinished:
        throw HttpError(409, "the job has come to its end already");
      case Jobs::CancelOutcome::kCancelled:
        break;
    }
    answer_with_json(response, job_to_json(status_of(id)), 202);
  }

  void follow(const std::string& id, Response& response) {
    const auto counted =
        std::make_shared<CountedIn>(n_event_streams, kMaxEventStreams, 429, "too many streams of events are open");
    answer_with_events(response, jobs, id, [counted] {});
  }

  void answer_with_result(const Request& request, Response& response) {
    const std::string name = request.has_param("format") ? request.get_param_value("format") : "midi";
    const auto format = std::find_if(formats.begin(), formats.end(), [&](const auto& f) { return f.name == name; });
    if (format == formats.end()) throw HttpError(400, "there is no such format; see /api/v1/info");
    const Job job = done_job(request.matches[1]);
    const std::vector<Note> notes = jobs.notes(job.id);
    std::string bytes;
    {
      // Playing notes takes all processors; several at a time would only take more memory.
      const std::lock_guard lock(writing);
      bytes = format->write(notes, job.name, job.duration_sec);
    }
    response.set_header("Content-Disposition", attachment(job.name, format->extension));
    response.set_content(bytes, format->content_type);
  }

  ServerOptions options;
  std::vector<ResultFormat> formats;
  Access access;
  Metrics metrics;
  Jobs jobs;
  std::mutex writing;
  std::atomic<int> n_event_streams = 0;
  std::atomic<int> n_uploads = 0;
  int bound_port = 0;
  HttpServer http;
};

Server::Server(const ServerOptions& options, TranscribeFunction transcribe, std::vector<ResultFormat> formats)
    : impl_(std::make_unique<Impl>(options, std::move(transcribe), std::move(formats))) {}

Server::~Server() = default;

int Server::port() const {
  return impl_->bound_port;
}

std::string Server::url() const {
  const std::string& host = impl_->options.host;
  const bool bare_v6 = host.find(':') != std::string::npos;
  const std::string token = impl_->access.token();
  return fmt::format("http://{}{}{}:{}/{}{}", bare_v6 ? "[" : "", host, bare_v6 ? "]" : "", port(),
                     token.empty() ? "" : "?token=", token);
}

}  // namespace yourmt3
