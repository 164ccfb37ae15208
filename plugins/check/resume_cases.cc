#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// executor.capnp, `Bootstrap.resume`: an executor that takes a dead one's place.
namespace glaux::plugins::check {
namespace {

void needsResume(const Trial& trial) {
  if (!trial.subject().description.can_resume) skip("it does not say that it can resume");
}

// SIGKILL of the executor, and another in its place.
void replace(CheckedSession& session) {
  session.killExecutor();
  session.resume();
  session.connectAndWatch(session.lastNumber() + 1);
}

// The story from the report behind `number` on.
std::vector<std::string> storySince(const CheckedSession& session, std::uint64_t number) {
  std::vector<Report> later;
  for (const Report& report : session.reports()) {
    if (report.number > number) later.push_back(report);
  }
  return storyOf(later);
}

void expectRecovered(Trial& trial, CheckedSession& session, std::uint64_t since) {
  const auto said = [&] { return storySince(session, since).size() >= 2; };
  expect(trial.waitUntil(said, 30s), "nothing more was reported than " +
                                         std::to_string(storySince(session, since).size()) +
                                         " lines");
  auto story = storySince(session, since);
  story.resize(2);
  expectEqual("the first reports", story, std::vector<std::string>{"degraded", "recovered"});
}

void anIdleSessionIsRecovered(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  session.expectCompleted("");
  const std::uint64_t last = session.lastNumber();
  replace(session);
  expectRecovered(trial, session, last);
  expectEqual("stdout", session.expectPrinted(trial.print("again")), "again\n");
}

void numbersGoOn(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial, kUnacknowledged);
  session.expectCompleted("");
  const std::uint64_t last = session.lastNumber();
  replace(session);
  expectRecovered(trial, session, last);
  session.begin("");
  session.waitFor("finished c2 completed");
  expectNumbersFrom(1, session.reports());
}

void numbersGoOnFromTheJournal(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  session.expectCompleted("");
  const std::uint64_t last = session.lastNumber();
  trial.pause(300ms);  // until everything is acknowledged, and the spool is empty
  replace(session);
  expectRecovered(trial, session, last);
  expectNumbersFrom(1, session.reports());
}

void codeGoesOnAndItsOutputIsWhole(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  const std::string id =
      session.begin(inTurn({trial.print("before"), trial.sleep(4s), trial.print("after")}));
  session.waitStarted(id);
  const std::uint64_t last = session.lastNumber();
  replace(session);
  expectRecovered(trial, session, last);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectEqual("stdout", session.standardOutput(id), "before\nafter\n");
}

void codeThatEndsWithoutAnExecutorIsAccountedFor(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  const std::string id = session.begin(inTurn({trial.sleep(1s), trial.print("done")}));
  session.waitStarted(id);
  session.killExecutor();
  trial.pause(2500ms);
  session.resume();
  session.connectAndWatch(session.lastNumber() + 1);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectEqual("stdout", session.standardOutput(id), "done\n");
}

void noIdIsRunAgain(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  const auto first = session.expectCompleted(trial.print("once"));
  replace(session);
  session.connection().run(session.request(first.calculation_id, trial.print("twice")));
  session.expectCompleted("");
  expectEqual("stdout", session.standardOutput(first.calculation_id), "once\n");
}

void interruptWorksAfterwards(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  const std::string id = session.begin(trial.sleep(60s));
  session.waitStarted(id);
  const std::uint64_t last = session.lastNumber();
  replace(session);
  expectRecovered(trial, session, last);
  session.connection().interrupt(id);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "canceled");
}

void aKernelThatDiedMeanwhileIsReported(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  session.waitReady();
  const std::uint64_t last = session.lastNumber();
  session.killExecutor();
  for (const pid_t worker : labelledProcesses(session.id())) ::kill(worker, SIGKILL);
  session.resume();
  session.connectAndWatch(last + 1);
  const auto said = [&] {
    const auto story = storySince(session, last);
    return std::find(story.begin(), story.end(), "kernelDied") != story.end() ||
           std::find(story.begin(), story.end(), "ended failed") != story.end();
  };
  expect(trial.waitUntil(said, 30s), "neither kernelDied nor sessionEnded was reported");
  expectEqual("the first report", storySince(session, last).front(), "degraded");
  expectNumbersFrom(1, session.reports());
}

void identityIsTheNewOnes(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  session.waitReady();
  replace(session);
  expectEqual("the pid", session.connection().probe().pid, session.pid());
}

void usageGoesOn(Trial& trial) {
  needsResume(trial);
  CheckedSession session(trial);
  session.expectCompleted(trial.sleep(1200ms));
  replace(session);
  session.expectCompleted("");
  expectTotalsNeverDecrease(session.reports());
}

}  // namespace

Group resumeCases() {
  return {"resume",
          {
              {"an-idle-session-is-recovered", anIdleSessionIsRecovered},
              {"numbers-go-on", numbersGoOn},
              {"numbers-go-on-from-the-journal", numbersGoOnFromTheJournal},
              {"code-goes-on-and-its-output-is-whole", codeGoesOnAndItsOutputIsWhole},
              {"code-that-ends-without-an-executor-is-accounted-for",
               codeThatEndsWithoutAnExecutorIsAccountedFor},
              {"no-id-is-run-again", noIdIsRunAgain},
              {"interrupt-works-afterwards", interruptWorksAfterwards},
              {"a-kernel-that-died-meanwhile-is-reported", aKernelThatDiedMeanwhileIsReported},
              {"the-identity-is-the-new-ones", identityIsTheNewOnes},
              {"usage-goes-on", usageGoesOn},
          }};
}

}  // namespace glaux::plugins::check
