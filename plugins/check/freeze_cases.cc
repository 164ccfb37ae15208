#include <signal.h>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// SIGSTOP: nothing is dead, nothing answers. What executor.capnp promises holds all the same.
namespace glaux::plugins::check {
namespace {

void signalAll(const std::vector<pid_t>& pids, int signal) {
  for (const pid_t pid : pids) ::kill(pid, signal);
}

void freezeExecutor(Trial& trial, CheckedSession& session) {
  session.signal(SIGSTOP);
  expect(trial.waitUntil([&] { return isStopped(session.pid()); }, 5s), "SIGSTOP has no effect");
}

void afterAFreezeNothingIsLost(Trial& trial) {
  CheckedSession session(trial);
  const std::string id =
      session.begin(inTurn({trial.print("before"), trial.sleep(1s), trial.print("after")}));
  session.waitStarted(id);
  freezeExecutor(trial, session);
  trial.pause(2s);
  session.signal(SIGCONT);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectEqual("stdout", session.standardOutput(id), "before\nafter\n");
  session.expectCompleted("");
  expectNumbersFrom(1, session.reports());
  expectContractOrder(session.reports());
}

void aFreezeLongerThanTheLeaseIsNoLoss(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 1});
  session.waitReady();
  freezeExecutor(trial, session);
  trial.pause(2s);
  session.signal(SIGCONT);
  session.expectCompleted("");
}

void aDaemonThatComesDuringAFreezeIsServed(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  session.disconnect();
  freezeExecutor(trial, session);
  auto next = std::make_unique<Connection>(trial.loop(), session.directory());
  trial.pause(500ms);
  session.signal(SIGCONT);
  expect(next->prove(session.bootstrap().key, session.id()).has_value(),
         "a daemon that connected during the freeze was refused");
  next->probe();
}

void codeThatWasFrozenCanBeKilled(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(trial.sleep(60s));
  session.waitStarted(id);
  signalAll(session.kernel(), SIGSTOP);
  session.connection().interrupt(id);
  trial.pause(300ms);
  session.connection().kill(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
}

void codeThatWasFrozenGoesOn(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(inTurn({trial.sleep(500ms), trial.print("done")}));
  session.waitStarted(id);
  const auto kernel = session.kernel();
  signalAll(kernel, SIGSTOP);
  trial.pause(2s);
  expect(all<CalculationFinished>(session.reports()).empty(), "frozen code has finished");
  signalAll(kernel, SIGCONT);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectEqual("stdout", session.standardOutput(id), "done\n");
}

void aFrozenKernelEndsWithItsSession(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  signalAll(session.kernel(), SIGSTOP);
  session.terminate(1000);
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
  session.expectNothingIsLeft();
}

void verbsAnswerWhileTheKernelIsFrozen(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  signalAll(session.kernel(), SIGSTOP);
  const std::string id = session.begin("");
  session.connection().probe();
  session.connection().interrupt(id);
  session.connection().describe();
}

}  // namespace

Group freezeCases() {
  return {
      "freeze",
      {
          {"after-a-freeze-of-the-executor-nothing-is-lost", afterAFreezeNothingIsLost},
          {"a-freeze-longer-than-the-lease-is-no-loss", aFreezeLongerThanTheLeaseIsNoLoss},
          {"a-daemon-that-comes-during-a-freeze-is-served", aDaemonThatComesDuringAFreezeIsServed},
          {"code-that-was-frozen-can-be-killed", codeThatWasFrozenCanBeKilled},
          {"code-that-was-frozen-goes-on", codeThatWasFrozenGoesOn},
          {"a-frozen-kernel-ends-with-its-session", aFrozenKernelEndsWithItsSession},
          {"verbs-answer-while-the-kernel-is-frozen", verbsAnswerWhileTheKernelIsFrozen},
      }};
}

}  // namespace glaux::plugins::check
