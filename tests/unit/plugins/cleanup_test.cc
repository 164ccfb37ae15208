#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "plugins/protocol/process_identity.h"
#include "plugins/protocol/spool.h"
#include "tests/unit/plugins/executor_harness.h"

// `glaux-executor-process cleanup`, with real processes.
namespace glaux::plugins {
namespace {

using namespace std::chrono_literals;

struct Ran {
  int status = -1;
  std::string output;  // stdout and stderr
};

Ran run(const std::string& arguments) {
  const std::string command =
      std::string(GLAUX_EXECUTORS) + "/process/glaux-executor-process " + arguments + " 2>&1";
  Ran ran;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof(buffer), pipe))
    ran.output.append(buffer, size);
  ran.status = WEXITSTATUS(::pclose(pipe));
  return ran;
}

std::string bootId() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

bool isRunning(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(stat, line);
  const auto name_end = line.rfind(')');
  return name_end != std::string::npos && line[name_end + 2] != 'Z';
}

class Cleanup : public testing::Test {
 protected:
  pid_t printedPid(const std::string& code) {
    const auto finished = harness.run(code);
    EXPECT_EQ(finished.outcome, Outcome::kCompleted) << finished.reason;
    return std::stoi(harness.standardOutput(finished.calculation_id));
  }

  void killExecutor() {
    ::kill(harness.pid, SIGKILL);
    harness.waitExit();
  }

  Ran cleanup(const std::string& more = "") { return run("cleanup " + directory() + more); }
  std::string directory() const { return harness.bootstrap.session_directory.string(); }

  ExecutorHarness harness{"process",
                          {.settings = {{"kernel", "python3"}, {"environment", "HOME PATH"}}}};
};

constexpr const char* kSpawnsAChild =
    "import subprocess\np = subprocess.Popen(['sleep', '600'])\nprint(p.pid)";
constexpr const char* kSpawnsADaemon =
    "import subprocess\np = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
    "print(p.pid)";
constexpr const char* kSpawnsAStrangerToItsLabel =
    "import subprocess\np = subprocess.Popen(['/bin/sleep', '600'], env={})\nprint(p.pid)";

TEST_F(Cleanup, EndsWhatCodeLeftWhenItsExecutorDied) {
  const pid_t child = printedPid(kSpawnsAChild);
  const pid_t daemon = printedPid(kSpawnsADaemon);
  const pid_t unlabelled = printedPid(kSpawnsAStrangerToItsLabel);
  killExecutor();
  ASSERT_TRUE(isRunning(child));
  const Ran ran = cleanup();
  EXPECT_EQ(ran.status, 0) << ran.output;
  for (const pid_t pid : {child, daemon, unlabelled}) {
    EXPECT_FALSE(isRunning(pid));
    EXPECT_NE(ran.output.find("killed process " + std::to_string(pid) + "\n"), std::string::npos)
        << ran.output;
  }
  EXPECT_TRUE(ran.output.ends_with("\nnothing is left\n")) << ran.output;
  EXPECT_TRUE(readSpool(harness.bootstrap.session_directory)) << "the daemon's affair";

  const Ran again = cleanup();
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.output, "nothing is left\n");
}

TEST_F(Cleanup, RefusesWhileTheExecutorLivesUnlessForced) {
  const pid_t kernel = printedPid("import os; print(os.getpid())");
  const pid_t child = printedPid(kSpawnsAStrangerToItsLabel);
  const Ran refused = cleanup();
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(refused.output, "executor " + std::to_string(harness.pid) + " of session " +
                                harness.bootstrap.session_id +
                                " is alive. SIGTERM ends it in order, --force at once.\n");
  EXPECT_TRUE(isRunning(kernel));
  EXPECT_EQ(harness.run("1").outcome, Outcome::kCompleted);

  const Ran forced = cleanup(" --force");
  EXPECT_EQ(forced.status, 0) << forced.output;
  for (const pid_t pid : {harness.pid, kernel, child}) EXPECT_FALSE(isRunning(pid));
  EXPECT_TRUE(WIFSIGNALED(harness.waitExit()));
}

TEST_F(Cleanup, EndsAKernelThatPaintedOverItsLabelByItsRecordedIdentity) {
  // A process of ours stands for a kernel that outlived its executor: no label, another session.
  harness.waitReady();
  killExecutor();
  pid_t stray = -1;
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  char name[] = "sleep", time[] = "600";
  char* argv[] = {name, time, nullptr};
  ASSERT_EQ(::posix_spawnp(&stray, "sleep", nullptr, &attributes, argv, environ), 0);
  posix_spawnattr_destroy(&attributes);
  const auto file = harness.bootstrap.session_directory / "kernel-identity.json";
  ASSERT_TRUE(std::filesystem::exists(file));
  ASSERT_TRUE(writeIdentity(file, static_cast<std::uint32_t>(stray), harness.bootstrap.session_id));
  const Ran ran = cleanup();
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.output, "killed kernel " + std::to_string(stray) + "\nnothing is left\n");
  int status = 0;
  EXPECT_EQ(::waitpid(stray, &status, 0), stray);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(Cleanup, SignalsNobodyWhoGotAPidOfTheDead) {
  harness.waitReady();
  killExecutor();
  // Both records name this test's process by its number, but not by its start.
  const std::string stale = R"({"pid": )" + std::to_string(::getpid()) +
                            R"(, "start_time_ticks": 1, "boot_id": ")" + bootId() +
                            R"(", "session": "another"})";
  for (const char* name : {"identity.json", "kernel-identity.json"}) {
    std::ofstream(harness.bootstrap.session_directory / name) << stale;
  }
  const Ran ran = cleanup(" --force");
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.output, "nothing is left\n");
}

TEST_F(Cleanup, KnowsThatARestartedMachineHasNothingLeft) {
  harness.waitReady();
  killExecutor();
  std::ofstream(harness.bootstrap.session_directory / "identity.json")
      << R"({"pid": 1, "start_time_ticks": 1, "boot_id": "before", "session": "s"})";
  EXPECT_EQ(cleanup().status, 0);
}

TEST(CleanupCall, WhereNobodyEverWasThereIsNothing) {
  const TemporaryDirectory directory;
  const Ran ran = run("cleanup " + directory.path.string());
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.output, "no executor has ever begun here: nothing is left\n");
}

TEST(CleanupCall, WrongCallsAreRefusedAndHelpTeachesTheRightOne) {
  EXPECT_EQ(run("cleanup").status, 2);
  EXPECT_EQ(run("cleanup /nonexistent").status, 2);
  EXPECT_EQ(run("cleanup /tmp --please").status, 2);
  EXPECT_EQ(run("clean").status, 2);
  const Ran help = run("--help");
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.output.find("cleanup SESSION_DIRECTORY [--force]"), std::string::npos);
}

}  // namespace
}  // namespace glaux::plugins
