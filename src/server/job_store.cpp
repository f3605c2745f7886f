#include "server/job_store.h"

#include <sqlite3.h>

#include "core/fail.h"
#include "core/split_commas.h"
#include "server/instrument_list.h"

namespace yourmt3 {
namespace {

constexpr int kSchemaVersion = 2;

constexpr const char* kSchema = R"(
  CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    created_sec REAL NOT NULL,
    started_sec REAL NOT NULL,
    finished_sec REAL NOT NULL,
    n_bytes INTEGER NOT NULL,
    duration_sec REAL NOT NULL,
    n_notes INTEGER NOT NULL,
    edited INTEGER NOT NULL,
    error TEXT NOT NULL,
    only TEXT NOT NULL DEFAULT '',
    without TEXT NOT NULL DEFAULT '');
  PRAGMA user_version = 2;
)";

/// Format 1 had no instruments.
constexpr const char* kFromFormat1 = R"(
  BEGIN;
  ALTER TABLE jobs ADD COLUMN only TEXT NOT NULL DEFAULT '';
  ALTER TABLE jobs ADD COLUMN without TEXT NOT NULL DEFAULT '';
  PRAGMA user_version = 2;
  COMMIT;
)";

constexpr const char* kColumns =
    "id, name, state, created_sec, started_sec, finished_sec, n_bytes, duration_sec, n_notes, edited, error, "
    "only, without";

}  // namespace

struct JobStore::Impl {
  explicit Impl(const std::filesystem::path& path) : file(path.string()) {
    const int status = sqlite3_open(file.c_str(), &database);
    if (status != SQLITE_OK) {
      const std::string reason = sqlite3_errstr(status);
      sqlite3_close(database);
      fail(ErrorCode::kIo, "{}: cannot open the list of jobs: {}", file, reason);
    }
  }
  ~Impl() { sqlite3_close(database); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[noreturn]] void give_up() const { fail(ErrorCode::kIo, "{}: {}", file, sqlite3_errmsg(database)); }

  void execute(const char* sql) const {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up();
  }

  std::string file;
  sqlite3* database = nullptr;
};

namespace {

/// One statement with its parameters, numbered from 1, and the columns of its rows, numbered from 0.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& file, const std::string& sql) : database_(database), file_(file) {
    check(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr));
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int index, const std::string& value) {
    check(sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
  }
  void bind(int index, double value) { check(sqlite3_bind_double(statement_, index, value)); }
  void bind(int index, std::int64_t value) { check(sqlite3_bind_int64(statement_, index, value)); }

  /// True while there is a row.
  bool step() {
    const int status = sqlite3_step(statement_);
    if (status != SQLITE_ROW && status != SQLITE_DONE) check(status);
    return status == SQLITE_ROW;
  }

  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr ? ""
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  void check(int status) const {
    if (status != SQLITE_OK) fail(ErrorCode::kIo, "{}: {}", file_, sqlite3_errmsg(database_));
  }

  sqlite3* database_;
  const std::string& file_;
  sqlite3_stmt* statement_ = nullptr;
};

Job job_of(const Statement& row) {
  Job job;
  job.id = row.text(0);
  job.name = row.text(1);
  job.state = job_state_named(row.text(2));
  job.created_sec = row.real(3);
  job.started_sec = row.real(4);
  job.finished_sec = row.real(5);
  job.n_bytes = row.integer(6);
  job.duration_sec = row.real(7);
  job.n_notes = row.integer(8);
  job.edited = row.integer(9) != 0;
  job.error = row.text(10);
  job.only = split_commas(row.text(11));
  job.without = split_commas(row.text(12));
  return job;
}

}  // namespace

JobStore::JobStore(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {
  // The lock is held until the database is closed: two servers on one folder would take each other's jobs.
  impl_->execute("PRAGMA locking_mode = EXCLUSIVE");
  if (sqlite3_exec(impl_->database, "BEGIN EXCLUSIVE; COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
    const std::string reason = sqlite3_errmsg(impl_->database);
    fail(ErrorCode::kIo, "{}: {}; is another server using this folder?", impl_->file, reason);
  }
  Statement version(impl_->database, impl_->file, "PRAGMA user_version");
  version.step();
  const std::int64_t found = version.integer(0);
  if (found > kSchemaVersion) {
    fail(ErrorCode::kUnsupported, "{}: written by a later version (format {}, expected at most {})", impl_->file, found,
         kSchemaVersion);
  }
  if (found == 0) impl_->execute(kSchema);
  if (found == 1) impl_->execute(kFromFormat1);
}

JobStore::~JobStore() = default;

void JobStore::put(const Job& job) {
  Statement statement(
      impl_->database, impl_->file,
      std::string("INSERT INTO jobs (") + kColumns +
          ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) " +
          "ON CONFLICT (id) DO UPDATE SET name = ?2, state = ?3, created_sec = ?4, started_sec = ?5, "
          "finished_sec = ?6, n_bytes = ?7, duration_sec = ?8, n_notes = ?9, edited = ?10, error = ?11, "
          "only = ?12, without = ?13");
  statement.bind(1, job.id);
  statement.bind(2, job.name);
  statement.bind(3, std::string(to_string(job.state)));
  statement.bind(4, job.created_sec);
  statement.bind(5, job.started_sec);
  statement.bind(6, job.finished_sec);
  statement.bind(7, job.n_bytes);
  statement.bind(8, job.duration_sec);
  statement.bind(9, job.n_notes);
  statement.bind(10, std::int64_t{job.edited});
  statement.bind(11, job.error);
  statement.bind(12, with_commas(job.only));
  statement.bind(13, with_commas(job.without));
  statement.step();
}

void JobStore::erase(const std::string& id) {
  Statement statement(impl_->database, impl_->file, "DELETE FROM jobs WHERE id = ?1");
  statement.bind(1, id);
  statement.step();
}

std::optional<Job> JobStore::find(const std::string& id) const {
  Statement statement(impl_->database, impl_->file, std::string("SELECT ") + kColumns + " FROM jobs WHERE id = ?1");
  statement.bind(1, id);
  if (!statement.step()) return std::nullopt;
  return job_of(statement);
}

std::vector<Job> JobStore::all() const {
  Statement statement(impl_->database, impl_->file, std::string("SELECT ") + kColumns + " FROM jobs ORDER BY number");
  std::vector<Job> jobs;
  while (statement.step()) jobs.push_back(job_of(statement));
  return jobs;
}

}  // namespace yourmt3
