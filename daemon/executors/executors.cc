#include "daemon/executors/executors.h"

#include <algorithm>
#include <utility>

#include "daemon/core/planted_bug.h"
#include "daemon/projections/calculations_view.h"

namespace glaux::daemon {
namespace {

// An executor whose session is over ends by itself within ten seconds, see executor.capnp.
constexpr std::int64_t kReleasedLifetimeMs = 15'000;
constexpr std::uint64_t kReapIntervalMs = 5'000;
constexpr std::uint64_t kAcknowledgeDelayMs = 20;

constexpr const char* kEndedMeanwhile = "The executor ended while glauxd was not running.";

ExecutorLaunch launchOf(const core::Session& session) {
  return {.session = session.id,
          .coordinator = session.executors.front().id,
          .executor = session.executor,
          .kernel = session.kernel,
          .engine_version = session.engine_version,
          .network = session.network,
          .session_dpus = static_cast<std::uint32_t>(std::max<std::int64_t>(session.dpus, 1))};
}

}  // namespace

Executors::Executors(ExecutorHost& host, Alarms& alarms, const Clock& clock, Settings settings,
                     Submit submit)
    : host_(host),
      clock_(clock),
      settings_(settings),
      submit_(std::move(submit)),
      reaper_(alarms.make([this] { reapReleased(); })),
      acknowledger_(alarms.make([this] { sendAcknowledgements(); })) {
  reaper_->start(kReapIntervalMs, kReapIntervalMs);
}

Executors::~Executors() = default;

RunningExecutor* Executors::find(const core::SessionId& session) {
  auto found = executors_.find(session);
  return found == executors_.end() ? nullptr : found->second.executor.get();
}

// ---- coming up

void Executors::launch(const core::Session& session) {
  waiting_.push_back(launchOf(session));
  launchWaiting();
}

void Executors::launchWaiting() {
  while (launching_ < settings_.concurrent_launches && !waiting_.empty()) {
    ExecutorLaunch launch = std::move(waiting_.front());
    waiting_.pop_front();
    auto executor = host_.launch(launch, callbacksFor(launch.session));
    if (!executor) {
      submit_(core::RecordExecutorGone{
          launch.session, "The executor could not be started: " + executor.error().message});
      continue;
    }
    executors_[launch.session].executor = std::move(*executor);
    ++launching_;
  }
}

ExecutorCallbacks Executors::callbacksFor(const core::SessionId& session) {
  ExecutorCallbacks callbacks;
  callbacks.on_connected = [this, session] { launchEnded(session); };
  callbacks.on_reports = [this, session](std::vector<core::Report> reports) {
    submit_(core::ReceiveReports{session, std::move(reports)});
  };
  callbacks.on_lost = [this, session](std::string reason) {
    launchEnded(session);
    if (isPlanted(core::PlantedBug::kLostMeansGone))
      return submit_(core::RecordExecutorGone{session, std::move(reason)});
    submit_(core::RecordExecutorLost{session, std::move(reason)});
  };
  callbacks.on_gone = [this, session](std::string reason, bool is_orderly) {
    gone(session, std::move(reason), is_orderly);
  };
  return callbacks;
}

void Executors::launchEnded(const core::SessionId& session) {
  auto found = executors_.find(session);
  if (found == executors_.end() || !found->second.is_launching) return;
  found->second.is_launching = false;
  --launching_;
  launchWaiting();
}

// ---- at work

void Executors::run(const core::Session& session, const core::CalculationId& calculation,
                    std::string code) {
  if (auto* executor = find(session.id))
    executor->run(calculation, std::move(code), outputUris(session.working_directory, calculation));
}

void Executors::interrupt(const core::SessionId& session, const core::CalculationId& calculation) {
  if (auto* executor = find(session)) executor->interrupt(calculation);
}

void Executors::killCalculation(const core::SessionId& session,
                                const core::CalculationId& calculation) {
  if (auto* executor = find(session)) executor->killCalculation(calculation);
}

void Executors::acknowledge(const core::SessionId& session, std::uint64_t through) {
  auto found = executors_.find(session);
  if (found == executors_.end()) return;
  if (found->second.acknowledge_through == 0) unacknowledged_.push_back(session);
  found->second.acknowledge_through = through;
  if (!acknowledger_->isActive()) acknowledger_->start(kAcknowledgeDelayMs);
}

void Executors::sendAcknowledgements() {
  for (const core::SessionId& session : std::exchange(unacknowledged_, {})) {
    auto found = executors_.find(session);
    if (found == executors_.end()) continue;
    std::uint64_t through = std::exchange(found->second.acknowledge_through, 0);
    if (isPlanted(core::PlantedBug::kAcknowledgedTooFar)) ++through;
    found->second.executor->acknowledge(through);
  }
}

// ---- going down

bool Executors::cancelWaiting(const core::SessionId& session) {
  auto found = std::ranges::find(waiting_, session, &ExecutorLaunch::session);
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  submit_(core::RecordExecutorGone{session, "The executor was never started."});
  return true;
}

void Executors::terminate(const core::SessionId& session) {
  if (cancelWaiting(session)) return;
  if (auto* executor = find(session)) executor->terminate(settings_.terminate_grace_ms);
}

void Executors::kill(const core::SessionId& session) {
  if (cancelWaiting(session)) return;
  if (auto* executor = find(session)) executor->kill();
}

void Executors::gone(const core::SessionId& session, std::string reason, bool is_orderly) {
  launchEnded(session);
  bool is_released = executors_.extract(session).mapped().released_at_ms.has_value();
  if (!is_released && isPlanted(core::PlantedBug::kGoneWithoutBurial))
    return submit_(core::RecordExecutorGone{session, std::move(reason)});
  if (!is_released) return buryAndTell(session, std::move(reason));
  if (is_orderly) return host_.forget(session);
  buryAndForget(session);
}

// What it could still say counts more than that it is gone.
void Executors::buryAndTell(const core::SessionId& session, std::string reason) {
  host_.bury(session, [this, session, reason = std::move(reason)](auto reports) {
    if (!reports.empty()) submit_(core::ReceiveReports{session, std::move(reports)});
    submit_(core::RecordExecutorGone{session, reason});
  });
}

void Executors::buryAndForget(const core::SessionId& session) {
  host_.bury(session, [this, session](const auto&) { host_.forget(session); });
}

// The executor ends by itself once its last report is acknowledged; until it has, it stays known,
// so that its exit is seen and its trace can go.
void Executors::release(const core::SessionId& session) {
  if (isPlanted(core::PlantedBug::kForgottenTooEarly)) host_.forget(session);
  auto found = executors_.find(session);
  if (found != executors_.end()) {
    found->second.released_at_ms = clock_.monotonicMs();
  } else {
    host_.forget(session);
  }
}

void Executors::reapReleased() {
  for (auto& [session, entry] : executors_) {
    if (entry.released_at_ms && clock_.monotonicMs() - *entry.released_at_ms > kReleasedLifetimeMs)
      entry.executor->kill();
  }
}

// ---- after a restart

bool Executors::recover(const core::Session& session) {
  if (session.state == api::SessionState::kCreating && session.reports_through == 0 &&
      (!host_.hasTrace(session.id) || isPlanted(core::PlantedBug::kLaunchedAgain))) {
    launch(session);
    return false;
  }
  std::uint64_t next_report = session.reports_through + 1;
  if (isPlanted(core::PlantedBug::kAdoptedPastAReport)) ++next_report;
  auto executor = host_.adopt(session.id, next_report, callbacksFor(session.id));
  if (executor) {
    Entry& entry = executors_[session.id];
    entry.executor = std::move(executor);
    entry.is_launching = false;
    return true;
  }
  buryAndTell(session.id, kEndedMeanwhile);
  return false;
}

void Executors::sweep(const core::State& state) {
  if (isPlanted(core::PlantedBug::kLeftoversAreNotSwept)) return;
  for (const core::SessionId& session : host_.traces()) {
    if (state.session(session) == nullptr) buryAndForget(session);
  }
}

}  // namespace glaux::daemon
