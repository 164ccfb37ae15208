#include "daemon/executors/executors.h"

#include <algorithm>
#include <system_error>

#include "daemon/executors/leftovers.h"
#include "daemon/executors/report_translation.h"
#include "daemon/loop/loop.h"
#include "daemon/projections/calculations_view.h"

namespace glaux::daemon {
namespace {

// What is left of an executor that cannot be adopted may take this long to end in order before it
// is killed.
constexpr int kRecoverGraceMs = 7000;

// An executor whose session is over ends by itself within ten seconds, see executor.capnp.
constexpr std::uint64_t kReleasedLifetimeMs = 15'000;
constexpr std::uint64_t kReapIntervalMs = 5'000;
constexpr std::uint64_t kAcknowledgeDelayMs = 20;

constexpr const char* kEndedMeanwhile = "The executor ended while glauxd was not running.";

}  // namespace

Executors::Executors(Loop& loop, KjEventPort& kj, ExecutorKeys keys, Settings settings,
                     Submit submit)
    : loop_(loop),
      kj_(kj),
      keys_(std::move(keys)),
      settings_(std::move(settings)),
      submit_(std::move(submit)),
      work_(loop),
      reaper_(loop, [this] { reapReleased(); }),
      acknowledger_(loop, [this] { sendAcknowledgements(); }) {
  reaper_.start(kReapIntervalMs, kReapIntervalMs);
}

Executors::~Executors() = default;

std::filesystem::path Executors::directoryOf(const core::SessionId& session) const {
  return settings_.sessions_directory / toText(session);
}

ExecutorProcess* Executors::find(const core::SessionId& session) {
  auto found = executors_.find(session);
  return found == executors_.end() ? nullptr : found->second.process.get();
}

// ---- coming up

void Executors::launch(const core::Session& session) {
  Launch launch{.session = session.id, .plugin = session.executor, .bootstrap = {}};
  launch.bootstrap.session_id = toText(session.id);
  launch.bootstrap.session_directory = directoryOf(session.id);
  launch.bootstrap.coordinator_executor_id = toText(session.executors.front().id);
  launch.bootstrap.settings["kernel"] = session.kernel;
  launch.bootstrap.min_free_mib = settings_.min_free_mib;
  launch.bootstrap.lease_seconds = settings_.lease_s;
  launch.bootstrap.kernel_restarts = settings_.kernel_restarts;
  waiting_.push_back(std::move(launch));
  launchWaiting();
}

void Executors::launchWaiting() {
  while (launching_ < settings_.concurrent_launches && !waiting_.empty()) {
    Launch launch = std::move(waiting_.front());
    waiting_.pop_front();
    auto process = start(launch);
    if (!process) {
      submit_(core::RecordExecutorGone{
          launch.session, "The executor could not be started: " + process.error().message});
      continue;
    }
    executors_[launch.session].process = std::move(*process);
    ++launching_;
  }
}

tl::expected<std::unique_ptr<ExecutorProcess>, Error> Executors::start(const Launch& launch) {
  const ExecutorPlugin* plugin = catalog_.find(launch.plugin);
  if (plugin == nullptr)
    return tl::unexpected(Error{"executor " + launch.plugin + " is not installed any more"});
  plugins::Bootstrap bootstrap = launch.bootstrap;
  bootstrap.key = keys_.keyOf(bootstrap.session_id);
  bootstrap.settings.insert(plugin->manifest.settings.begin(), plugin->manifest.settings.end());
  return ExecutorProcess::launch(loop_, kj_, plugin->manifest.executable, bootstrap,
                                 callbacksFor(launch.session));
}

ExecutorProcess::Callbacks Executors::callbacksFor(const core::SessionId& session) {
  ExecutorProcess::Callbacks callbacks;
  callbacks.on_connected = [this, session] { launchEnded(session); };
  callbacks.on_reports = [this, session](std::vector<plugins::Report> reports) {
    submit_(core::ReceiveReports{session, translateReports(reports)});
  };
  callbacks.on_lost = [this, session](std::string reason) {
    launchEnded(session);
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
  ExecutorProcess* executor = find(session.id);
  if (executor == nullptr) return;
  constexpr std::string_view kScheme = "s3://";
  auto pathOf = [this, &kScheme](const std::string& uri) {
    return settings_.objects_directory / uri.substr(kScheme.size());
  };
  OutputUris uris = outputUris(session.working_directory, calculation);
  plugins::ExecutorClient::RunRequest request;
  request.calculation_id = toText(calculation);
  request.code = std::move(code);
  request.stdout_path = pathOf(uris.std_out);
  request.stderr_path = pathOf(uris.std_error);
  request.result_path = pathOf(uris.result);
  executor->client().run(request);
}

void Executors::interrupt(const core::SessionId& session, const core::CalculationId& calculation) {
  if (auto* executor = find(session)) executor->client().interrupt(toText(calculation));
}

void Executors::killCalculation(const core::SessionId& session,
                                const core::CalculationId& calculation) {
  if (auto* executor = find(session)) executor->client().kill(toText(calculation));
}

void Executors::acknowledge(const core::SessionId& session, std::uint64_t through) {
  auto found = executors_.find(session);
  if (found == executors_.end()) return;
  if (found->second.acknowledge_through == 0) unacknowledged_.push_back(session);
  found->second.acknowledge_through = through;
  if (!acknowledger_.isActive()) acknowledger_.start(kAcknowledgeDelayMs);
}

void Executors::sendAcknowledgements() {
  for (const core::SessionId& session : std::exchange(unacknowledged_, {})) {
    auto found = executors_.find(session);
    if (found == executors_.end()) continue;
    found->second.process->client().acknowledge(
        std::exchange(found->second.acknowledge_through, 0));
  }
}

// ---- going down

bool Executors::cancelWaiting(const core::SessionId& session) {
  auto found = std::ranges::find(waiting_, session, &Launch::session);
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  submit_(core::RecordExecutorGone{session, "The executor was never started."});
  return true;
}

void Executors::terminate(const core::SessionId& session) {
  if (cancelWaiting(session)) return;
  if (auto* executor = find(session)) executor->client().terminate(settings_.terminate_grace_ms);
}

void Executors::kill(const core::SessionId& session) {
  if (cancelWaiting(session)) return;
  if (auto* executor = find(session)) executor->kill();
}

void Executors::gone(const core::SessionId& session, std::string reason, bool is_orderly) {
  launchEnded(session);
  auto found = executors_.find(session);
  bool is_released = found->second.released_at_ms.has_value();
  int pid = found->second.process->pid();
  executors_.erase(found);
  auto finish = [this, session, reason = std::move(reason), is_released](bool) {
    if (is_released) return forget(session);
    submit_(core::RecordExecutorGone{session, reason});
  };
  if (is_orderly) return finish(true);
  work_.run(
      [pid] {
        endProcessSession(pid);
        return true;
      },
      std::move(finish));
}

// The executor ends by itself once its last report is acknowledged; until it has, it stays known,
// so that its exit is seen and its directory can go.
void Executors::release(const core::SessionId& session) {
  auto found = executors_.find(session);
  if (found != executors_.end()) {
    found->second.released_at_ms = loop_.nowMs();
  } else {
    forget(session);
  }
}

void Executors::reapReleased() {
  for (auto& [session, entry] : executors_) {
    if (entry.released_at_ms && loop_.nowMs() - *entry.released_at_ms > kReleasedLifetimeMs)
      entry.process->kill();
  }
}

void Executors::forget(const core::SessionId& session) {
  work_.run(
      [directory = directoryOf(session)] {
        std::error_code failed;
        std::filesystem::remove_all(directory, failed);
        return !failed;
      },
      [](bool) {});
}

// ---- after a restart

bool Executors::recover(const core::Session& session) {
  // Its directory is the first thing an executor gets.
  if (session.state == api::SessionState::kCreating && session.reports_through == 0 &&
      !std::filesystem::exists(directoryOf(session.id))) {
    launch(session);
    return false;
  }
  auto identity = plugins::readIdentity(directoryOf(session.id));
  if (identity && identity->session_id == toText(session.id) && adopt(session, *identity))
    return true;
  recoverDead(session.id);
  return false;
}

bool Executors::adopt(const core::Session& session, const plugins::ProcessIdentity& identity) {
  plugins::ExecutorClient::Target target;
  target.session_directory = directoryOf(session.id);
  target.session_id = toText(session.id);
  target.key = keys_.keyOf(target.session_id);
  target.next_report = session.reports_through + 1;
  auto process =
      ExecutorProcess::adopt(loop_, kj_, identity, std::move(target), callbacksFor(session.id));
  if (!process) return false;
  Entry& entry = executors_[session.id];
  entry.process = std::move(*process);
  entry.is_launching = false;
  return true;
}

void Executors::recoverDead(const core::SessionId& session) {
  work_.run(
      [directory = directoryOf(session)] { return recoverReports(directory, kRecoverGraceMs); },
      [this, session](std::vector<plugins::Report> reports) {
        if (!reports.empty()) submit_(core::ReceiveReports{session, translateReports(reports)});
        submit_(core::RecordExecutorGone{session, kEndedMeanwhile});
      });
}

void Executors::sweep(const core::State& state) {
  std::error_code failed;
  for (const auto& entry :
       std::filesystem::directory_iterator(settings_.sessions_directory, failed)) {
    auto session = core::parseId<core::SessionId>(entry.path().filename().string());
    if (!session || state.session(*session) != nullptr) continue;
    work_.run(
        [directory = entry.path()] {
          std::error_code cannot_remove;
          recoverReports(directory, kRecoverGraceMs);
          std::filesystem::remove_all(directory, cannot_remove);
          return !cannot_remove;
        },
        [](bool) {});
  }
}

}  // namespace glaux::daemon
