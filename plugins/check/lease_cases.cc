#include <sys/wait.h>

#include <filesystem>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"
#include "plugins/protocol/proof.h"

// executor.capnp, "The lifeline" and "Losing the daemon".
namespace glaux::plugins::check {
namespace {

bool hasEnded(const CheckedSession& session) {
  if (!std::filesystem::exists(session.directory() / "spool")) return false;
  return !all<SessionEnded>(session.spool()).empty();
}

void expectEndWithin(Trial& trial, CheckedSession& session, std::chrono::milliseconds timeout) {
  expect(trial.waitUntil([&] { return hasEnded(session) || session.waitStatus(); }, timeout),
         "the session has not ended within " + std::to_string(timeout.count()) + " ms");
}

void expectNoEndFor(Trial& trial, CheckedSession& session, std::chrono::milliseconds duration) {
  trial.pause(duration);
  expect(!hasEnded(session) && !session.waitStatus(), "the session has ended, too early");
}

void whenTheLeaseRunsOutTheSessionEndsInOrder(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 1, .acknowledges = false});
  const std::string id = session.begin(trial.sleep(60s));
  session.waitStarted(id);
  session.disconnect();
  expectNoEndFor(trial, session, 400ms);
  expectEndWithin(trial, session, 10s);
  const auto spool = session.spool();
  expectEqual("the outcome of what ran", nameOf(all<CalculationFinished>(spool).front().outcome),
              "canceled");
  expectEqual("the ending", nameOf(all<SessionEnded>(spool).front().ending), "clean");
  expectContractOrder(spool);
  session.expectNothingIsLeft();
}

void aDaemonInTimeStopsTheClock(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 2});
  session.waitReady();
  session.disconnect();
  trial.pause(500ms);
  session.connectAndWatch(session.lastNumber() + 1);
  trial.pause(3s);
  expect(session.isConnected(), "the executor has hung up");
  session.expectCompleted("");
}

void theLeaseBeginsAnewWithEachLoss(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 2});
  session.waitReady();
  for (int i = 0; i < 3; ++i) {
    session.disconnect();
    trial.pause(1s);
    session.connectAndWatch(session.lastNumber() + 1);
  }
  session.expectCompleted("");
}

void whoProvesNothingDoesNotStopTheClock(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 1});
  session.waitReady();
  session.disconnect();
  Connection stranger(trial.loop(), session.directory());
  static_cast<void>(stranger.challenge(randomBytes(kNonceSize)));
  expectEndWithin(trial, session, 10s);
}

void codeRunsOnWithoutADaemon(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(inTurn({trial.sleep(700ms), trial.print("done")}));
  session.waitStarted(id);
  session.disconnect();
  expect(trial.waitUntil([&] { return session.standardOutput(id) == "done\n"; }, 10s),
         "the code does not go on without a daemon");
}

void withoutALeaseTheSessionEndsWithTheConnection(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 0, .acknowledges = false});
  session.waitReady();
  session.disconnect();
  expectEndWithin(trial, session, 5s);
}

void withoutALeaseTheSessionEndsWithTheLifeline(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 0});
  session.waitReady();
  session.cutLifeline();
  expectEqual("the ending", nameOf(session.waitEnded().ending), "clean");
}

void withoutALeaseTheNextDaemonIsToldHowItEnded(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 0, .acknowledges = false});
  session.waitReady();
  Connection next(trial.loop(), session.directory());
  expect(next.prove(session.bootstrap().key, session.id()).has_value(),
         "the next daemon was refused");
  const auto told = next.watch(1);
  session.disconnect();
  session.cutLifeline();
  expect(trial.waitUntil([&] { return !all<SessionEnded>(told->reports).empty(); }, 10s),
         "the next daemon was not told that the session ended");
}

void anExecutorThatNobodyFoundEnds(Trial& trial) {
  auto session = CheckedSession::start(trial, {.lease_seconds = 0});
  session->readGreeting();
  session->cutLifeline();
  session->waitExit(30s);
  session->expectNothingIsLeft();
}

void anExecutorThatNobodyFoundHasItsLease(Trial& trial) {
  auto session = CheckedSession::start(trial, {.lease_seconds = 2});
  session->readGreeting();
  session->cutLifeline();
  expectNoEndFor(trial, *session, 1s);
  expectEndWithin(trial, *session, 15s);
}

void anExecutorThatNobodyFoundCanBeFoundInTime(Trial& trial) {
  auto session = CheckedSession::start(trial, {.lease_seconds = 3});
  session->readGreeting();
  session->cutLifeline();
  trial.pause(300ms);
  session->connect();
  trial.pause(3500ms);
  session->expectCompleted("");
}

void withALeaseTheLifelineMeansNothingLater(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 1});
  session.waitReady();
  session.cutLifeline();
  trial.pause(2s);
  expect(session.isConnected(), "the executor has hung up");
  session.expectCompleted("");
}

}  // namespace

Group leaseCases() {
  return {
      "lease",
      {
          {"when-the-lease-runs-out-the-session-ends-in-order",
           whenTheLeaseRunsOutTheSessionEndsInOrder},
          {"a-daemon-in-time-stops-the-clock", aDaemonInTimeStopsTheClock},
          {"the-lease-begins-anew-with-each-loss", theLeaseBeginsAnewWithEachLoss},
          {"who-proves-nothing-does-not-stop-the-clock", whoProvesNothingDoesNotStopTheClock},
          {"code-runs-on-without-a-daemon", codeRunsOnWithoutADaemon},
          {"without-a-lease-the-session-ends-with-the-connection",
           withoutALeaseTheSessionEndsWithTheConnection},
          {"without-a-lease-the-session-ends-with-the-lifeline",
           withoutALeaseTheSessionEndsWithTheLifeline},
          {"without-a-lease-the-next-daemon-is-told-how-it-ended",
           withoutALeaseTheNextDaemonIsToldHowItEnded},
          {"an-executor-that-nobody-found-ends", anExecutorThatNobodyFoundEnds},
          {"an-executor-that-nobody-found-has-its-lease", anExecutorThatNobodyFoundHasItsLease},
          {"an-executor-that-nobody-found-can-be-found-in-time",
           anExecutorThatNobodyFoundCanBeFoundInTime},
          {"with-a-lease-the-lifeline-means-nothing-later", withALeaseTheLifelineMeansNothingLater},
      }};
}

}  // namespace glaux::plugins::check
