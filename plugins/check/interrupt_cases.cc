#include <algorithm>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// executor.capnp, `Executor.interrupt` and `Executor.kill`.
namespace glaux::plugins::check {
namespace {

std::string beginAndWait(CheckedSession& session, const std::string& code) {
  std::string id = session.begin(code);
  session.waitStarted(id);
  return id;
}

void needsInterrupts(const Trial& trial) {
  if (!trial.subject().description.can_interrupt) skip("it says that it cannot interrupt");
}

void interruptStopsCode(Trial& trial) {
  needsInterrupts(trial);
  CheckedSession session(trial);
  const auto id = beginAndWait(session, inTurn({trial.sleep(60s), trial.print("never")}));
  session.connection().interrupt(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
  expectEqual("stdout", session.standardOutput(id), "");
  session.expectCompleted("");
}

void interruptStopsCodeThatComputes(Trial& trial) {
  needsInterrupts(trial);
  CheckedSession session(trial);
  const auto id = beginAndWait(session, trial.timed("spin", 60s));
  session.connection().interrupt(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
}

void interruptKeepsAsking(Trial& trial) {
  needsInterrupts(trial);
  CheckedSession session(trial);
  const auto id = session.beginStubborn(
      1500ms, inTurn({trial.code("heed_interrupts"), trial.sleep(60s), trial.print("never")}));
  session.connection().interrupt(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
}

void interruptingTwiceIsHarmless(Trial& trial) {
  needsInterrupts(trial);
  CheckedSession session(trial);
  const auto id = beginAndWait(session, trial.sleep(60s));
  for (int i = 0; i < 5; ++i) session.connection().interrupt(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
  for (int i = 0; i < 3; ++i)
    expectEqual("stdout", session.expectPrinted(trial.print("alive")), "alive\n");
}

void interruptOfAnUnknownIdIsIgnored(Trial& trial) {
  CheckedSession session(trial);
  const auto id = beginAndWait(session, inTurn({trial.sleep(1500ms), trial.print("whole")}));
  session.connection().interrupt("unknown");
  session.connection().interrupt("");
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectEqual("stdout", session.standardOutput(id), "whole\n");
}

void interruptAfterTheEndIsIgnored(Trial& trial) {
  CheckedSession session(trial);
  const auto first = session.expectCompleted("");
  session.connection().interrupt(first.calculation_id);
  const auto second = beginAndWait(session, inTurn({trial.sleep(1500ms), trial.print("whole")}));
  session.connection().interrupt(first.calculation_id);
  expectEqual("the next one's outcome", nameOf(session.waitFinished(second).outcome), "completed");
  expectContractOrder(session.reports());
}

void interruptOfWhatWaitsCancelsIt(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("slow_start")});
  const std::string id = session.begin(trial.print("never"));
  session.connection().interrupt(id);
  const auto canceled = session.waitFinished(id);
  expectEqual("the outcome", nameOf(canceled.outcome), "canceled");
  expect(canceled.usage == Usage{}, "it never started, but has usage");
  session.waitReady();
  trial.pause(200ms);
  expect(all<CalculationStarted>(session.reports()).empty(), "it was started all the same");
}

void killOfWhatWaitsCancelsIt(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("slow_start")});
  const std::string id = session.begin(trial.print("never"));
  session.connection().kill(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
}

void codeThatIgnoresInterruptsGoesOn(Trial& trial) {
  CheckedSession session(trial);
  const auto id = session.beginStubborn(2500ms, trial.print("done"));
  session.connection().interrupt(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectEqual("stdout", session.standardOutput(id), "stubborn\ndone\n");
}

void killStopsCodeThatIgnoresInterrupts(Trial& trial) {
  CheckedSession session(trial);
  const auto id = session.beginStubborn(60s, trial.print("never"));
  session.connection().interrupt(id);
  session.connection().kill(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
  expectEqual("stdout", session.standardOutput(id), "stubborn\n");
}

void afterAKillTheSessionGoesOnOrFails(Trial& trial) {
  CheckedSession session(trial);
  const auto id = session.beginStubborn(60s);
  session.connection().kill(id);
  session.waitFinished(id);
  const auto settled = [&] {
    const auto story = session.story();
    return std::count(story.begin(), story.end(), "sessionReady") == 2 ||
           story.back() == "ended failed";
  };
  expect(trial.waitUntil(settled), "neither a second sessionReady nor a failed end came");
  if (session.story().back() == "sessionReady")
    expectEqual("stdout", session.expectPrinted(trial.print("fresh")), "fresh\n");
  expectContractOrder(session.reports());
}

void killIsNotCounted(Trial& trial) {
  CheckedSession session(trial, {.kernel_restarts = 1});
  for (std::size_t kills = 1; kills <= 3; ++kills) {
    const auto id = session.beginStubborn(60s);
    session.connection().kill(id);
    session.waitFinished(id);
    if (!all<SessionEnded>(session.reports()).empty()) skip("it cannot replace a kernel");
    session.waitFor("sessionReady", kills + 1);
  }
  session.expectCompleted("");
}

void killWithoutRestartsEndsTheSession(Trial& trial) {
  CheckedSession session(trial, {.kernel_restarts = 0});
  const auto id = session.beginStubborn(60s);
  session.connection().kill(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
  expectEqual("the ending", nameOf(session.waitEnded().ending), "failed");
  expect(all<KernelDied>(session.reports()).empty(), "kernelDied, but no fresh one may follow");
  expectContractOrder(session.reports());
}

void killOfAnUnknownIdIsIgnored(Trial& trial) {
  CheckedSession session(trial);
  const auto id = beginAndWait(session, inTurn({trial.sleep(1s), trial.print("whole")}));
  session.connection().kill("unknown");
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  session.connection().kill(id);
  session.expectCompleted("");
  expect(all<KernelDied>(session.reports()).empty(), "the kernel was killed for no one");
}

}  // namespace

Group interruptCases() {
  return {"interrupt",
          {
              {"interrupt-stops-code", interruptStopsCode},
              {"interrupt-stops-code-that-computes", interruptStopsCodeThatComputes},
              {"interrupt-keeps-asking", interruptKeepsAsking},
              {"interrupting-twice-is-harmless", interruptingTwiceIsHarmless},
              {"interrupt-of-an-unknown-id-is-ignored", interruptOfAnUnknownIdIsIgnored},
              {"interrupt-after-the-end-is-ignored", interruptAfterTheEndIsIgnored},
              {"interrupt-of-what-waits-cancels-it", interruptOfWhatWaitsCancelsIt},
              {"kill-of-what-waits-cancels-it", killOfWhatWaitsCancelsIt},
              {"code-that-ignores-interrupts-goes-on", codeThatIgnoresInterruptsGoesOn},
              {"kill-stops-code-that-ignores-interrupts", killStopsCodeThatIgnoresInterrupts},
              {"after-a-kill-the-session-goes-on-or-fails", afterAKillTheSessionGoesOnOrFails},
              {"kill-is-not-counted-as-a-death", killIsNotCounted},
              {"kill-without-restarts-ends-the-session", killWithoutRestartsEndsTheSession},
              {"kill-of-an-unknown-id-is-ignored", killOfAnUnknownIdIsIgnored},
          }};
}

}  // namespace glaux::plugins::check
