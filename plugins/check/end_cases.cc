#include <signal.h>
#include <sys/wait.h>

#include <chrono>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"

// executor.capnp, `Executor.terminate`, SIGTERM, and how an executor exits.
namespace glaux::plugins::check {
namespace {

using Clock = std::chrono::steady_clock;

void expectExitStatusZero(CheckedSession& session, std::chrono::milliseconds timeout) {
  const int status = session.waitExit(timeout);
  expect(WIFEXITED(status) && WEXITSTATUS(status) == 0,
         "the executor ended with " + describeWaitStatus(status));
}

void terminateEndsTheSessionClean(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  session.terminate();
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
  expectContractOrder(session.reports());
}

void terminateBeforeReadinessEndsTheSessionClean(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("slow_start")});
  session.terminate();
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
  expectContractOrder(session.reports());
  session.expectNothingIsLeft();
}

void terminateCancelsWhatRuns(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(trial.sleep(60s));
  session.waitStarted(id);
  const auto began = Clock::now();
  session.terminate(15000);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
  if (trial.subject().description.can_interrupt)
    expectAtMost("the milliseconds it took", millisSince(began), trial.scaled(10s).count());
}

void terminateKillsWhenTheGraceHasPassed(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.beginStubborn(60s);
  const auto began = Clock::now();
  session.terminate(1000);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
  expectAtLeast("the milliseconds it took", millisSince(began), 900);
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
}

void codeThatEndsWithinTheGraceIsCompleted(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.beginStubborn(1500ms, trial.print("done"));
  session.terminate(15000);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectEqual("stdout", session.standardOutput(id), "stubborn\ndone\n");
  session.waitEnded();
}

void aRepeatedTerminateShortensTheGrace(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(60s);
  const auto began = Clock::now();
  session.terminate(60000);
  session.terminate(300);
  session.waitEnded();
  expectAtMost("the milliseconds it took", millisSince(began), trial.scaled(10s).count());
}

void aRepeatedTerminateNeverExtendsTheGrace(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(60s);
  const auto began = Clock::now();
  session.terminate(500);
  session.terminate(60000);
  session.waitEnded();
  expectAtMost("the milliseconds it took", millisSince(began), trial.scaled(10s).count());
}

void sigtermEndsTheSessionInOrder(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(trial.sleep(60s));
  session.waitStarted(id);
  session.signal(SIGTERM);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
  expectContractOrder(session.reports());
  expectExitStatusZero(session, 10s);
}

void itExitsWhenAllIsAcknowledged(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.terminate();
  session.waitEnded();
  trial.pause(300ms);
  expect(!session.waitStatus(), "it has exited before sessionEnded was acknowledged");
  session.connection().acknowledgeLater(session.lastNumber());
  expectExitStatusZero(session, 5s);
}

void itExitsTenSecondsAfterTheEndAnyway(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.terminate();
  session.waitEnded();
  const auto began = Clock::now();
  expectExitStatusZero(session, 15s);
  expectAtLeast("the milliseconds it waited", millisSince(began), 8000);
  expect(session.spool() == session.reports(), "the spool is not what was never acknowledged");
}

void nothingIsLeftOfAnEndedSession(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted("");
  session.terminate();
  session.waitEnded();
  session.waitExit();
  session.expectNothingIsLeft();
}

void nothingThatCodeDetachedIsLeft(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted(trial.code("spawn_detached"));
  session.terminate();
  session.waitEnded();
  session.expectNothingIsLeft();
}

void sessionEndedHasAReason(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  session.terminate();
  expect(!session.waitEnded().reason.empty(), "the session ended without a reason for the user");
}

}  // namespace

Group endCases() {
  return {
      "end",
      {
          {"it-exits-ten-seconds-after-the-end-anyway", itExitsTenSecondsAfterTheEndAnyway},
          {"terminate-ends-the-session-clean", terminateEndsTheSessionClean},
          {"terminate-before-readiness-ends-the-session-clean",
           terminateBeforeReadinessEndsTheSessionClean},
          {"terminate-cancels-what-runs", terminateCancelsWhatRuns},
          {"terminate-kills-when-the-grace-has-passed", terminateKillsWhenTheGraceHasPassed},
          {"code-that-ends-within-the-grace-is-completed", codeThatEndsWithinTheGraceIsCompleted},
          {"a-repeated-terminate-shortens-the-grace", aRepeatedTerminateShortensTheGrace},
          {"a-repeated-terminate-never-extends-the-grace", aRepeatedTerminateNeverExtendsTheGrace},
          {"sigterm-ends-the-session-in-order", sigtermEndsTheSessionInOrder},
          {"it-exits-when-all-is-acknowledged", itExitsWhenAllIsAcknowledged},
          {"nothing-is-left-of-an-ended-session", nothingIsLeftOfAnEndedSession},
          {"nothing-that-code-detached-is-left", nothingThatCodeDetachedIsLeft},
          {"session-ended-has-a-reason", sessionEndedHasAReason},
      }};
}

}  // namespace glaux::plugins::check
