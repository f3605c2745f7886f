#include "server/download.h"

#include <gtest/gtest.h>

namespace yourmt3 {
namespace {

TEST(Attachment, IsNamedAfterTheRecording) {
  EXPECT_EQ(attachment("My song (live).mp3", ".mid"),
            "attachment; filename=\"My song (live).mid\"; filename*=UTF-8''My%20song%20%28live%29.mid");
  EXPECT_EQ(attachment("Zo\xC3\xAB", ".csv"), "attachment; filename=\"Zo__.csv\"; filename*=UTF-8''Zo%C3%AB.csv");
  EXPECT_EQ(attachment(".mp3", ".mid"), "attachment; filename=\".mp3.mid\"; filename*=UTF-8''.mp3.mid");
}

TEST(Attachment, CannotLeaveItsHeader) {
  EXPECT_EQ(
      attachment("a\"; x=../b\r\nEvil: 1.mp3", ".mid"),
      "attachment; filename=\"a__ x_.._b__Evil_ 1.mid\"; filename*=UTF-8''a%22%3B%20x%3D..%2Fb%0D%0AEvil%3A%201.mid");
}

TEST(RecordingType, IsToldByTheFirstBytes) {
  EXPECT_EQ(recording_type("RIFF????WAVE"), "audio/wav");
  EXPECT_EQ(recording_type("OggS"), "audio/ogg");
  EXPECT_EQ(recording_type(std::string("\0\0\0\x20"
                                       "ftypM4A ",
                                       12)),
            "audio/mp4");
  EXPECT_EQ(recording_type("<html><script>"), "application/octet-stream");
  EXPECT_EQ(recording_type(""), "application/octet-stream");
}

}  // namespace
}  // namespace yourmt3
