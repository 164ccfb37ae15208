#include "daemon/loop/foreign_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/loop/loop.h"

namespace glaux::daemon {
namespace {

class ForeignProcessTest : public testing::Test {
 protected:
  // To the loop it is a process like any other: nobody here asked for its exit.
  ForeignProcessTest() : pid_(::fork()) {
    if (pid_ == 0) {
      ::pause();
      ::_exit(0);
    }
  }
  ~ForeignProcessTest() override { end(); }

  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  void TearDown() override {
    const auto closed = loop_.close();
    EXPECT_TRUE(closed) << closed.error().message;
  }

  pid_t pid_;
  Loop loop_;
};

TEST_F(ForeignProcessTest, ItsEndIsSeenOnce) {
  int ends = 0;
  auto process = ForeignProcess::hold(loop_, pid_, [&ends] { ++ends; });
  ASSERT_TRUE(process) << process.error().message;
  EXPECT_EQ((*process)->pid(), pid_);
  loop_.runNoWait();
  EXPECT_EQ(ends, 0);
  end();
  loop_.run();
  EXPECT_EQ(ends, 1);
}

TEST_F(ForeignProcessTest, MayBeLetGoOfWhenItsEndIsToldOf) {
  std::unique_ptr<ForeignProcess> held;
  auto process = ForeignProcess::hold(loop_, pid_, [&held] { held.reset(); });
  ASSERT_TRUE(process);
  held = std::move(*process);
  end();
  loop_.run();
  EXPECT_EQ(held, nullptr);
}

TEST_F(ForeignProcessTest, WhatHasEndedCannotBeHeld) {
  const int pid = pid_;
  end();
  EXPECT_FALSE(ForeignProcess::hold(loop_, pid, [] {}));
}

}  // namespace
}  // namespace glaux::daemon
