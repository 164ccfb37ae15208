#include <chrono>
#include <map>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"

// executor.capnp, `Usage`.
namespace glaux::plugins::check {
namespace {

using Clock = std::chrono::steady_clock;

// What the clock would charge, or the processors where that is more.
std::int64_t mostFor(std::int64_t wall_ms, const Usage& usage, std::uint32_t dpus) {
  return wall_ms * dpus + static_cast<std::int64_t>(usage.cpu_millis) * 2 + 100;
}

std::int64_t processorMillis(const CheckedSession& session) {
  std::chrono::milliseconds sum{};
  for (const pid_t worker : session.workers()) sum += processorTimeOf(worker);
  return sum.count();
}

void codeThatStartedCostsAtLeastOne(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted("");
  expectAtLeast("calculationDpuMillis", finished.usage.calculation_dpu_millis, 1);
}

void usageNamesExecutorAndCalculation(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted(trial.sleep(1200ms));
  for (const Usage& usage : usagesIn(session.reports())) {
    expectEqual("the executor", usage.executor_id, session.bootstrap().coordinator_executor_id);
    expectEqual("the calculation", usage.calculation_id, finished.calculation_id);
  }
}

void usageIsReportedEverySecond(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted(trial.sleep(3500ms));
  const auto reported = static_cast<int>(all<Usage>(session.reports()).size());
  expectAtLeast("the number of usage reports in 3.5 seconds", reported, 2);
  expectAtMost("the number of usage reports in 3.5 seconds", reported, 5);
}

void totalsNeverDecrease(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted(trial.sleep(2200ms));
  session.expectCompleted("");
  session.expectCompleted(trial.sleep(1200ms));
  session.run(trial.code("fail", {{"text", "oops"}}));
  expectTotalsNeverDecrease(session.reports());
}

void aSessionsTotalIsTheSumOverItsCalculations(Trial& trial) {
  CheckedSession session(trial);
  std::uint64_t sum = 0;
  for (const auto& code : {trial.sleep(300ms), std::string(), trial.sleep(100ms)}) {
    const auto finished = session.expectCompleted(code);
    sum += finished.usage.calculation_dpu_millis;
    expectEqual("totalDpuMillis", static_cast<std::int64_t>(finished.usage.total_dpu_millis),
                static_cast<std::int64_t>(sum));
  }
}

void usageAgreesWithTheClock(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const auto began = Clock::now();
  const auto finished = session.expectCompleted(trial.sleep(1s));
  const std::int64_t wall_ms = millisSince(began);
  expectAtLeast("calculationDpuMillis of a second", finished.usage.calculation_dpu_millis, 950);
  expectAtMost("calculationDpuMillis of " + std::to_string(wall_ms) + " ms",
               finished.usage.calculation_dpu_millis, mostFor(wall_ms, finished.usage, 1));
}

void dpusMultiply(Trial& trial) {
  CheckedSession session(trial, {.dpus = 4});
  session.waitReady();
  const auto began = Clock::now();
  const auto finished = session.expectCompleted(trial.sleep(1s));
  const std::int64_t wall_ms = millisSince(began);
  expectAtLeast("calculationDpuMillis of a second with 4 DPUs",
                finished.usage.calculation_dpu_millis, 4 * 950);
  expectAtMost("calculationDpuMillis of " + std::to_string(wall_ms) + " ms with 4 DPUs",
               finished.usage.calculation_dpu_millis, mostFor(wall_ms, finished.usage, 4));
}

void timeWithoutCodeIsNotCounted(Trial& trial) {
  CheckedSession session(trial);
  const auto first = session.expectCompleted("");
  trial.pause(1500ms);
  const auto began = Clock::now();
  const auto second = session.expectCompleted("");
  expectAtMost(
      "what totalDpuMillis rose by",
      static_cast<std::int64_t>(second.usage.total_dpu_millis - first.usage.total_dpu_millis),
      mostFor(millisSince(began), second.usage, 1));
}

void nothingIsReportedWhileNoCodeRuns(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted("");
  const std::uint64_t last = session.lastNumber();
  trial.pause(2500ms);
  expectEqual("the last report's number after 2.5 idle seconds",
              static_cast<std::int64_t>(session.connection().probe().last_report),
              static_cast<std::int64_t>(last));
}

void codeThatNeverStartedCostsNothing(Trial& trial) {
  CheckedSession session(trial);
  session.waitStarted(session.begin(trial.sleep(20s)));
  expect(session.run("").usage == Usage{}, "code that was refused has usage");
}

void codeThatIsCanceledIsCharged(Trial& trial) {
  CheckedSession session(trial);
  const std::string id = session.begin(trial.sleep(60s));
  session.waitStarted(id);
  trial.pause(1s);
  session.connection().interrupt(id);
  expectAtLeast("calculationDpuMillis", session.waitFinished(id).usage.calculation_dpu_millis, 900);
}

void processorTimeIsWhatTheSystemCounts(Trial& trial) {
  CheckedSession session(trial);
  session.expectCompleted("");
  const std::int64_t before_ms = processorMillis(session);
  const auto finished = session.expectCompleted(trial.timed("spin", 2s));
  if (finished.usage.cpu_millis == 0) skip("it does not measure processor time");
  const std::int64_t seen_ms = processorMillis(session) - before_ms;
  const auto reported_ms = static_cast<std::int64_t>(finished.usage.cpu_millis);
  expectAtLeast("cpuMillis of code that computes for two seconds", reported_ms, 1800);
  if (seen_ms < 1800) return;  // its processes are nowhere to be seen
  expectAtMost("cpuMillis where the system counts " + std::to_string(seen_ms), reported_ms,
               seen_ms + seen_ms / 4 + 300);
}

void peaksArePlausible(Trial& trial) {
  CheckedSession session(trial);
  const auto finished = session.expectCompleted(trial.timed("spin", 2500ms));
  const Usage& usage = finished.usage;
  if (usage.cpu_millis == 0) skip("it does not measure processor time");
  expectAtLeast("peakMilliCpus of code that computes", usage.peak_milli_cpus, 100);
  expectAtMost("peakMilliCpus of code that computes", usage.peak_milli_cpus, 4000);
  expectTotalsNeverDecrease(session.reports());
}

}  // namespace

Group usageCases() {
  return {"usage",
          {
              {"code-that-started-costs-at-least-one", codeThatStartedCostsAtLeastOne},
              {"usage-names-executor-and-calculation", usageNamesExecutorAndCalculation},
              {"usage-is-reported-every-second", usageIsReportedEverySecond},
              {"totals-never-decrease", totalsNeverDecrease},
              {"a-sessions-total-is-the-sum-over-its-calculations",
               aSessionsTotalIsTheSumOverItsCalculations},
              {"usage-agrees-with-the-clock", usageAgreesWithTheClock},
              {"dpus-multiply", dpusMultiply},
              {"time-without-code-is-not-counted", timeWithoutCodeIsNotCounted},
              {"nothing-is-reported-while-no-code-runs", nothingIsReportedWhileNoCodeRuns},
              {"code-that-never-started-costs-nothing", codeThatNeverStartedCostsNothing},
              {"code-that-is-canceled-is-charged", codeThatIsCanceledIsCharged},
              {"processor-time-is-what-the-system-counts", processorTimeIsWhatTheSystemCounts},
              {"peaks-are-plausible", peaksArePlausible},
          }};
}

}  // namespace glaux::plugins::check
