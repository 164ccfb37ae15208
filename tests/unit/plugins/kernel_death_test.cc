#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "plugins/sdk/restart_budget.h"
#include "tests/unit/plugins/executor_harness.h"

// What executor.capnp says under "When what runs the code dies", against real executors.
namespace glaux::plugins {
namespace {

using namespace std::chrono_literals;

// The kinds of the reports behind the first `after`, in a letter each.
std::string kindsAfter(const std::vector<Report>& reports, std::size_t after) {
  std::string kinds;
  for (std::size_t i = after; i < reports.size(); ++i)
    kinds += "RXSPUFEDu"[reports[i].what.index()];
  return kinds;
}

bool waitReadyAgain(ExecutorHarness& harness, std::size_t times = 2) {
  return harness.waitUntil([&] { return harness.all<SessionReady>().size() == times; });
}

TEST(KernelDeath, FailsTheCalculationAndTheSessionGoesOnWithAFreshKernel) {
  ExecutorHarness harness("mock", {.kernel_restarts = 1});
  harness.waitReady();
  const std::size_t before = harness.reports.size();
  const auto failed = harness.run("die out of memory");
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.reason, "out of memory");
  ASSERT_TRUE(waitReadyAgain(harness));
  EXPECT_EQ(kindsAfter(harness.reports, before), "SDFXXXR");
  EXPECT_EQ(harness.all<KernelDied>().at(0).reason, "out of memory");
  EXPECT_EQ(harness.run("print alive").outcome, Outcome::kCompleted);
  EXPECT_TRUE(harness.all<SessionEnded>().empty());
}

TEST(KernelDeath, UsageGoesOnWhereItWas) {
  ExecutorHarness harness("mock", {.dpus = 2, .kernel_restarts = 3});
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto failed = harness.run("sleep 20\ndie x");
    EXPECT_GE(failed.usage.calculation_dpu_millis, 2u * 19);
    EXPECT_EQ(failed.usage.total_dpu_millis, total + failed.usage.calculation_dpu_millis);
    EXPECT_EQ(failed.usage.executor_id, harness.bootstrap.coordinator_executor_id);
    total = failed.usage.total_dpu_millis;
    ASSERT_TRUE(waitReadyAgain(harness, i + 2));
  }
}

TEST(KernelDeath, TheOneAfterTheLastRestartEndsTheSession) {
  ExecutorHarness harness("mock", {.kernel_restarts = 2});
  for (std::size_t i = 0; i < 2; ++i) {
    harness.run("die x");
    ASSERT_TRUE(waitReadyAgain(harness, i + 2));
  }
  EXPECT_EQ(harness.run("die The last straw.").outcome, Outcome::kFailed);
  const auto ended = harness.waitEnded();
  EXPECT_EQ(ended.ending, Ending::kFailed);
  EXPECT_EQ(ended.reason, "The last straw. It had been started again 2 times within ten minutes.");
  EXPECT_EQ(harness.all<KernelDied>().size(), 2u);
}

TEST(KernelDeath, AFreshKernelThatDoesNotComeUpEndsTheSession) {
  ExecutorHarness harness("mock",
                          {.settings = {{"fail-restart", "no licence"}}, .kernel_restarts = 5});
  harness.run("die Gone.");
  const auto ended = harness.waitEnded();
  EXPECT_EQ(ended.ending, Ending::kFailed);
  EXPECT_EQ(ended.reason, "Gone. A fresh one could not be started: no licence");
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST(KernelDeath, CodeWaitsForTheFreshKernelAndRunsOnce) {
  ExecutorHarness harness("mock",
                          {.settings = {{"restart-delay-ms", "200"}}, .kernel_restarts = 1});
  const auto evidence = harness.bootstrap.session_directory / "evidence";
  harness.run("ran " + evidence.string() + "\ndie x");
  const auto request = harness.request("waiting", "ran " + evidence.string());
  harness.client->run(request);
  harness.client->run(harness.request("calculation-1", "ran " + evidence.string()));
  EXPECT_EQ(harness.waitFinished("waiting").outcome, Outcome::kCompleted);
  std::ifstream in(evidence);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "calculation-1\nwaiting\n");
}

TEST(KernelDeath, CodeThatWaitsCanBeCanceled) {
  ExecutorHarness harness("mock",
                          {.settings = {{"restart-delay-ms", "300"}}, .kernel_restarts = 1});
  harness.run("die x");
  const std::string id = harness.begin("print never");
  harness.client->interrupt(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  ASSERT_TRUE(waitReadyAgain(harness));
  EXPECT_EQ(harness.run("").outcome, Outcome::kCompleted);
}

TEST(KernelDeath, TerminateMeanwhileEndsTheSessionCleanly) {
  ExecutorHarness harness("mock",
                          {.settings = {{"restart-delay-ms", "60000"}}, .kernel_restarts = 1});
  harness.run("die x");
  harness.client->terminate(1000);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kClean);
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST(KernelDeath, AKillOnDemandIsAnsweredWithAFreshKernelAndNotCounted) {
  ExecutorHarness harness("mock", {.kernel_restarts = 1});
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string id = harness.begin("ignore-interrupt\nsleep 60000");
    harness.client->interrupt(id);
    harness.client->kill(id);
    EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
    ASSERT_TRUE(waitReadyAgain(harness, i + 2));
    EXPECT_EQ(harness.all<KernelDied>().back().reason,
              "The kernel was killed to stop calculation " + id + ", which ignored interrupts.");
  }
  EXPECT_EQ(harness.run("").outcome, Outcome::kCompleted);
}

TEST(KernelDeath, DeathOfInterruptedCodeIsItsCancellation) {
  ExecutorHarness harness("mock", {.kernel_restarts = 1});
  const std::string id = harness.begin("ignore-interrupt\nsleep 200\ndie x");
  harness.client->interrupt(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  EXPECT_TRUE(waitReadyAgain(harness));
}

TEST(RestartBudget, ForgetsWhatIsTenMinutesAgo) {
  constexpr std::int64_t kMinute = 60'000;
  RestartBudget budget(2);
  EXPECT_TRUE(budget.take(0));
  EXPECT_TRUE(budget.take(4 * kMinute));
  EXPECT_FALSE(budget.take(10 * kMinute - 1));
  EXPECT_TRUE(budget.take(10 * kMinute));
  EXPECT_FALSE(budget.take(13 * kMinute));
  EXPECT_TRUE(budget.take(14 * kMinute));
}

// ---- a real kernel

class PythonDeath : public testing::Test {
 protected:
  pid_t kernelPid() { return std::stoi(print("import os; print(os.getpid())")); }

  std::string print(const std::string& code) {
    const auto finished = harness.run(code);
    EXPECT_EQ(finished.outcome, Outcome::kCompleted) << finished.reason;
    return harness.standardOutput(finished.calculation_id);
  }

  ExecutorHarness harness{
      "process",
      {.settings = {{"kernel", "python3"}, {"environment", "HOME PATH"}}, .kernel_restarts = 3}};
};

TEST_F(PythonDeath, WhileCodeRunsKeepsWhatItHadPrinted) {
  const auto failed = harness.run(
      "import os, time\nkept = 1\nprint('last words', flush=True)\ntime.sleep(0.5)\n"
      "os.kill(os.getpid(), 9)");
  EXPECT_EQ(failed.reason, "The kernel died: killed by signal 9 (SIGKILL).");
  EXPECT_EQ(harness.standardOutput(failed.calculation_id), "last words\n");
  ASSERT_TRUE(waitReadyAgain(harness));
  const auto lost = harness.run("kept");
  EXPECT_EQ(lost.reason, "NameError: name 'kept' is not defined");
  EXPECT_EQ(print("print(6 * 7)"), "42\n");
}

TEST_F(PythonDeath, TakesWithItWhatCodeHadDetached) {
  const pid_t detached = std::stoi(
      print("import subprocess\n"
            "p = subprocess.Popen(['sleep', '600'], start_new_session=True)\nprint(p.pid)"));
  ASSERT_EQ(::kill(detached, 0), 0);
  harness.run("import os\nos._exit(3)");
  ASSERT_FALSE(harness.all<KernelDied>().empty());
  std::ifstream stat("/proc/" + std::to_string(detached) + "/stat");
  std::string line;
  std::getline(stat, line);
  EXPECT_TRUE(line.empty() || line.find(") Z ") != std::string::npos) << line;
}

TEST_F(PythonDeath, BetweenCalculationsIsNoticedAtOnce) {
  const pid_t first = kernelPid();
  ::kill(first, SIGKILL);
  ASSERT_TRUE(harness.waitUntil([&] { return !harness.all<KernelDied>().empty(); }, 2s));
  ASSERT_TRUE(waitReadyAgain(harness));
  EXPECT_NE(kernelPid(), first);
}

TEST_F(PythonDeath, AFreshKernelCanBeInterruptedLikeTheFirst) {
  harness.run("import os\nos._exit(3)");
  EXPECT_EQ(harness.all<KernelDied>().at(0).reason, "The kernel died: exit status 3.");
  const std::string id = harness.begin("import time\nprint('x', flush=True)\ntime.sleep(60)");
  ASSERT_TRUE(waitReadyAgain(harness));
  ASSERT_TRUE(harness.waitUntil([&] { return harness.standardOutput(id) == "x\n"; }));
  harness.client->interrupt(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  EXPECT_EQ(print("print('alive')"), "alive\n");
}

TEST_F(PythonDeath, WhileTheFreshOneStartsEndsTheSession) {
  const pid_t first = kernelPid();
  ::kill(first, SIGKILL);
  ASSERT_TRUE(harness.waitUntil([&] { return !harness.all<KernelDied>().empty(); }));
  // Its group's leader is a child of the executor's.
  ::kill(harness.childOfExecutor(), SIGKILL);
  const auto ended = harness.waitEnded();
  EXPECT_EQ(ended.ending, Ending::kFailed);
  EXPECT_EQ(ended.reason.rfind("The kernel died: killed by signal 9 (SIGKILL). A fresh one could "
                               "not be started: The kernel died: killed by signal 9 (SIGKILL).",
                               0),
            0u)
      << ended.reason;
}

}  // namespace
}  // namespace glaux::plugins
