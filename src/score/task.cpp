#include "score/task.h"

#include <utility>

#include <fmt/ranges.h>

#include "core/fail.h"

namespace yourmt3 {

namespace {

Task plain_task(std::string name, std::string_view programs, int n_channels, int max_note_tokens,
                std::vector<std::string> task_tokens = {}) {
  return {.name = std::move(name),
          .vocabulary = {std::move(task_tokens), program_vocabulary(programs), drum_vocabulary("gm")},
          .n_channels = n_channels,
          .max_note_tokens = max_note_tokens,
          .max_task_tokens = 0,
          .prefixes = {{"default", {}}},
          .ignored_ids = {}};
}

std::vector<std::int32_t> all_task_ids(const Task& task) {
  std::vector<std::int32_t> ids;
  const EventRange& range = task.vocabulary.range(EventType::kTask);
  for (int i = 0; i < range.count; ++i) ids.push_back(range.first_id + i);
  return ids;
}

// Source: the task table of the reference implementation.
std::vector<Task> make_tasks() {
  std::vector<Task> tasks;
  for (const char* name : {"mt3_midi", "mt3_midi_plus", "mt3_full", "mt3_full_plus", "gm_ext_plus"}) {
    tasks.push_back(plain_task(name, name, 1, 1024));
  }

  Task singing = plain_task("singing_v1", "mt3_full_plus", 1, 1024, {"task", "transcribe_singing", "transcribe_all"});
  singing.max_task_tokens = 2;
  singing.prefixes = {{"default", {5, 3}}, {"singing-only", {4, 3}}};
  singing.ignored_ids = all_task_ids(singing);
  tasks.push_back(std::move(singing));

  Task singing_drum = plain_task("singing_drum_v1", "mt3_full_plus", 1, 1024,
                                 {"task", "transcribe_singing", "transcribe_drum", "transcribe_all"});
  singing_drum.max_task_tokens = 2;
  singing_drum.prefixes = {{"default", {6, 3}}, {"singing-only", {4, 3}}, {"drum-only", {5, 3}}};
  singing_drum.ignored_ids = all_task_ids(singing_drum);
  tasks.push_back(std::move(singing_drum));

  tasks.push_back(plain_task("mc13", "gm_plus", 13, 512));
  tasks.push_back(plain_task("mc13_256", "gm_plus", 13, 256));
  tasks.push_back(plain_task("mc13_full_plus", "mt3_full_plus", 13, 512));
  tasks.push_back(plain_task("mc13_full_plus_256", "mt3_full_plus", 13, 256));

  // As the reference: its task tokens are not deleted before decoding.
  Task exclusive = plain_task("exc_v1", "mt3_full_plus", 1, 1024, {"transcribe", "all", ":"});
  exclusive.prefixes = {{"default", {3, 4, 5}}};
  tasks.push_back(std::move(exclusive));

  // Ours. Ends of notes are hard to hear and slow to learn; a network that may first learn onsets alone gets there
  // several times faster.
  Task onset = plain_task("onset_v1", "gm_plus", 1, 511, {"transcribe_onsets", "transcribe_notes"});
  onset.max_task_tokens = 1;
  onset.prefixes = {{"default", {4}}, {"onsets", {3}}, {"notes", {4}}};
  onset.ignored_ids = all_task_ids(onset);
  tasks.push_back(std::move(onset));
  return tasks;
}

const std::vector<Task>& all_tasks() {
  static const std::vector<Task> tasks = make_tasks();
  return tasks;
}

}  // namespace

std::span<const std::string_view> task_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const Task& task : all_tasks()) list.push_back(task.name);
    return list;
  }();
  return names;
}

const Task& task(std::string_view name) {
  for (const Task& task : all_tasks()) {
    if (task.name == name) return task;
  }
  fail(ErrorCode::kNotFound, "no task '{}', expected one of: {}", name, fmt::join(task_names(), ", "));
}

}  // namespace yourmt3
