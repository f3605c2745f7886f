#include "server/access.h"

#include <gtest/gtest.h>

#include "yourmt3/error.h"

namespace yourmt3 {
namespace {

using Verdict = Access::Verdict;

const std::string kToken = "0123456789abcdef";

TEST(Access, KnowsWhatOnlyThisMachineCanReach) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host :
       {"0.0.0.0", "::", "192.168.0.2", "127.0.0.1.example.org", "localhost.example.org", "127.0.0", ""})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Access, NeedsATokenForWhatOthersCanReach) {
  EXPECT_THROW(Access("0.0.0.0", ""), Error);
  EXPECT_NO_THROW(Access("0.0.0.0", kToken));
  EXPECT_NO_THROW(Access("127.0.0.1", ""));
  EXPECT_THROW(Access("127.0.0.1", "short"), Error);
  EXPECT_THROW(Access("127.0.0.1", kToken + ";\r\n"), Error) << "a cookie could not hold it";
}

TEST(Access, WithoutATokenBelongsToThisMachine) {
  const Access access("127.0.0.1", "");
  const auto check = [&](const char* method, const char* host, const char* origin) {
    return access.check({method, host, origin, "", ""});
  };
  EXPECT_EQ(check("GET", "localhost:8000", ""), Verdict::kAllowed);
  EXPECT_EQ(check("GET", "127.0.0.1", ""), Verdict::kAllowed);
  EXPECT_EQ(check("GET", "[::1]:8000", ""), Verdict::kAllowed);
  EXPECT_EQ(check("GET", "evil.example:8000", ""), Verdict::kForeignHost) << "a name that was rebound to this machine";
  EXPECT_EQ(check("GET", "", ""), Verdict::kForeignHost);
  EXPECT_EQ(check("POST", "localhost:8000", ""), Verdict::kAllowed) << "no browser";
  EXPECT_EQ(check("POST", "localhost:8000", "http://localhost:8000"), Verdict::kAllowed);
  EXPECT_EQ(check("POST", "localhost:8000", "http://evil.example"), Verdict::kForeignOrigin);
  EXPECT_EQ(check("DELETE", "localhost:8000", "http://localhost:9000"), Verdict::kForeignOrigin)
      << "another server here";
  EXPECT_EQ(check("POST", "localhost:8000", "null"), Verdict::kForeignOrigin);
}

TEST(Access, WithATokenBelongsToThoseWhoShowIt) {
  const Access access("0.0.0.0", kToken);
  const auto check = [&](const std::string& authorization, const std::string& cookie) {
    return access.check({"GET", "music.example:8000", "", authorization, cookie});
  };
  EXPECT_EQ(check("Bearer " + kToken, ""), Verdict::kAllowed);
  EXPECT_EQ(check("", "a=b; yourmt3_token=" + kToken), Verdict::kAllowed);
  EXPECT_EQ(check("", ""), Verdict::kNeedsToken);
  EXPECT_EQ(check("Bearer ", ""), Verdict::kNeedsToken);
  EXPECT_EQ(check("Bearer " + kToken + "0", ""), Verdict::kNeedsToken);
  EXPECT_EQ(check("Bearer " + kToken.substr(1), ""), Verdict::kNeedsToken);
  EXPECT_EQ(check("Basic " + kToken, ""), Verdict::kNeedsToken);
  EXPECT_EQ(check("", "yourmt3_token=0"), Verdict::kNeedsToken);
  EXPECT_EQ(check("", "my_yourmt3_token=" + kToken), Verdict::kNeedsToken);
  EXPECT_EQ(access.check({"POST", "music.example:8000", "http://evil.example", "", access.cookie()}),
            Verdict::kForeignOrigin);
}

}  // namespace
}  // namespace yourmt3
