#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace yourmt3 {

/// Writes scalars as an event file that TensorBoard shows: `events.out.tfevents.<seconds>.<host>` in the folder of a
/// run, and TensorBoard is given that folder or one above it.
///
/// Records are framed as TFRecord: length, checksum of the length, an Event as a protocol buffer, checksum of that.
/// Source: record_writer.h and event.proto of TensorFlow, for the format.
class EventFile {
 public:
  /// Makes the folder and a new file in it; `wall_time` is in seconds since 1970. With `first_step` > 0, of a run that
  /// goes on, TensorBoard forgets what older files of the folder say about that step and later ones. Throws Error(kIo).
  EventFile(const std::filesystem::path& folder, double wall_time, std::int64_t first_step = 0);

  /// One point of the curve `tag`; slashes in it make groups, as in "train/token_loss". Throws Error(kIo).
  void add_scalar(std::string_view tag, double value, std::int64_t step, double wall_time);

  /// Hands what was added to the system. Throws Error(kIo).
  void flush();

  const std::filesystem::path& path() const { return path_; }

 private:
  void write_record(std::string_view event);

  std::filesystem::path path_;
  std::ofstream file_;
};

/// CRC-32C (Castagnoli) of some bytes.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace yourmt3
