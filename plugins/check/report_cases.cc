#include <signal.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"

// executor.capnp, `Executor.watch`, `Executor.acknowledge`, `ReportSink`, `Report`.
namespace glaux::plugins::check {
namespace {

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A session with a bit of everything behind it.
void liveThrough(Trial& trial, CheckedSession& session) {
  session.expectCompleted("");
  session.run(trial.code("fail", {{"text", "oops"}}));
  const std::string canceled = session.begin(trial.sleep(20s));
  session.waitStarted(canceled);
  session.run("");  // refused
  session.connection().interrupt(canceled);
  session.waitFinished(canceled);
  session.terminate();
  session.waitEnded();
}

void numbersBeginAtOneWithoutGaps(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  liveThrough(trial, session);
  session.disconnect();
  session.prove();
  const auto delivery = session.connection().watch(1);
  expect(trial.waitUntil([&] { return delivery->reports.size() >= session.reports().size(); }, 5s),
         "not all reports came again");
  expectNumbersFrom(1, delivery->reports);
}

void theOrderIsPartOfTheContract(Trial& trial) {
  CheckedSession session(trial);
  liveThrough(trial, session);
  expectContractOrder(session.reports());
}

void timesAreOfNow(Trial& trial) {
  const std::int64_t began_ms = nowMs();
  CheckedSession session(trial);
  session.expectCompleted("");
  for (const Report& report : session.reports()) {
    expectAtLeast("a report's time", report.time_ms, began_ms - 1000);
    expectAtMost("a report's time", report.time_ms, nowMs() + 1000);
  }
}

void theUnacknowledgedIsSentAgain(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.expectCompleted("");
  session.disconnect();
  session.prove();
  const auto again = session.connection().watch(1);
  trial.waitUntil([&] { return again->reports.size() >= session.reports().size(); }, 5s);
  expect(again->reports == session.reports(), "what was sent again is not what was sent first");
}

void theAcknowledgedIsNotSentAgain(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.expectCompleted("");
  session.connection().acknowledge(3);
  session.disconnect();
  session.prove();
  const auto again = session.connection().watch(1);
  trial.waitUntil([&] { return !again->reports.empty(); }, 5s);
  expect(!again->reports.empty(), "nothing was sent again");
  expectNumbersFrom(4, again->reports);
}

void whatHappensWithoutADaemonIsTold(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  const std::string id = session.begin(inTurn({trial.sleep(500ms), trial.print("done")}));
  session.waitStarted(id);
  session.disconnect();
  trial.pause(1s);
  session.connectAndWatch(session.lastNumber() + 1);
  expectEqual("the outcome", nameOf(session.waitFinished(id).outcome), "completed");
  expectNumbersFrom(1, session.reports());
}

void acknowledgingTooFarHarmsNothing(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.connection().acknowledge(1000000);
  const std::uint64_t before = session.lastNumber();
  session.expectCompleted("");
  expectNumbersFrom(1, session.reports());
  expect(session.lastNumber() > before, "no reports after too far an acknowledgement");
}

void acknowledgingAgainIsIgnored(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.connection().acknowledge(3);
  session.connection().acknowledge(1);
  session.connection().acknowledge(3);
  expectEqual("acknowledgedThrough",
              static_cast<int>(session.connection().probe().acknowledged_through), 3);
  session.expectCompleted("");
}

void aSecondWatchReplacesTheFirst(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  const std::size_t before = session.reports().size();
  const auto second = session.connection().watch(1);
  trial.waitUntil([&] { return second->reports.size() >= before; }, 5s);
  session.begin("");
  trial.waitUntil([&] { return !all<CalculationFinished>(second->reports).empty(); }, 5s);
  expect(!all<CalculationFinished>(second->reports).empty(), "the second watch brings nothing new");
  expectNumbersFrom(1, second->reports);
  expectEqual("the number of reports the first watch has brought",
              static_cast<int>(session.reports().size()), static_cast<int>(before));
}

void aWatchMayBeginLater(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  const auto later = session.connection().watch(3);
  trial.waitUntil([&] { return later->reports.size() >= 2; }, 5s);
  expect(!later->reports.empty(), "nothing was delivered");
  expectNumbersFrom(3, later->reports);
}

void aSlowReaderGetsLargerBatchesAndLosesNothing(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  const auto slow = session.connection().watch(1, 1500ms);
  for (int i = 0; i < 8; ++i) {
    const std::string id = session.begin("");
    const auto is_over = [&] { return session.connection().probe().calculation_id.empty(); };
    expect(trial.waitUntil(is_over), "calculation " + id + " has not ended");
  }
  const std::uint64_t last = session.connection().probe().last_report;
  expect(trial.waitUntil([&] { return slow->reports.size() >= last; }, 10s),
         "of " + std::to_string(last) + " reports came " + std::to_string(slow->reports.size()));
  expectNumbersFrom(1, slow->reports);
  expectAtLeast(
      "the largest batch",
      static_cast<int>(*std::max_element(slow->batch_sizes.begin(), slow->batch_sizes.end())), 4);
  expectAtMost("the number of batches", static_cast<int>(slow->batch_sizes.size()), 12);
}

void reportsAreSpooledBeforeTheyAreSent(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.expectCompleted("");
  expect(session.spool() == session.reports(), "the spool is not what was sent");
}

void theSpoolIsEmptiedWhenAllIsAcknowledged(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.expectCompleted("");
  session.connection().acknowledge(session.lastNumber());
  const auto is_empty = [&] { return readFile(session.directory() / "spool").empty(); };
  expect(trial.waitUntil(is_empty, 2s), "the spool is not empty");
  session.expectCompleted("");
  const auto spool = session.spool();
  expect(!spool.empty() && spool.back() == session.reports().back(),
         "the spool does not go on after it was emptied");
}

void theSpoolOutlivesTheExecutor(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.expectCompleted("");
  session.waitStarted(session.begin(trial.sleep(20s)));
  const auto sent = session.reports();
  session.killExecutor();
  const auto spool = session.spool();
  expectAtLeast("the number of reports in the spool", static_cast<int>(spool.size()),
                static_cast<int>(sent.size()));
  expect(std::equal(sent.begin(), sent.end(), spool.begin()), "the spool is not what was sent");
}

void whatIsNotAcknowledgedAtTheEndStaysInTheSpool(Trial& trial) {
  CheckedSession session(trial, kUnacknowledged);
  session.waitReady();
  session.terminate();
  session.waitEnded();
  session.disconnect();
  session.killExecutor();
  expect(session.spool() == session.reports(), "the spool is not what was never acknowledged");
}

void progressHasADescription(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted(trial.code("progress", {{"text", "40%"}}));
  const auto progress = all<Progress>(session.reports());
  expect(!progress.empty(), "no progress was reported");
  expectEqual("its calculation", progress.front().calculation_id, finished.calculation_id);
  expectContains("its description", progress.front().description, "40%");
  expectContractOrder(session.reports());
}

}  // namespace

Group reportCases() {
  return {
      "reports",
      {
          {"numbers-begin-at-one-without-gaps", numbersBeginAtOneWithoutGaps},
          {"the-order-is-part-of-the-contract", theOrderIsPartOfTheContract},
          {"times-are-of-now", timesAreOfNow},
          {"the-unacknowledged-is-sent-again", theUnacknowledgedIsSentAgain},
          {"the-acknowledged-is-not-sent-again", theAcknowledgedIsNotSentAgain},
          {"what-happens-without-a-daemon-is-told", whatHappensWithoutADaemonIsTold},
          {"acknowledging-too-far-harms-nothing", acknowledgingTooFarHarmsNothing},
          {"acknowledging-again-is-ignored", acknowledgingAgainIsIgnored},
          {"a-second-watch-replaces-the-first", aSecondWatchReplacesTheFirst},
          {"a-watch-may-begin-later", aWatchMayBeginLater},
          {"a-slow-reader-gets-larger-batches-and-loses-nothing",
           aSlowReaderGetsLargerBatchesAndLosesNothing},
          {"reports-are-spooled-before-they-are-sent", reportsAreSpooledBeforeTheyAreSent},
          {"the-spool-is-emptied-when-all-is-acknowledged", theSpoolIsEmptiedWhenAllIsAcknowledged},
          {"the-spool-outlives-the-executor", theSpoolOutlivesTheExecutor},
          {"what-is-not-acknowledged-at-the-end-stays-in-the-spool",
           whatIsNotAcknowledgedAtTheEndStaysInTheSpool},
          {"progress-has-a-description", progressHasADescription},
      }};
}

}  // namespace glaux::plugins::check
