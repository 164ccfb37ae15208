#include <filesystem>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"

// executor.capnp, "When the executor dies": SIGKILL at every step of a session.
namespace glaux::plugins::check {
namespace {

// Kills the executor. The code ends with it, unless the executor can be resumed; and after
// `cleanup` nothing is left in any case.
void killAndExpectTheEnd(Trial& trial, CheckedSession& session) {
  session.killExecutor();
  if (!trial.subject().description.can_resume) session.expectNothingIsLeft();
  const Ran ran = trial.command({"cleanup", session.directory().string()}, 30s);
  expect(ran.exit_status == 0, "cleanup ended with exit status " + std::to_string(ran.exit_status) +
                                   ": " + inQuotes(ran.output));
  session.expectNothingIsLeft();
}

void atItsVeryBeginning(Trial& trial) {
  auto session = CheckedSession::start(trial);
  killAndExpectTheEnd(trial, *session);
}

void whenItHasSaidWhoItIs(Trial& trial) {
  auto session = CheckedSession::start(trial);
  trial.waitUntil([&] { return std::filesystem::exists(session->directory() / "identity.json"); });
  killAndExpectTheEnd(trial, *session);
}

void whenItHasGreeted(Trial& trial) {
  auto session = CheckedSession::start(trial);
  session->readGreeting();
  killAndExpectTheEnd(trial, *session);
}

void whileTheSessionStarts(Trial& trial) {
  CheckedSession session(trial);
  trial.pause(200ms);
  killAndExpectTheEnd(trial, session);
}

void whileIdle(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  killAndExpectTheEnd(trial, session);
}

void whileCodeRuns(Trial& trial) {
  CheckedSession session(trial);
  session.waitStarted(session.begin(trial.sleep(60s)));
  killAndExpectTheEnd(trial, session);
}

void whileCodeThatIgnoresInterruptsRuns(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(60s);
  killAndExpectTheEnd(trial, session);
}

void whileCodePrints(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  const std::string id =
      session.begin(trial.code("big_output", {{"bytes", std::to_string(64 << 20)}}));
  session.waitStarted(id);
  killAndExpectTheEnd(trial, session);
}

void rightAfterAFinish(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  const auto finished = session.expectCompleted(trial.print("whole"));
  killAndExpectTheEnd(trial, session);
  expectEqual("stdout", session.standardOutput(finished.calculation_id), "whole\n");
  const auto spooled = all<CalculationFinished>(session.spool());
  expect(!spooled.empty() && spooled.back() == finished, "calculationFinished is not in the spool");
}

void whileAFreshKernelStarts(Trial& trial) {
  CheckedSession session(trial);
  session.run(trial.code("die"));
  killAndExpectTheEnd(trial, session);
}

void whileTheSessionEnds(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(60s);
  session.terminate(20000);
  trial.pause(100ms);
  killAndExpectTheEnd(trial, session);
}

void afterTheSessionHasEnded(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.terminate();
  session.waitEnded();
  killAndExpectTheEnd(trial, session);
}

void withoutItsDaemon(Trial& trial) {
  CheckedSession session(trial);
  session.waitStarted(session.begin(trial.sleep(60s)));
  session.disconnect();
  session.cutLifeline();
  trial.pause(100ms);
  killAndExpectTheEnd(trial, session);
}

}  // namespace

Group crashCases() {
  return {"crash",
          {
              {"killed-at-its-very-beginning", atItsVeryBeginning},
              {"killed-when-it-has-said-who-it-is", whenItHasSaidWhoItIs},
              {"killed-when-it-has-greeted", whenItHasGreeted},
              {"killed-while-the-session-starts", whileTheSessionStarts},
              {"killed-while-idle", whileIdle},
              {"killed-while-code-runs", whileCodeRuns},
              {"killed-while-code-ignores-interrupts", whileCodeThatIgnoresInterruptsRuns},
              {"killed-while-code-prints", whileCodePrints},
              {"killed-right-after-a-finish", rightAfterAFinish},
              {"killed-while-a-fresh-kernel-starts", whileAFreshKernelStarts},
              {"killed-while-the-session-ends", whileTheSessionEnds},
              {"killed-after-the-session-has-ended", afterTheSessionHasEnded},
              {"killed-without-its-daemon", withoutItsDaemon},
          }};
}

}  // namespace glaux::plugins::check
