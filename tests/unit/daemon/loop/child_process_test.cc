#include "daemon/loop/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <string>

#include "daemon/loop/loop.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  void TearDown() override {
    child_.reset();
    const auto closed = loop_.close();
    EXPECT_TRUE(closed) << closed.error().message;
  }

  void spawn(const ChildOptions& options) {
    auto child = ChildProcess::spawn(loop_, options, [this](ChildExit exit) { exit_ = exit; });
    ASSERT_TRUE(child) << child.error().message;
    child_ = std::move(*child);
  }

  /// Runs a shell script with a pipe on descriptor 5 and returns what it wrote there.
  std::string outputOf(const std::string& script, ChildOptions options = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    OwnedFd read_end(ends[0]), write_end(ends[1]);
    options.executable = "/bin/sh";
    options.arguments = {"-c", script};
    options.inherited.push_back({5, write_end.get()});
    spawn(options);
    write_end.reset();
    loop_.run();
    std::string output(4096, '\0');
    const ssize_t size = ::read(read_end.get(), output.data(), output.size());
    output.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return output;
  }

  Loop loop_;
  std::unique_ptr<ChildProcess> child_;
  std::optional<ChildExit> exit_;
};

TEST_F(ChildProcessTest, ReportsTheExitCode) {
  spawn({.executable = "/bin/sh", .arguments = {"-c", "exit 7"}});
  loop_.run();
  ASSERT_TRUE(exit_);
  EXPECT_EQ(exit_->code, 7);
  EXPECT_EQ(exit_->signal, 0);
}

TEST_F(ChildProcessTest, ReportsTheSignalThatEndedIt) {
  spawn({.executable = "/bin/sleep", .arguments = {"60"}});
  EXPECT_GT(child_->pid(), 0);
  EXPECT_TRUE(child_->kill(SIGKILL));
  loop_.run();
  ASSERT_TRUE(exit_);
  EXPECT_EQ(exit_->signal, SIGKILL);
  EXPECT_FALSE(child_->kill(SIGKILL));
}

TEST_F(ChildProcessTest, MissingExecutableIsAnErrorThatNamesIt) {
  const auto child =
      ChildProcess::spawn(loop_, {.executable = "/nonexistent/executor"}, [](ChildExit) {});
  ASSERT_FALSE(child);
  EXPECT_NE(child.error().message.find("/nonexistent/executor"), std::string::npos);
}

TEST_F(ChildProcessTest, GetsDescriptorsUnderTheNumbersAskedFor) {
  EXPECT_EQ(outputOf("echo hello >&5"), "hello\n");
}

TEST_F(ChildProcessTest, InheritsNoOtherDescriptors) {
  OwnedFd careless(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC
  ASSERT_TRUE(careless);
  // ls sees its own 0 to 2 and, as 3, the directory it lists.
  EXPECT_EQ(outputOf("exec 9>&5 5>&-; exec ls /proc/self/fd >&9 9>&-"), "0\n1\n2\n3\n");
}

TEST_F(ChildProcessTest, GetsTheEnvironmentAndDirectoryGiven) {
  ChildOptions options;
  options.environment = std::vector<std::string>{"COLOUR=grey", "PATH=/usr/bin:/bin"};
  options.working_directory = "/usr";
  EXPECT_EQ(outputOf("echo \"$COLOUR $(pwd) ${HOME:-no home}\" >&5", options),
            "grey /usr no home\n");
}

TEST_F(ChildProcessTest, HasDefaultSignalActionsThoughTheDaemonIgnoresSigpipe) {
  EXPECT_EQ(outputOf("grep -c '^SigIgn:.*0000000$' /proc/self/status >&5"), "1\n");
}

TEST_F(ChildProcessTest, OwnSessionLeadsItsOwnProcessGroup) {
  spawn({.executable = "/bin/sleep", .arguments = {"60"}, .own_session = true});
  EXPECT_EQ(::getsid(child_->pid()), child_->pid());
  EXPECT_EQ(::getpgid(child_->pid()), child_->pid());
  child_->kill(SIGKILL);
  loop_.run();
}

TEST_F(ChildProcessTest, OutlivesItsObject) {
  spawn({.executable = "/bin/sleep", .arguments = {"60"}});
  const int pid = child_->pid();
  child_.reset();
  loop_.run();
  EXPECT_EQ(::kill(pid, 0), 0);
  ::kill(pid, SIGKILL);
}

}  // namespace
}  // namespace glaux::daemon
