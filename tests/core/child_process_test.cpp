#include "core/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace yourmt3 {
namespace {

std::string output_of(ChildProcess& child) {
  std::string text(1 << 20, '\0');
  text.resize(child.read(std::as_writable_bytes(std::span(text))));
  return text;
}

TEST(ChildProcess, GetsItsArgumentsAsTheyAre) {
  ChildProcess child({});
  ASSERT_EQ(child.start({"printf", "%s|", "two words", "$HOME", "; exit 1", "*"}, STDIN_FILENO), 0);
  EXPECT_EQ(output_of(child), "two words|$HOME|; exit 1|*|");
  EXPECT_EQ(child.status(), 0);
}

TEST(ChildProcess, TellsHowItEndedAndWhatItSaid) {
  ChildProcess child({});
  ASSERT_EQ(child.start({"sh", "-c", "echo out; echo why >&2; exit 3"}, STDIN_FILENO), 0);
  EXPECT_EQ(child.status(), std::nullopt);
  EXPECT_EQ(output_of(child), "out\n");
  ASSERT_TRUE(child.status());
  EXPECT_EQ(WEXITSTATUS(*child.status()), 3);
  EXPECT_EQ(child.messages(), "why\n");
}

TEST(ChildProcess, CannotBeStartedWhenThereIsNone) {
  ChildProcess child({});
  EXPECT_EQ(child.start({"/nowhere/program"}, STDIN_FILENO), ENOENT);
}

TEST(ChildProcess, IsKilledWithWhatItStarted) {
  pid_t grandchild = 0;
  {
    ChildProcess child({.own_group = true});
    ASSERT_EQ(child.start({"sh", "-c", "sleep 1000 & echo $!; wait"}, STDIN_FILENO), 0);
    std::string number;
    for (char c = 0; c != '\n' && child.read(std::as_writable_bytes(std::span(&c, 1))) == 1;) number += c;
    grandchild = std::stoi(number);
    ASSERT_EQ(::kill(grandchild, 0), 0);
  }
  // Whoever takes over orphans here may take a while to clear it away.
  bool gone = false;
  for (int i = 0; i < 6000 && !gone; ++i) {
    std::string state(64, '\0');
    ChildProcess look({});
    ASSERT_EQ(look.start({"ps", "-o", "stat=", "-p", std::to_string(grandchild)}, STDIN_FILENO), 0);
    state = output_of(look);
    gone = state.empty() || state.starts_with("Z");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace yourmt3
