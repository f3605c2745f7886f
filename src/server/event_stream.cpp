#include "server/event_stream.h"

#include <chrono>
#include <memory>

#include "core/fail.h"
#include "server/job_json.h"

namespace yourmt3 {
namespace {

using Clock = std::chrono::steady_clock;

/// Whoever lies between must not think that nobody is there.
constexpr std::chrono::seconds kHeartbeat{10};
constexpr std::chrono::milliseconds kPatience{500};

std::string event(const char* name, const nlohmann::json& data) {
  return fmt::format("event: {}\ndata: {}\n\n", name,
                     data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// Tells one client.
class EventStream {
 public:
  EventStream(const Jobs& jobs, std::string id) : jobs_(jobs), id_(std::move(id)) {}

  /// Sends the next events; false when the client is gone or there will be none.
  bool send_next(httplib::DataSink& sink) {
    if (!sink.is_writable()) return false;
    const std::optional<JobNews> news = jobs_.wait_for_news(id_, version_, n_notes_, kPatience);
    if (!news || jobs_.stopping()) {
      sink.done();
      return true;
    }
    std::string text;
    if (!news->notes.empty()) text += event("notes", found_notes_to_json(news->notes));
    n_notes_ = news->n_notes;
    version_ = news->version;
    // Every change of any job is news; only its own is told.
    const nlohmann::json job = job_to_json(news->status);
    const bool ended = is_final(news->status.job.state);
    if (ended) {
      text += event("end", job);
    } else if (job != last_job_) {
      text += event("progress", job);
      last_job_ = job;
    }
    if (text.empty() && Clock::now() - last_sent_ > kHeartbeat) text = ": still here\n\n";
    if (!text.empty()) {
      last_sent_ = Clock::now();
      if (!sink.write(text.data(), text.size())) return false;
    }
    if (ended) sink.done();
    return true;
  }

 private:
  const Jobs& jobs_;
  std::string id_;
  std::uint64_t version_ = 0;
  std::size_t n_notes_ = 0;
  nlohmann::json last_job_;
  Clock::time_point last_sent_ = Clock::now();
};

}  // namespace

void answer_with_events(httplib::Response& response, const Jobs& jobs, const std::string& id,
                        std::function<void()> on_close) {
  if (!jobs.find(id)) fail(ErrorCode::kNotFound, "there is no such job");
  const auto stream = std::make_shared<EventStream>(jobs, id);
  response.set_chunked_content_provider(
      "text/event-stream", [stream](std::size_t, httplib::DataSink& sink) { return stream->send_next(sink); },
      [on_close = std::move(on_close)](bool) { on_close(); });
}

}  // namespace yourmt3
