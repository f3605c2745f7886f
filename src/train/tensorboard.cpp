#include "train/tensorboard.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <string>

#include "core/fail.h"

namespace yourmt3 {
namespace {

/// Numbers of the fields that we write, in event.proto and summary.proto.
enum Field {
  kEventWallTime = 1,
  kEventStep = 2,
  kEventFileVersion = 3,
  kEventSummary = 5,
  kEventSessionLog = 7,
  kSummaryValue = 1,
  kValueTag = 1,
  kValueSimple = 2,
  kSessionStatus = 1,
};

/// A message of protocol buffers: fields one after another, each behind a key of its number and its wire type.
class Message {
 public:
  Message& integer(Field field, std::uint64_t value) {
    key(field, 0);
    varint(value);
    return *this;
  }
  Message& float64(Field field, double value) {
    key(field, 1);
    fixed(std::bit_cast<std::uint64_t>(value), 8);
    return *this;
  }
  Message& bytes(Field field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    text_ += value;
    return *this;
  }
  Message& float32(Field field, float value) {
    key(field, 5);
    fixed(std::bit_cast<std::uint32_t>(value), 4);
    return *this;
  }
  /// Little-endian.
  Message& fixed(std::uint64_t value, int n_bytes) {
    for (int i = 0; i < n_bytes; ++i) text_ += static_cast<char>(value >> (8 * i) & 0xFF);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  void key(Field field, unsigned wire_type) { varint(static_cast<std::uint64_t>(field) << 3 | wire_type); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(0x80 | (value & 0x7F));
    text_ += static_cast<char>(value);
  }

  std::string text_;
};

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t crc = n;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
    table[n] = crc;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

/// TFRecord stores checksums turned and shifted, because a checksum of bytes that hold their own is a poor one.
std::uint32_t masked_crc32c(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xA282EAD8u;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

std::filesystem::path free_path(const std::filesystem::path& folder, double wall_time) {
  const std::string name = fmt::format("events.out.tfevents.{}.{}", static_cast<std::int64_t>(wall_time), host_name());
  std::filesystem::path path = folder / name;
  for (int n = 1; std::filesystem::exists(path); ++n) path = folder / fmt::format("{}.{}", name, n);
  return path;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
  return ~crc;
}

EventFile::EventFile(const std::filesystem::path& folder, double wall_time, std::int64_t first_step) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  path_ = free_path(folder, wall_time);
  file_.open(path_, std::ios::binary);
  if (!file_) fail(ErrorCode::kIo, "{}: cannot be written", path_.string());
  write_record(Message().float64(kEventWallTime, wall_time).bytes(kEventFileVersion, "brain.Event:2").text());
  if (first_step > 0) {
    constexpr std::uint64_t kStart = 1;
    const Message session = Message().integer(kSessionStatus, kStart);
    write_record(Message()
                     .float64(kEventWallTime, wall_time)
                     .integer(kEventStep, static_cast<std::uint64_t>(first_step))
                     .bytes(kEventSessionLog, session.text())
                     .text());
  }
  flush();
}

void EventFile::add_scalar(std::string_view tag, double value, std::int64_t step, double wall_time) {
  const Message point = Message().bytes(kValueTag, tag).float32(kValueSimple, static_cast<float>(value));
  const Message summary = Message().bytes(kSummaryValue, point.text());
  write_record(Message()
                   .float64(kEventWallTime, wall_time)
                   .integer(kEventStep, static_cast<std::uint64_t>(step))
                   .bytes(kEventSummary, summary.text())
                   .text());
}

void EventFile::write_record(std::string_view event) {
  const std::string length = Message().fixed(event.size(), 8).text();
  file_ << length << Message().fixed(masked_crc32c(length), 4).text() << event
        << Message().fixed(masked_crc32c(event), 4).text();
  if (!file_) fail(ErrorCode::kIo, "{}: cannot be written", path_.string());
}

void EventFile::flush() {
  file_.flush();
  if (!file_) fail(ErrorCode::kIo, "{}: cannot be written", path_.string());
}

}  // namespace yourmt3
