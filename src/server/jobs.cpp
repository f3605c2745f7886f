#include "server/jobs.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <thread>
#include <utility>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "score/note_text.h"
#include "server/disk_budget.h"
#include "server/job_store.h"
#include "server/random_text.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecording = "recording";
constexpr const char* kPeaks = "peaks";
constexpr const char* kHeardNotes = "notes.json";
constexpr const char* kEditedNotes = "edited.json";

double now_sec() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  // Recordings are nobody else's business.
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) fail(ErrorCode::kIo, "{}: cannot make this folder: {}", folder.string(), error.message());
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorCode::kNotFound, "the files of this job are gone");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Of all files there, however deep; files that go meanwhile do not count.
std::int64_t bytes_in(const fs::path& folder) {
  std::int64_t n_bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->is_regular_file(gone)) {
      const std::uintmax_t size = at->file_size(gone);
      if (!gone) n_bytes += static_cast<std::int64_t>(size);
    }
  }
  return n_bytes;
}

/// The job that runs.
struct Running {
  std::string id;
  bool cancel = false;
  double done_sec = 0;
  std::vector<Note> notes;  // Found so far.
};

}  // namespace

struct Jobs::Impl {
  Impl(const Options& chosen, TranscribeFunction function)
      : options(chosen),
        transcribe(std::move(function)),
        disk(chosen.max_disk_bytes),
        store(prepared(chosen.folder) / "jobs.sqlite") {
    resume();
    worker = std::thread([this] { work(); });
  }

  ~Impl() {
    stop();
    worker.join();
  }

  static const fs::path& prepared(const fs::path& folder) {
    make_folder(folder);
    return folder;
  }

  fs::path folder_of(const std::string& id) const { return options.folder / "jobs" / id; }

  /// Puts unfinished jobs in line and removes what uploads left behind when the server was killed.
  void resume() {
    std::set<std::string> known;
    for (Job& job : store.all()) {
      known.insert(job.id);
      if (is_final(job.state)) continue;
      job.state = JobState::kQueued;
      job.started_sec = 0;
      store.put(job);
      waiting.push_back(job.id);
    }
    make_folder(options.folder / "jobs");
    for (const auto& entry : fs::directory_iterator(options.folder / "jobs")) {
      const std::string id = entry.path().filename().string();
      if (known.contains(id)) {
        count_files(id);
      } else {
        remove_files(id);
      }
    }
  }

  void remove_files(const std::string& id) const {
    std::error_code ignored;
    fs::remove_all(folder_of(id), ignored);
  }

  /// After a change of a job's files. The mutex is held.
  void count_files(const std::string& id) {
    const std::int64_t n_bytes = bytes_in(folder_of(id));
    disk.count(n_bytes - kept[id]);
    kept[id] = n_bytes;
  }

  void stop() {
    const std::lock_guard lock(mutex);
    stopping = true;
    if (running) running->cancel = true;
    announce();
  }

  /// Wakes the worker and all followers. The mutex is held.
  void announce() {
    ++version;
    changed.notify_all();
  }

  JobStatus status_of(const Job& job) const {
    JobStatus status;
    status.job = job;
    if (running && running->id == job.id) status.done_sec = running->done_sec;
    if (job.state == JobState::kDone) status.done_sec = job.duration_sec;
    const auto place = std::find(waiting.begin(), waiting.end(), job.id);
    if (place != waiting.end()) status.queue_position = static_cast<int>(place - waiting.begin()) + 1;
    return status;
  }

  /// Throws Error(kNotFound). The mutex is held.
  Job known(const std::string& id) const {
    std::optional<Job> job = store.find(id);
    if (!job) fail(ErrorCode::kNotFound, "there is no such job");
    return *std::move(job);
  }

  Job known_and_done(const std::string& id) const {
    Job job = known(id);
    if (job.state != JobState::kDone) fail(ErrorCode::kNotFound, "the job is {}, not done", to_string(job.state));
    return job;
  }

  void work() {
    for (;;) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return stopping || !waiting.empty(); });
      if (stopping) return;
      try {
        run_next(lock);
      } catch (const std::exception& error) {
        // The disk may be full or broken; the next job may fare better, and this one is tried after a restart.
        log(fmt::format("a job was given up: {}", error.what()));
      }
    }
  }

  void log(const std::string& text) const {
    if (options.log) options.log(LogLevel::kWarning, text);
  }

  void run_next(std::unique_lock<std::mutex>& lock) {
    const std::string id = waiting.front();
    waiting.pop_front();
    Job job = known(id);
    job.state = JobState::kRunning;
    job.started_sec = now_sec();
    store.put(job);
    running.emplace().id = id;
    announce();

    lock.unlock();
    std::optional<Transcription> heard;
    std::string error;
    try {
      heard = listen(job);
      write_file_atomically(folder_of(id) / kHeardNotes, notes_to_json(heard->notes));
    } catch (const Error& failure) {
      if (failure.code() != ErrorCode::kCancelled) error = without_path(failure.what(), id);
      heard.reset();
    } catch (const std::bad_alloc&) {
      error = "out of memory";
    } catch (const std::exception& failure) {
      error = failure.what();
      heard.reset();
    }
    lock.lock();
    running.reset();
    finish(id, heard, error);
    announce();
  }

  Transcription listen(const Job& job) {
    const Transcriber::Progress progress = [this](double done_sec, double) {
      const std::lock_guard lock(mutex);
      if (done_sec != running->done_sec) {
        running->done_sec = done_sec;
        announce();
      }
      return !running->cancel;
    };
    const auto on_notes = [this](std::span<const Note> notes) {
      const std::lock_guard lock(mutex);
      running->notes.insert(running->notes.end(), notes.begin(), notes.end());
      announce();
    };
    return transcribe(job, folder_of(job.id) / kRecording, progress, on_notes);
  }

  /// Clients need not know where files are here.
  std::string without_path(const std::string& message, const std::string& id) const {
    const std::string path = (folder_of(id) / kRecording).string();
    const std::size_t at = message.find(path);
    return at == std::string::npos ? message : message.substr(0, at) + "recording" + message.substr(at + path.size());
  }

  void finish(const std::string& id, const std::optional<Transcription>& heard, const std::string& error) {
    std::optional<Job> job = store.find(id);
    if (!job) return;  // Removed meanwhile.
    if (heard) {
      job->state = JobState::kDone;
      job->n_notes = static_cast<std::int64_t>(heard->notes.size());
      job->duration_sec = heard->duration_sec;
      count_files(id);
      ++totals.n_done;
      totals.audio_sec += heard->duration_sec;
      totals.transcribe_sec += now_sec() - job->started_sec;
    } else if (!error.empty()) {
      job->state = JobState::kFailed;
      job->error = error;
      ++totals.n_failed;
    } else if (stopping) {
      job->state = JobState::kQueued;
      job->started_sec = 0;
    } else {
      job->state = JobState::kCancelled;
      ++totals.n_cancelled;
    }
    if (is_final(job->state)) job->finished_sec = now_sec();
    store.put(*job);
  }

  Options options;
  TranscribeFunction transcribe;
  DiskBudget disk;
  mutable std::mutex mutex;  // Guards everything below.
  mutable std::condition_variable changed;
  JobStore store;
  std::map<std::string, std::int64_t> kept;  ///< Bytes of each job's files.
  std::deque<std::string> waiting;
  int n_arriving = 0;
  std::optional<Running> running;
  std::uint64_t version = 1;
  bool stopping = false;
  Totals totals;
  std::thread worker;
};

Jobs::Jobs(const Options& options, TranscribeFunction transcribe)
    : impl_(std::make_unique<Impl>(options, std::move(transcribe))) {}

Jobs::~Jobs() = default;

void Jobs::stop() {
  impl_->stop();
}

bool Jobs::stopping() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->stopping;
}

Jobs::Place::Place(Jobs& jobs, std::string id) : jobs_(&jobs), id_(std::move(id)) {}

Jobs::Place::Place(Place&& other) noexcept
    : jobs_(std::exchange(other.jobs_, nullptr)), id_(std::move(other.id_)), n_bytes_(other.n_bytes_) {}

Jobs::Place::~Place() {
  if (jobs_ == nullptr) return;
  jobs_->impl_->remove_files(id_);
  jobs_->impl_->disk.count(-n_bytes_);
  const std::lock_guard lock(jobs_->impl_->mutex);
  --jobs_->impl_->n_arriving;
}

fs::path Jobs::Place::recording() const {
  return jobs_->impl_->folder_of(id_) / kRecording;
}

void Jobs::Place::take_room(std::int64_t n_bytes) {
  jobs_->impl_->disk.take(n_bytes);
  n_bytes_ += n_bytes;
}

void Jobs::require_room(std::int64_t n_bytes) const {
  impl_->disk.require(n_bytes);
}

std::int64_t Jobs::n_bytes_kept() const {
  return impl_->disk.used();
}

std::optional<Jobs::Place> Jobs::take_place() {
  {
    const std::lock_guard lock(impl_->mutex);
    const int n_waiting = static_cast<int>(impl_->waiting.size()) + impl_->n_arriving;
    if (impl_->stopping || n_waiting >= impl_->options.max_waiting) return std::nullopt;
    ++impl_->n_arriving;
  }
  Place place(*this, random_hex(16));
  make_folder(impl_->folder_of(place.id_));
  return place;
}

JobStatus Jobs::enqueue(Place place, const Order& order) {
  place.take_room(static_cast<std::int64_t>(order.waveform.peaks.size()));
  write_file_atomically(impl_->folder_of(place.id_) / kPeaks, order.waveform.peaks);
  Job job;
  job.id = place.id_;
  job.name = order.name;
  job.created_sec = now_sec();
  job.n_bytes = order.n_bytes;
  job.duration_sec = order.waveform.duration_sec;
  job.only = order.decoding.only;
  job.without = order.decoding.without;
  const std::lock_guard lock(impl_->mutex);
  impl_->store.put(job);
  impl_->kept[job.id] = place.n_bytes_;
  impl_->waiting.push_back(job.id);
  --impl_->n_arriving;
  place.jobs_ = nullptr;
  impl_->announce();
  return impl_->status_of(job);
}

std::optional<JobStatus> Jobs::find(const std::string& id) const {
  const std::lock_guard lock(impl_->mutex);
  const std::optional<Job> job = impl_->store.find(id);
  if (!job) return std::nullopt;
  return impl_->status_of(*job);
}

std::vector<JobStatus> Jobs::all() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<JobStatus> statuses;
  for (const Job& job : impl_->store.all()) statuses.push_back(impl_->status_of(job));
  return statuses;
}

Jobs::CancelOutcome Jobs::cancel(const std::string& id) {
  const std::lock_guard lock(impl_->mutex);
  std::optional<Job> job = impl_->store.find(id);
  if (!job) return CancelOutcome::kUnknown;
  if (is_final(job->state)) return CancelOutcome::kFinished;
  if (impl_->running && impl_->running->id == id) {
    impl_->running->cancel = true;
    return CancelOutcome::kCancelled;
  }
  std::erase(impl_->waiting, id);
  job->state = JobState::kCancelled;
  job->finished_sec = now_sec();
  impl_->store.put(*job);
  ++impl_->totals.n_cancelled;
  impl_->announce();
  return CancelOutcome::kCancelled;
}

bool Jobs::remove(const std::string& id) {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->store.find(id)) return false;
  if (impl_->running && impl_->running->id == id) impl_->running->cancel = true;
  std::erase(impl_->waiting, id);
  impl_->store.erase(id);
  impl_->remove_files(id);
  impl_->disk.count(-impl_->kept[id]);
  impl_->kept.erase(id);
  impl_->announce();
  return true;
}

std::vector<Note> Jobs::notes(const std::string& id) const {
  fs::path file;
  {
    const std::lock_guard lock(impl_->mutex);
    file = impl_->folder_of(id) / (impl_->known_and_done(id).edited ? kEditedNotes : kHeardNotes);
  }
  return notes_from_json(read_text(file));
}

JobStatus Jobs::edit(const std::string& id, const std::optional<std::vector<Note>>& notes) {
  const std::lock_guard lock(impl_->mutex);
  Job job = impl_->known_and_done(id);
  const fs::path folder = impl_->folder_of(id);
  if (notes) {
    const std::string text = notes_to_json(*notes);
    std::error_code none;
    const std::uintmax_t n_before = fs::file_size(folder / kEditedNotes, none);
    const auto n_more = static_cast<std::int64_t>(text.size()) - (none ? 0 : static_cast<std::int64_t>(n_before));
    if (n_more > 0) impl_->disk.require(n_more);
    write_file_atomically(folder / kEditedNotes, text);
    impl_->count_files(id);
  }
  job.edited = notes.has_value();
  job.n_notes = static_cast<std::int64_t>((notes ? *notes : notes_from_json(read_text(folder / kHeardNotes))).size());
  impl_->store.put(job);
  impl_->announce();
  return impl_->status_of(job);
}

fs::path Jobs::recording(const std::string& id) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->folder_of(impl_->known(id).id) / kRecording;
}

fs::path Jobs::peaks(const std::string& id) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->folder_of(impl_->known(id).id) / kPeaks;
}

std::optional<JobNews> Jobs::wait_for_news(const std::string& id, std::uint64_t version, std::size_t n_notes,
                                           std::chrono::milliseconds time) const {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait_for(lock, time, [&] { return impl_->version != version || impl_->stopping; });
  const std::optional<Job> job = impl_->store.find(id);
  if (!job) return std::nullopt;
  JobNews news;
  news.status = impl_->status_of(*job);
  news.version = impl_->version;
  if (impl_->running && impl_->running->id == id) {
    const std::vector<Note>& notes = impl_->running->notes;
    news.n_notes = notes.size();
    news.notes.assign(notes.begin() + static_cast<std::ptrdiff_t>(std::min(n_notes, notes.size())), notes.end());
  }
  return news;
}

Jobs::Totals Jobs::totals() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->totals;
}

}  // namespace yourmt3
