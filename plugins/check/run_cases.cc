#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"

// executor.capnp, `Executor.run`.
namespace glaux::plugins::check {
namespace {

// Another run would append to the same file.
void expectOneRun(const CheckedSession& session, const std::string& id) {
  expectEqual("what its runs have printed", session.standardOutput(id), id + "\n");
}

void expectOneFinish(const CheckedSession& session, const std::string& id) {
  int finished = 0;
  for (const auto& each : all<CalculationFinished>(session.reports()))
    finished += each.calculation_id == id;
  expectEqual("the number of calculationFinished", finished, 1);
}

void codeRunsToItsEnd(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted(trial.print("hello"));
  expectEqual("stdout", session.standardOutput(finished.calculation_id), "hello\n");
  expectEqual("the reason", finished.reason, "");
}

void emptyCodeCompletes(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted("");
  expectEqual("stdout", session.standardOutput(finished.calculation_id), "");
}

void theSameIdIsNotRunTwiceWhileItRuns(Trial& trial) {
  CheckedSession session(trial);
  const auto request = session.request("once", inTurn({trial.print("once"), trial.sleep(300ms)}));
  session.connection().run(request);
  session.connection().run(request);
  session.waitFinished("once");
  session.expectCompleted("");
  expectOneRun(session, "once");
  expectOneFinish(session, "once");
}

void theSameIdIsNotRunAgainAfterItsEnd(Trial& trial) {
  CheckedSession session(trial);
  const auto request = session.request("once", trial.print("once"));
  session.connection().run(request);
  session.waitFinished("once");
  session.connection().run(request);
  session.expectCompleted("");
  expectOneRun(session, "once");
  expectOneFinish(session, "once");
}

void theSameIdIsNotRunForAnotherDaemon(Trial& trial) {
  CheckedSession session(trial);
  const auto request = session.request("once", trial.print("once"));
  session.connection().run(request);
  session.waitFinished("once");
  session.disconnect();
  session.connectAndWatch(session.lastNumber() + 1);
  session.connection().run(request);
  session.expectCompleted("");
  expectOneRun(session, "once");
}

void theSameIdWithOtherCodeIsIgnored(Trial& trial) {
  CheckedSession session(trial);
  session.connection().run(session.request("once", trial.print("first")));
  session.waitFinished("once");
  session.connection().run(session.request("once", trial.print("second")));
  session.expectCompleted("");
  expectEqual("stdout", session.standardOutput("once"), "first\n");
}

void aRefusedIdIsNotRunLater(Trial& trial) {
  CheckedSession session(trial);
  const std::string running = session.begin(trial.sleep(500ms));
  session.connection().run(session.request("refused", trial.print("never")));
  session.waitFinished("refused");
  session.waitFinished(running);
  session.connection().run(session.request("refused", trial.print("never")));
  session.expectCompleted("");
  expectEqual("stdout of what was refused", session.standardOutput("refused"), "");
  expectOneFinish(session, "refused");
}

void aSecondCalculationAtATimeFailsWithTheReason(Trial& trial) {
  CheckedSession session(trial);
  const std::string running = session.begin(inTurn({trial.sleep(1s), trial.print("unharmed")}));
  session.waitStarted(running);
  const auto refused = session.run(trial.print("never"));
  expectEqual("the second's outcome", nameOf(refused.outcome), "failed");
  expect(!refused.reason.empty(), "the second failed without a reason");
  expect(refused.usage == Usage{}, "the second never started, but has usage");
  expectEqual("the first's outcome", nameOf(session.waitFinished(running).outcome), "completed");
  expectEqual("the first's output", session.standardOutput(running), "unharmed\n");
  expectContractOrder(session.reports());
}

void codeForASessionThatEndsFails(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(20s);
  session.terminate(1000);
  const auto refused = session.run("");
  expectEqual("the outcome", nameOf(refused.outcome), "failed");
  expect(!refused.reason.empty(), "it failed without a reason");
  session.waitEnded();
  expectContractOrder(session.reports());
}

void nothingIsSaidOfCodeForASessionThatHasEnded(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.terminate();
  session.waitEnded();
  session.begin("");
  trial.pause(300ms);
  expect(std::holds_alternative<SessionEnded>(session.reports().back().what),
         "sessionEnded is not the last report");
}

void anErrorFailsWithOneLine(Trial& trial) {
  CheckedSession session(trial);
  const auto failed = session.run(trial.code("fail", {{"text", "oops"}}));
  expectEqual("the outcome", nameOf(failed.outcome), "failed");
  expectContains("the reason", failed.reason, trial.says("fail", {{"text", "oops"}}));
  expect(failed.reason.find('\n') == std::string::npos,
         "the reason has more than one line: " + inQuotes(failed.reason));
}

void anErrorSparesTheSession(Trial& trial) {
  CheckedSession session(trial);
  session.run(trial.code("fail", {{"text", "oops"}}));
  expectEqual("stdout", session.expectPrinted(trial.print("alive")), "alive\n");
}

void textIsUnicode(Trial& trial) {
  CheckedSession session(trial);
  expectEqual("stdout", session.expectPrinted(trial.code("unicode")), trial.says("unicode"));
}

void codeMayBeLong(Trial& trial) {
  CheckedSession session(trial);
  std::string code, expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = "line-" + std::to_string(i);
    code += trial.print(text) + "\n";
    expected += text + "\n";
  }
  expectEqual("stdout", session.expectPrinted(code), expected);
}

void idsAreOpaque(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = "Größe 1/2 \"x\"\\…";
  auto request = session.request("file", trial.print("done"));
  request.calculation_id = id;
  session.connection().run(request);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
}

void calculationsFollowEachOther(Trial& trial) {
  CheckedSession session(trial);
  for (int i = 0; i < 20; ++i) {
    const std::string text = std::to_string(i);
    expectEqual("stdout", session.expectPrinted(trial.print(text)), text + "\n");
  }
  expectEqual("the number of calculationStarted",
              static_cast<int>(all<CalculationStarted>(session.reports()).size()), 20);
  expectContractOrder(session.reports());
}

void verbsAnswerAtOnceWhileCodeRuns(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(20s);
  const auto began = std::chrono::steady_clock::now();
  session.connection().describe();
  session.connection().probe();
  session.begin("");
  session.connection().interrupt("c1");
  session.connection().acknowledge(1);
  expectAtMost("the milliseconds of five verbs", millisSince(began), trial.scaled(3s).count());
}

}  // namespace

Group runCases() {
  return {"run",
          {
              {"code-runs-to-its-end", codeRunsToItsEnd},
              {"empty-code-completes", emptyCodeCompletes},
              {"the-same-id-is-not-run-twice-while-it-runs", theSameIdIsNotRunTwiceWhileItRuns},
              {"the-same-id-is-not-run-again-after-its-end", theSameIdIsNotRunAgainAfterItsEnd},
              {"the-same-id-is-not-run-for-another-daemon", theSameIdIsNotRunForAnotherDaemon},
              {"the-same-id-with-other-code-is-ignored", theSameIdWithOtherCodeIsIgnored},
              {"a-refused-id-is-not-run-later", aRefusedIdIsNotRunLater},
              {"a-second-calculation-at-a-time-fails-with-the-reason",
               aSecondCalculationAtATimeFailsWithTheReason},
              {"code-for-a-session-that-ends-fails", codeForASessionThatEndsFails},
              {"nothing-is-said-of-code-for-a-session-that-has-ended",
               nothingIsSaidOfCodeForASessionThatHasEnded},
              {"an-error-fails-with-one-line", anErrorFailsWithOneLine},
              {"an-error-spares-the-session", anErrorSparesTheSession},
              {"text-is-unicode", textIsUnicode},
              {"code-may-be-long", codeMayBeLong},
              {"ids-are-opaque", idsAreOpaque},
              {"calculations-follow-each-other", calculationsFollowEachOther},
              {"verbs-answer-at-once-while-code-runs", verbsAnswerAtOnceWhileCodeRuns},
          }};
}

}  // namespace glaux::plugins::check
