#include "prepare/prepare_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "core/atomic_file.h"
#include "core/fail.h"
#include "core/parallel.h"
#include "data/store.h"
#include "prepare/item_record.h"
#include "prepare/item_writer.h"
#include "yourmt3/version.h"

namespace yourmt3 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndexName = "index.jsonl";
constexpr const char* kPartExtension = ".part";

/// Keeps a second run out of a folder, until the end of the process at the latest.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ < 0) {
      const int code = errno;
      fail(ErrorCode::kIo, "{}: {}", folder.string(), std::strerror(code));
    }
    // File systems without locks only lose the check.
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(descriptor_);
      fail(ErrorCode::kInvalidArgument, "{}: another run is preparing a data set here", folder.string());
    }
  }
  ~FolderLock() { ::close(descriptor_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

void remove_whole(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail(ErrorCode::kIo, "{}: cannot be removed: {}", path.string(), error.message());
}

bool is_part(const fs::path& name) {
  return name.string().starts_with('.') && name.extension() == kPartExtension;
}

class StorePreparation {
 public:
  StorePreparation(const DataSet& set, const PrepareOptions& options, const ProgressCallback& progress)
      : set_(set), options_(options), progress_(progress) {
    origin_ = {set.title(), set.licence(), options.data_set.as_reference};
    manifest_.data_set = set.name();
    manifest_.title = set.title();
    manifest_.licence = set.licence();
    manifest_.program_version = YOURMT3_VERSION;
    manifest_.source = fs::absolute(options.source).lexically_normal().string();
    manifest_.options = options.data_set;
  }

  Manifest run() {
    std::error_code error;
    if (!fs::is_directory(options_.source, error)) {
      fail(ErrorCode::kNotFound, "{}: no such folder", options_.source.string());
    }
    // The source is looked at before anything is written.
    const DataSetPlan plan = set_.plan(options_.source, options_.data_set);
    manifest_.items = plan.items.size();
    if (plan.items.empty()) {
      fail(ErrorCode::kNotFound, "{}: nothing of {} in it; expected is\n{}", options_.source.string(), set_.title(),
           set_.layout());
    }
    std::set<std::string> ids;
    for (const PlannedItem& item : plan.items) {
      if (!ids.insert(item.id).second)
        fail(ErrorCode::kMalformed, "two recordings are called '{}'; rename one", item.id);
    }
    fs::create_directories(options_.output, error);
    if (error) fail(ErrorCode::kIo, "{}: cannot make this folder: {}", options_.output.string(), error.message());
    const FolderLock lock(options_.output);
    check_output();
    clear(plan);
    write_manifest();
    outcomes_.resize(plan.items.size());
    std::atomic<std::size_t> done = 0;
    const auto total = static_cast<double>(plan.items.size());
    report_progress(progress_, 0, total);
    parallel_for(plan.items.size(), options_.threads, [&](std::size_t i) {
      report_progress(progress_, static_cast<double>(done), total);
      outcomes_[i] = prepare_item(plan.items[i]);
      report_progress(progress_, static_cast<double>(++done), total);
    });
    finish(plan);
    return std::move(manifest_);
  }

 private:
  struct Outcome {
    std::optional<ItemRecord> record;
    std::string reason;  ///< Why there is no record.
    bool kept = false;
  };

  /// The folder is ours, or empty.
  void check_output() const {
    const fs::path& folder = options_.output;
    const auto before = read_manifest_leniently();
    if (before && before->data_set != set_.name() && !options_.start_over) {
      fail(ErrorCode::kInvalidArgument,
           "{}: holds the data set '{}'; name another folder, or use --force to replace what was prepared in it",
           folder.string(), before->data_set);
    }
    if (!before && !fs::is_empty(folder)) {
      fail(ErrorCode::kInvalidArgument, "{}: holds files that were not prepared from a data set; name another folder",
           folder.string());
    }
  }

  std::optional<Manifest> read_manifest_leniently() const {
    try {
      return read_manifest(options_.output);
    } catch (const Error&) {
      if (!options_.start_over) throw;
      return Manifest{};
    }
  }

  /// Removes what was left unfinished, and items that are not wanted (any more).
  void clear(const DataSetPlan& plan) {
    std::set<std::string> wanted;
    if (!options_.start_over) {
      for (const PlannedItem& item : plan.items) wanted.insert(item.id);
    }
    // Not while going through the folder: what is met after a change is not told.
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(options_.output)) {
      if (entry.is_directory()) entries.push_back(entry.path());
    }
    for (const fs::path& entry : entries) {
      const bool unwanted = fs::exists(entry / kItemRecordName) && !wanted.contains(entry.filename().string());
      if (is_part(entry.filename()) || unwanted) remove_whole(entry);
    }
    // Until the end the folder is no data set: tracks may go before others take their place.
    remove_whole(options_.output / kIndexName);
  }

  void write_manifest() { write_file_atomically(options_.output / kManifestName, manifest_text(manifest_)); }

  Outcome prepare_item(const PlannedItem& item) {
    Outcome outcome;
    const fs::path folder = options_.output / item.id;
    std::string key;
    std::optional<PreparedItem> read;
    try {
      if (!is_plain_name(item.id)) {
        fail(ErrorCode::kInvalidArgument,
             "cannot be the name of a folder: no UTF-8, hidden, with a slash, or too long");
      }
      key = item_key(set_, item, options_.source, options_.data_set);
      outcome.record = read_item_record(folder);
      outcome.kept = outcome.record && outcome.record->key == key;
      if (outcome.kept) return outcome;
      outcome.record.reset();
      read = item.read();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled || error.code() == ErrorCode::kOutOfMemory) throw;
      return skipped(item, folder, error.what(), error.code());
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      return skipped(item, folder, error.what(), ErrorCode::kMalformed);
    }
    const fs::path part = options_.output / ("." + item.id + kPartExtension);
    std::error_code error;
    fs::create_directory(part, error);
    if (error) fail(ErrorCode::kIo, "{}: cannot make this folder: {}", part.string(), error.message());
    try {
      outcome.record = write_item(part, item.id, std::move(*read), key, origin_);
    } catch (const Error& problem) {
      remove_whole(part);
      // A disk that is full, or the like, would end every other item too.
      if (problem.code() == ErrorCode::kIo) throw;
      return skipped(item, folder, problem.what(), problem.code());
    }
    remove_whole(folder);
    fs::rename(part, folder, error);
    if (error) fail(ErrorCode::kIo, "{}: cannot put the folder in its place: {}", folder.string(), error.message());
    return outcome;
  }

  Outcome skipped(const PlannedItem& item, const fs::path& folder, std::string reason, ErrorCode code) {
    if (options_.strict) throw Error(code, fmt::format("{}: {}", item.id, reason));
    // An earlier version would be of files that are no longer as they were.
    if (is_plain_name(item.id)) remove_whole(folder);
    return {std::nullopt, std::move(reason), false};
  }

  void finish(const DataSetPlan& plan) {
    manifest_.remarks = plan.remarks;
    std::map<std::string, std::string> lines;  // By id of the track.
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
      const Outcome& outcome = outcomes_[i];
      const std::string& id = plan.items[i].id;
      if (!outcome.record) {
        manifest_.skipped.push_back({id, outcome.reason});
        continue;
      }
      if (outcome.kept) ++manifest_.kept;
      for (const std::string& remark : outcome.record->remarks) manifest_.remarks.push_back(id + ": " + remark);
      for (const std::string& line : outcome.record->index_lines) {
        const std::string track = parse_index_line(line).id;
        if (lines.emplace(track, line + "\n").second) continue;
        fail(ErrorCode::kMalformed, "{}: a track is called '{}' already; rename one of the two in the source", id,
             track);
      }
    }
    if (lines.empty()) {
      fail(ErrorCode::kNotFound, "{}: none of {} items could be prepared; the first: {}: {}", options_.source.string(),
           plan.items.size(), manifest_.skipped.front().id, manifest_.skipped.front().reason);
    }
    std::string index;
    for (const auto& [id, line] : lines) index += line;
    manifest_.tracks = lines.size();
    manifest_.complete = true;
    write_file_atomically(options_.output / kIndexName, index);
    write_manifest();
  }

  const DataSet& set_;
  const PrepareOptions& options_;
  const ProgressCallback& progress_;
  ItemOrigin origin_;
  Manifest manifest_;
  std::vector<Outcome> outcomes_;
};

}  // namespace

Manifest prepare_store(const DataSet& set, const PrepareOptions& options, const ProgressCallback& progress) {
  return StorePreparation(set, options, progress).run();
}

}  // namespace yourmt3
