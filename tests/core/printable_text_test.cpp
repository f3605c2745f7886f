#include "core/printable_text.h"

#include <gtest/gtest.h>

namespace yourmt3 {
namespace {

TEST(PrintableText, KeepsWhatIsUtf8) {
  for (const char* text : {"", "plain", "Zo\xC3\xAB", "\xE6\x9B\xB2", "\xF0\x9F\x8E\xB5"})
    EXPECT_EQ(printable_text(text), text);
}

TEST(PrintableText, HasAQuestionMarkForEveryOtherByte) {
  EXPECT_EQ(printable_text("caf\xE9"), "caf?") << "Latin-1";
  EXPECT_EQ(printable_text("\xE6\x9B"), "??") << "cut";
  EXPECT_EQ(printable_text("\xC0\xAF"), "??") << "overlong";
  EXPECT_EQ(printable_text("\xED\xA0\x80"), "???") << "a surrogate";
  EXPECT_EQ(printable_text("\xF4\x90\x80\x80"), "????") << "behind the last plane";
  EXPECT_EQ(printable_text("new\nline\x7F"), "new?line?");
}

}  // namespace
}  // namespace yourmt3
