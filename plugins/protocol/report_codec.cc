#include "plugins/protocol/report_codec.h"

#include <kj/debug.h>

#include <string>
#include <type_traits>

namespace glaux::plugins {
namespace {

// The plain enumerations list their values in the schema's order, so that they convert by number.
static_assert(static_cast<int>(ExecutorType::kWorker) ==
              static_cast<int>(protocol::ExecutorChanged::Type::WORKER));
static_assert(static_cast<int>(ExecutorState::kRegistered) ==
              static_cast<int>(protocol::ExecutorChanged::State::REGISTERED));
static_assert(static_cast<int>(ExecutorState::kFailed) ==
              static_cast<int>(protocol::ExecutorChanged::State::FAILED));
static_assert(static_cast<int>(Outcome::kCanceled) ==
              static_cast<int>(protocol::CalculationFinished::Outcome::CANCELED));
static_assert(static_cast<int>(Ending::kFailed) ==
              static_cast<int>(protocol::SessionEnded::Ending::FAILED));

template <typename From, typename To>
bool isKnown(From value, To last) {
  return static_cast<int>(value) <= static_cast<int>(last);
}

void write(const SessionReady& ready, protocol::Report::Builder report) {
  auto to = report.initSessionReady();
  to.setImplementation(ready.implementation);
  to.setLanguage(ready.language);
  to.setLanguageVersion(ready.language_version);
}

void write(const ExecutorChanged& changed, protocol::Report::Builder report) {
  auto to = report.initExecutorChanged();
  to.setExecutorId(changed.executor_id);
  to.setType(static_cast<protocol::ExecutorChanged::Type>(changed.type));
  to.setState(static_cast<protocol::ExecutorChanged::State>(changed.state));
  to.setDpus(changed.dpus);
}

void write(const CalculationStarted& started, protocol::Report::Builder report) {
  report.initCalculationStarted().setCalculationId(started.calculation_id);
}

void write(const Progress& progress, protocol::Report::Builder report) {
  auto to = report.initProgress();
  to.setCalculationId(progress.calculation_id);
  to.setDescription(progress.description);
}

void writeUsage(const Usage& usage, protocol::Usage::Builder to) {
  to.setExecutorId(usage.executor_id);
  to.setTotalDpuMillis(usage.total_dpu_millis);
  to.setCalculationId(usage.calculation_id);
  to.setCalculationDpuMillis(usage.calculation_dpu_millis);
  to.setCpuMillis(usage.cpu_millis);
  to.setPeakMilliCpus(usage.peak_milli_cpus);
  to.setPeakMemoryMib(usage.peak_memory_mib);
}

void write(const Usage& usage, protocol::Report::Builder report) {
  writeUsage(usage, report.initUsage());
}

void write(const CalculationFinished& finished, protocol::Report::Builder report) {
  auto to = report.initCalculationFinished();
  to.setCalculationId(finished.calculation_id);
  to.setOutcome(static_cast<protocol::CalculationFinished::Outcome>(finished.outcome));
  to.setReason(finished.reason);
  if (!finished.usage.executor_id.empty()) writeUsage(finished.usage, to.initUsage());
}

void write(const SessionEnded& ended, protocol::Report::Builder report) {
  auto to = report.initSessionEnded();
  to.setEnding(static_cast<protocol::SessionEnded::Ending>(ended.ending));
  to.setReason(ended.reason);
}

void write(const KernelDied& died, protocol::Report::Builder report) {
  report.initKernelDied().setReason(died.reason);
}

void write(const Degraded& degraded, protocol::Report::Builder report) {
  report.initDegraded().setReason(degraded.reason);
}

void write(const Recovered&, protocol::Report::Builder report) { report.setRecovered(); }

void write(const UnknownReport&, protocol::Report::Builder) {
  KJ_FAIL_REQUIRE("nobody reports what it does not know");
}

using What = decltype(Report::what);

SessionReady read(protocol::SessionReady::Reader from) {
  return {from.getImplementation(), from.getLanguage(), from.getLanguageVersion()};
}

What read(protocol::ExecutorChanged::Reader from) {
  if (!isKnown(from.getType(), ExecutorType::kWorker) ||
      !isKnown(from.getState(), ExecutorState::kFailed))
    return UnknownReport{};
  return ExecutorChanged{from.getExecutorId(), static_cast<ExecutorType>(from.getType()),
                         static_cast<ExecutorState>(from.getState()), from.getDpus()};
}

Usage read(protocol::Usage::Reader from) {
  return {from.getExecutorId(),           from.getTotalDpuMillis(), from.getCalculationId(),
          from.getCalculationDpuMillis(), from.getCpuMillis(),      from.getPeakMilliCpus(),
          from.getPeakMemoryMib()};
}

CalculationFinished read(protocol::CalculationFinished::Reader from) {
  const Outcome outcome = isKnown(from.getOutcome(), Outcome::kCanceled)
                              ? static_cast<Outcome>(from.getOutcome())
                              : Outcome::kFailed;
  return {from.getCalculationId(), outcome, from.getReason(), read(from.getUsage())};
}

}  // namespace

void writeReport(const Report& report, protocol::Report::Builder to) {
  to.setNumber(report.number);
  to.setTimeMs(report.time_ms);
  std::visit([&](const auto& what) { write(what, to); }, report.what);
}

Report readReport(protocol::Report::Reader from) {
  Report report;
  report.number = from.getNumber();
  report.time_ms = from.getTimeMs();
  switch (from.which()) {
    case protocol::Report::SESSION_READY:
      report.what = read(from.getSessionReady());
      return report;
    case protocol::Report::EXECUTOR_CHANGED:
      report.what = read(from.getExecutorChanged());
      return report;
    case protocol::Report::CALCULATION_STARTED:
      report.what = CalculationStarted{from.getCalculationStarted().getCalculationId()};
      return report;
    case protocol::Report::PROGRESS:
      report.what =
          Progress{from.getProgress().getCalculationId(), from.getProgress().getDescription()};
      return report;
    case protocol::Report::USAGE:
      report.what = read(from.getUsage());
      return report;
    case protocol::Report::CALCULATION_FINISHED:
      report.what = read(from.getCalculationFinished());
      return report;
    case protocol::Report::SESSION_ENDED:
      report.what =
          SessionEnded{from.getSessionEnded().getEnding() == protocol::SessionEnded::Ending::CLEAN
                           ? Ending::kClean
                           : Ending::kFailed,
                       from.getSessionEnded().getReason()};
      return report;
    case protocol::Report::KERNEL_DIED:
      report.what = KernelDied{from.getKernelDied().getReason()};
      return report;
    case protocol::Report::DEGRADED:
      report.what = Degraded{from.getDegraded().getReason()};
      return report;
    case protocol::Report::RECOVERED:
      report.what = Recovered{};
      return report;
  }
  report.what = UnknownReport{};
  return report;
}

}  // namespace glaux::plugins
