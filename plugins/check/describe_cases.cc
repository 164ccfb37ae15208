#include <algorithm>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"

// executor.capnp, `Executor.describe` and `Executor.probe`.
namespace glaux::plugins::check {
namespace {

using Phase = Status::Phase;

void expectPhase(CheckedSession& session, Phase expected, const char* name) {
  expect(session.connection().probe().phase == expected,
         std::string("the phase is not \"") + name + "\"");
}

// As the executor is after that many probes.
void expectProbesChangeNothing(Trial& trial, CheckedSession& session) {
  const Status before = session.connection().probe();
  const auto workers = session.workers();
  for (int i = 0; i < 20; ++i) session.connection().probe();
  trial.pause(100ms);
  const Status after = session.connection().probe();
  expectEqual("the last report's number after 20 probes", static_cast<int>(after.last_report),
              static_cast<int>(before.last_report));
  expect(after == before, "20 probes have changed the session's status");
  expect(session.workers() == workers, "20 probes have started or ended a process");
}

void theFieldsAgreeWithTheCommandLine(Trial& trial) {
  CheckedSession session(trial);
  const PluginDescription seen = session.connection().describe();
  const PluginDescription& expected = trial.subject().description;
  expectEqual("the name", seen.name, expected.name);
  expectEqual("the version", seen.version, expected.version);
  expectEqual("canInterrupt", seen.can_interrupt, expected.can_interrupt);
  expectEqual("canResume", seen.can_resume, expected.can_resume);
  expectEqual("kernels", seen.kernels, expected.kernels);
}

void theVersionIsTheGreetings(Trial& trial) {
  auto session = CheckedSession::start(trial);
  const Greeting greeting = session->readGreeting();
  session->connect();
  expectEqual("the version", session->connection().describe().protocol_version,
              greeting.protocol_version);
}

void probeNamesThePid(Trial& trial) {
  CheckedSession session(trial);
  expectEqual("the pid", session.connection().probe().pid, session.pid());
}

void probeTellsThePhases(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  expectPhase(session, Phase::kReady, "ready");
  session.terminate();
  session.waitEnded();
  expectPhase(session, Phase::kEnded, "ended");
}

void probeTellsThatTheSessionIsStarting(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("slow_start")});
  expectPhase(session, Phase::kStarting, "starting");
}

void probeTellsThatTheSessionIsEnding(Trial& trial) {
  CheckedSession session(trial);
  session.beginStubborn(20s);
  session.terminate(10000);
  expectPhase(session, Phase::kEnding, "ending");
}

void probeTellsWhatRuns(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  expectEqual("the calculation", session.connection().probe().calculation_id, "");
  const std::string id = session.begin(trial.sleep(20s));
  session.waitStarted(id);
  expectEqual("the calculation", session.connection().probe().calculation_id, id);
  session.connection().interrupt(id);
  session.waitFinished(id);
  expectEqual("the calculation", session.connection().probe().calculation_id, "");
}

void probeTellsWhatWaits(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("slow_start")});
  const std::string id = session.begin("");
  expectEqual("the calculation", session.connection().probe().calculation_id, id);
}

void probeCountsReportsAndAcknowledgements(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.connection().acknowledge(2);
  const Status status = session.connection().probe();
  expectEqual("lastReport", static_cast<int>(status.last_report),
              static_cast<int>(session.lastNumber()));
  expectEqual("acknowledgedThrough", static_cast<int>(status.acknowledged_through), 2);
}

void probeChangesNothingWhileReady(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  expectProbesChangeNothing(trial, session);
  session.expectCompleted("");
}

void probeChangesNothingAfterTheEnd(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.terminate();
  session.waitEnded();
  session.expectNothingIsLeft();
  expectProbesChangeNothing(trial, session);
}

void probeChangesNothingWhileCodeRuns(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(inTurn({trial.sleep(1s), trial.print("whole")}));
  session.waitStarted(id);
  for (int i = 0; i < 100; ++i) session.connection().probe();
  session.waitFinished(id);
  expectEqual("its output", session.standardOutput(id), "whole\n");
  const auto story = session.story();
  expect(std::count(story.begin(), story.end(), "sessionReady") == 1,
         "probes have started the session again");
  session.expectCompleted("");
}

}  // namespace

Group describeCases() {
  return {"describe",
          {
              {"the-fields-agree-with-the-command-line", theFieldsAgreeWithTheCommandLine},
              {"the-version-is-the-greetings", theVersionIsTheGreetings},
              {"probe-names-the-pid", probeNamesThePid},
              {"probe-tells-the-phases", probeTellsThePhases},
              {"probe-tells-that-the-session-is-starting", probeTellsThatTheSessionIsStarting},
              {"probe-tells-that-the-session-is-ending", probeTellsThatTheSessionIsEnding},
              {"probe-tells-what-runs", probeTellsWhatRuns},
              {"probe-tells-what-waits", probeTellsWhatWaits},
              {"probe-counts-reports-and-acknowledgements", probeCountsReportsAndAcknowledgements},
              {"probe-changes-nothing-while-ready", probeChangesNothingWhileReady},
              {"probe-changes-nothing-while-code-runs", probeChangesNothingWhileCodeRuns},
              {"probe-changes-nothing-after-the-end", probeChangesNothingAfterTheEnd},
          }};
}

}  // namespace glaux::plugins::check
