#include <filesystem>
#include <memory>
#include <vector>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// executor.capnp, from the bootstrap message to `sessionReady`.
namespace glaux::plugins::check {
namespace {

void theCoordinatorIsReportedFirstAndThenReadiness(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  expectEqual("the reports of a start", session.story(), storyOfAStart());
}

void theCoordinatorHasItsIdAndItsDpus(Trial& trial) {
  CheckedSession session(trial, {.dpus = 3});
  session.waitReady();
  for (const auto& changed : all<ExecutorChanged>(session.reports())) {
    if (changed.type != ExecutorType::kCoordinator) continue;
    expectEqual("its id", changed.executor_id, session.bootstrap().coordinator_executor_id);
    expectEqual("its DPUs", changed.dpus, 3);
  }
}

void sessionReadyNamesWhatRunsTheCode(Trial& trial) {
  CheckedSession session(trial);
  const SessionReady ready = session.waitReady();
  expect(!ready.implementation.empty(), "the implementation has no name");
  expect(!ready.language.empty(), "the language has no name");
}

void theBootstrapMessageIsTheStartVerb(Trial& trial) {
  auto session = CheckedSession::start(trial);
  const bool is_ready = trial.waitUntil([&] {
    if (!std::filesystem::exists(session->directory() / "spool")) return false;
    return !all<SessionReady>(session->spool()).empty();
  });
  expect(is_ready, "the session does not start before somebody connects");
}

void codeMayArriveBeforeTheSessionIsReady(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted("");
  expectContractOrder(session.reports());
}

void codeWaitsForASlowStart(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("slow_start")});
  const std::string id = session.begin(trial.print("early"));
  session.waitFinished(id);
  expectEqual("its output", session.standardOutput(id), "early\n");
  expectContractOrder(session.reports());
}

void aStartThatFailsEndsTheSessionWithTheReason(Trial& trial) {
  CheckedSession session(trial, {.settings = trial.settings("failing_start")});
  const SessionEnded ended = session.waitEnded();
  expect(ended.ending == Ending::kFailed, "the session ended clean");
  expectContains("the reason", ended.reason, trial.says("failing_start"));
  expectContractOrder(session.reports());
  expectEqual("the exit status", session.waitExit(), 0);
}

void codeThatWaitsForAFailingStartFails(Trial& trial) {
  auto session = CheckedSession::start(trial, {.settings = trial.settings("failing_start")});
  session->connect();
  if (!all<SessionEnded>(session->reports()).empty()) skip("it fails before code can arrive");
  const Status status = session->connection().probe();
  if (status.phase != Status::Phase::kStarting) skip("it fails before code can arrive");
  const auto failed = session->run("");
  expect(failed.outcome == Outcome::kFailed, "code completed in a session that did not start");
  session->waitEnded();
}

void manySessionsStartAtOnce(Trial& trial) {
  std::vector<std::unique_ptr<CheckedSession>> sessions;
  for (unsigned i = 0; i < trial.subject().sessions_at_once; ++i)
    sessions.push_back(CheckedSession::start(trial));
  for (auto& session : sessions) session->connect();
  const auto are_ready = [&] {
    for (auto& session : sessions) {
      if (all<SessionReady>(session->reports()).empty()) return false;
    }
    return true;
  };
  expect(trial.waitUntil(are_ready, 120s), "some sessions were not ready after two minutes");
  for (auto& session : sessions) session->expectCompleted("");
}

void whatRunsCodeCarriesTheLabel(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const auto workers = membersOf(session.pid());
  if (workers.empty() && labelledProcesses(session.id()).empty())
    skip("no process of its own runs this executor's code");
  const std::string label = "GLAUX_SESSION_ID=" + session.id();
  for (const pid_t worker : workers) {
    expect(environmentOf(worker).find(label) != std::string::npos,
           "no label in the environment of " + inQuotes(commandLineOf(worker)));
  }
}

}  // namespace

Group startCases() {
  return {"start",
          {
              {"many-sessions-start-at-once", manySessionsStartAtOnce, true},
              {"the-coordinator-is-reported-first-and-then-readiness",
               theCoordinatorIsReportedFirstAndThenReadiness},
              {"the-coordinator-has-its-id-and-its-dpus", theCoordinatorHasItsIdAndItsDpus},
              {"session-ready-names-what-runs-the-code", sessionReadyNamesWhatRunsTheCode},
              {"the-bootstrap-message-is-the-start-verb", theBootstrapMessageIsTheStartVerb},
              {"code-may-arrive-before-the-session-is-ready", codeMayArriveBeforeTheSessionIsReady},
              {"code-waits-for-a-slow-start", codeWaitsForASlowStart},
              {"a-start-that-fails-ends-the-session-with-the-reason",
               aStartThatFailsEndsTheSessionWithTheReason},
              {"code-that-waits-for-a-failing-start-fails", codeThatWaitsForAFailingStartFails},
              {"what-runs-code-carries-the-label", whatRunsCodeCarriesTheLabel},
          }};
}

}  // namespace glaux::plugins::check
