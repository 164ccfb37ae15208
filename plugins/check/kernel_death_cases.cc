#include <signal.h>

#include <algorithm>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// executor.capnp, "When what runs the code dies".
namespace glaux::plugins::check {
namespace {

std::vector<std::string> concat(std::vector<std::string> left,
                                const std::vector<std::string>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Whether a session goes on after a death, or ends as failed.
bool goesOn(Trial& trial, CheckedSession& session) {
  const auto is_said = [&] {
    return !all<KernelDied>(session.reports()).empty() ||
           !all<SessionEnded>(session.reports()).empty();
  };
  expect(trial.waitUntil(is_said), "neither kernelDied nor sessionEnded after a kernel's death");
  return !all<KernelDied>(session.reports()).empty();
}

// Runs code that kills what runs it; the case is skipped if the executor has no fresh one.
CalculationFinished dieAndGoOn(Trial& trial, CheckedSession& session) {
  const auto finished = session.run(trial.code("die"));
  if (all<KernelDied>(session.reports()).empty()) {
    expectEqual("the ending", nameOf(session.waitEnded().ending), "failed");
    skip("it cannot replace a kernel");
  }
  return finished;
}

void killAll(const std::vector<pid_t>& pids) {
  for (const pid_t pid : pids) ::kill(pid, SIGKILL);
}

void aDeathIsReportedInOrder(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = dieAndGoOn(trial, session);
  session.waitFor("sessionReady", 2);
  const auto running = concat(storyOfAStart(), {"started c1", "kernelDied", "finished c1 failed"});
  expectEqual("the reports", session.story(), concat(running, storyOfAStart()));
  expect(!finished.reason.empty(), "the calculation failed without a reason");
  expect(!all<KernelDied>(session.reports()).front().reason.empty(), "kernelDied has no reason");
}

void aFreshKernelRunsCode(Trial& trial) {
  CheckedSession session(trial);
  dieAndGoOn(trial, session);
  expectEqual("stdout", session.expectPrinted(trial.print("fresh")), "fresh\n");
  expectContractOrder(session.reports());
}

void codeWaitsForTheFreshKernel(Trial& trial) {
  CheckedSession session(trial);
  dieAndGoOn(trial, session);
  const std::string id = session.begin(trial.print("waited"));
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectContractOrder(session.reports());
}

void withoutRestartsADeathEndsTheSession(Trial& trial) {
  CheckedSession session(trial, {.kernel_restarts = 0});
  const auto finished = session.run(trial.code("die"));
  expectEqual("the outcome", nameOf(finished.outcome), "failed");
  expectEqual("the ending", nameOf(session.waitEnded().ending), "failed");
  expectEqual("the reports", session.story(),
              concat(storyOfAStart(),
                     {"started c1", "finished c1 failed", "COORDINATOR FAILED", "ended failed"}));
  session.expectNothingIsLeft();
}

void oneDeathTooManyEndsTheSession(Trial& trial) {
  CheckedSession session(trial, {.kernel_restarts = 2});
  dieAndGoOn(trial, session);
  session.run(trial.code("die"));
  session.waitFor("sessionReady", 3);
  session.run(trial.code("die"));
  const SessionEnded ended = session.waitEnded();
  expectEqual("the ending", nameOf(ended.ending), "failed");
  expect(!ended.reason.empty(), "the session ended without a reason");
  expectEqual("the number of kernelDied",
              static_cast<int>(all<KernelDied>(session.reports()).size()), 2);
  expectContractOrder(session.reports());
  session.expectNothingIsLeft();
}

void noCodeRunsAgain(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(trial.code("die"));
  session.waitFinished(id);
  session.connection().run(session.request(id, trial.print("again")));
  if (goesOn(trial, session)) session.expectCompleted("");
  expectEqual("stdout", session.standardOutput(id), "");
}

void usageGoesOnUnderTheSameIds(Trial& trial) {
  CheckedSession session(trial);
  const auto before = session.expectCompleted(trial.sleep(300ms));
  const auto died = dieAndGoOn(trial, session);
  const auto after = session.expectCompleted("");
  expectAtLeast("calculationDpuMillis of what died with its kernel",
                died.usage.calculation_dpu_millis, 1);
  expectEqual("the executor's id", after.usage.executor_id, before.usage.executor_id);
  expectTotalsNeverDecrease(session.reports());
}

void nothingOfTheOldKernelIsLeft(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted(trial.code("spawn_detached"));
  const auto old = session.kernel();
  dieAndGoOn(trial, session);
  session.waitFor("kernelDied");
  for (const pid_t pid : old) {
    expect(!isRunning(pid), "after kernelDied there still is " + inQuotes(commandLineOf(pid)));
  }
}

void aKernelMayDieIdle(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  killAll(session.kernel());
  if (!goesOn(trial, session)) skip("it cannot replace a kernel");
  session.waitFor("sessionReady", 2);
  expectEqual("the reports", session.story(),
              concat(concat(storyOfAStart(), {"kernelDied"}), storyOfAStart()));
  session.expectCompleted("");
}

void aKernelMayBeKilledWhileItRunsCode(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(trial.sleep(60s));
  session.waitStarted(id);
  killAll(session.kernel());
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "failed");
  if (goesOn(trial, session)) session.expectCompleted("");
  expectContractOrder(session.reports());
}

void aKernelMayDieWhileItStarts(Trial& trial) {
  auto session = CheckedSession::start(trial);
  const auto appeared = [&] { return !labelledProcesses(session->id()).empty(); };
  if (!trial.waitUntil(appeared, 3s)) skip("no process of its own runs this executor's code");
  killAll(session->workers());
  session->connect();
  const SessionEnded ended = session->waitEnded();
  expectEqual("the ending", nameOf(ended.ending), "failed");
  expect(!ended.reason.empty(), "the session ended without a reason");
  expectContractOrder(session->reports());
  session->expectNothingIsLeft();
}

void aKernelMayDieWhileItsSessionEnds(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.beginStubborn(60s);
  session.terminate(20000);
  killAll(session.kernel());
  session.waitFinished(id);
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
  expectContractOrder(session.reports());
}

void aFreshKernelThatDoesNotComeUpEndsTheSession(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("failing_restart")});
  session.waitReady();
  session.begin(trial.code("die"));
  expectEqual("the ending", nameOf(session.waitEnded().ending), "failed");
  expectContractOrder(session.reports());
  session.expectNothingIsLeft();
}

}  // namespace

Group kernelDeathCases() {
  return {"kernel-death",
          {
              {"a-death-is-reported-in-order", aDeathIsReportedInOrder},
              {"a-fresh-kernel-runs-code", aFreshKernelRunsCode},
              {"code-waits-for-the-fresh-kernel", codeWaitsForTheFreshKernel},
              {"without-restarts-a-death-ends-the-session", withoutRestartsADeathEndsTheSession},
              {"one-death-too-many-ends-the-session", oneDeathTooManyEndsTheSession},
              {"no-code-runs-again", noCodeRunsAgain},
              {"usage-goes-on-under-the-same-ids", usageGoesOnUnderTheSameIds},
              {"nothing-of-the-old-kernel-is-left", nothingOfTheOldKernelIsLeft},
              {"a-kernel-may-die-idle", aKernelMayDieIdle},
              {"a-kernel-may-be-killed-while-it-runs-code", aKernelMayBeKilledWhileItRunsCode},
              {"a-kernel-may-die-while-it-starts", aKernelMayDieWhileItStarts},
              {"a-kernel-may-die-while-its-session-ends", aKernelMayDieWhileItsSessionEnds},
              {"a-fresh-kernel-that-does-not-come-up-ends-the-session",
               aFreshKernelThatDoesNotComeUpEndsTheSession},
          }};
}

}  // namespace glaux::plugins::check
