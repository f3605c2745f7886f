// Event files are read back by a decoder that shares nothing with the writer.

#include "train/tensorboard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

struct Point {
  std::string tag;
  float value = 0;
};

struct Event {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string file_version;
  std::optional<int> session_status;
  std::vector<Point> points;
};

/// Bit by bit, the definition: the remainder by the reversed polynomial 0x1EDC6F41.
std::uint32_t slow_crc(const std::string& bytes) {
  std::uint32_t remainder = 0xFFFFFFFF;
  for (const char c : bytes) {
    for (int bit = 0; bit < 8; ++bit) {
      const bool odd = ((remainder ^ (static_cast<unsigned char>(c) >> bit)) & 1) != 0;
      remainder >>= 1;
      if (odd) remainder ^= 0x82F63B78;
    }
  }
  return remainder ^ 0xFFFFFFFF;
}

/// Cuts bytes off the front of a text; every read is checked.
class Cursor {
 public:
  explicit Cursor(std::string text) : text_(std::move(text)) {}
  bool done() const { return at_ == text_.size(); }
  std::string take(std::size_t n) {
    if (n > text_.size() - at_) throw std::runtime_error("the bytes end too early");
    at_ += n;
    return text_.substr(at_ - n, n);
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// Fields by number; each as its raw bytes, or its value for integers.
std::multimap<int, std::pair<std::string, std::uint64_t>> fields_of(const std::string& message) {
  std::multimap<int, std::pair<std::string, std::uint64_t>> fields;
  Cursor cursor(message);
  while (!cursor.done()) {
    const std::uint64_t key = cursor.varint();
    std::pair<std::string, std::uint64_t> value;
    switch (key & 7) {
      case 0:
        value.second = cursor.varint();
        break;
      case 1:
        value.first = cursor.take(8);
        break;
      case 2:
        value.first = cursor.take(cursor.varint());
        break;
      case 5:
        value.first = cursor.take(4);
        break;
      default:
        throw std::runtime_error("unknown wire type");
    }
    fields.emplace(static_cast<int>(key >> 3), value);
  }
  return fields;
}

Event decode(const std::string& record) {
  Event event;
  for (const auto& [number, value] : fields_of(record)) {
    if (number == 1) event.wall_time = Cursor(value.first).number<double>();
    if (number == 2) event.step = static_cast<std::int64_t>(value.second);
    if (number == 3) event.file_version = value.first;
    if (number == 7) event.session_status = static_cast<int>(fields_of(value.first).find(1)->second.second);
    if (number != 5) continue;
    for (const auto& [inner, point] : fields_of(value.first)) {
      EXPECT_EQ(inner, 1);
      const auto parts = fields_of(point.first);
      event.points.push_back({parts.find(1)->second.first, Cursor(parts.find(2)->second.first).number<float>()});
    }
  }
  return event;
}

std::vector<Event> read_events(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Cursor cursor(std::string(std::istreambuf_iterator<char>(file), {}));
  const auto masked = [](const std::string& bytes) {
    const std::uint32_t crc = slow_crc(bytes);
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
  };
  std::vector<Event> events;
  while (!cursor.done()) {
    const std::string length = cursor.take(8);
    EXPECT_EQ(cursor.number<std::uint32_t>(), masked(length));
    const std::string record = cursor.take(Cursor(length).number<std::uint64_t>());
    EXPECT_EQ(cursor.number<std::uint32_t>(), masked(record));
    events.push_back(decode(record));
  }
  return events;
}

class EventFiles : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST(Crc32c, GivesTheValuesOfTheStandard) {
  // RFC 3720, B.4, and the usual check value of digits.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  EXPECT_EQ(crc32c(ascending), 0x46DD794Eu);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST_F(EventFiles, HoldWhatWasAdded) {
  std::filesystem::path path;
  {
    EventFile file(folder_ / "run", 1700000000.25);
    file.add_scalar("train/token_loss", 3.5, 1, 1700000001.5);
    file.add_scalar("train/lr", -1e-3, 300, 1700000002);
    file.add_scalar("validation/onset_f1", std::nan(""), std::int64_t{1} << 40, 1700000003);
    path = file.path();
  }
  EXPECT_EQ(path.parent_path(), folder_ / "run");
  EXPECT_TRUE(path.filename().string().starts_with("events.out.tfevents.1700000000.")) << path;
  const std::vector<Event> events = read_events(path);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
  EXPECT_EQ(events[0].wall_time, 1700000000.25);
  ASSERT_EQ(events[1].points.size(), 1u);
  EXPECT_EQ(events[1].points[0].tag, "train/token_loss");
  EXPECT_EQ(events[1].points[0].value, 3.5f);
  EXPECT_EQ(events[1].wall_time, 1700000001.5);
  EXPECT_EQ(events[1].step, 1);
  EXPECT_EQ(events[2].points.at(0).value, -1e-3f);
  EXPECT_EQ(events[2].step, 300);
  EXPECT_TRUE(std::isnan(events[3].points.at(0).value));
  EXPECT_EQ(events[3].step, std::int64_t{1} << 40);
}

TEST_F(EventFiles, AreReadableAfterEveryFlush) {
  EventFile file(folder_, 1700000000);
  EXPECT_EQ(read_events(file.path()).size(), 1u);
  file.add_scalar("loss", 1, 1, 1700000001);
  file.flush();
  EXPECT_EQ(read_events(file.path()).size(), 2u);
}

TEST_F(EventFiles, OfARunThatGoesOnSayWhere) {
  const EventFile first(folder_, 1700000000);
  const EventFile second(folder_, 1700000000, 500);
  EXPECT_NE(first.path(), second.path());
  EXPECT_EQ(read_events(first.path()).size(), 1u);
  const std::vector<Event> events = read_events(second.path());
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].session_status, 1);
  EXPECT_EQ(events[1].step, 500);
}

TEST_F(EventFiles, NeedAFolder) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_THROW(EventFile(folder_ / "file", 1700000000), Error);
}

}  // namespace
}  // namespace yourmt3
