#include "daemon/executors/process_host.h"

#include <system_error>
#include <utility>

#include "daemon/executors/executor_process.h"
#include "daemon/executors/leftovers.h"
#include "daemon/executors/report_translation.h"

namespace glaux::daemon {
namespace {

// What is left of an executor that cannot be adopted may take this long to end in order before it
// is killed.
constexpr int kBurialGraceMs = 7000;

}  // namespace

ProcessHost::ProcessHost(Loop& loop, KjEventPort& kj, ExecutorKeys keys, Settings settings)
    : loop_(loop), kj_(kj), keys_(std::move(keys)), settings_(std::move(settings)), work_(loop) {}

std::filesystem::path ProcessHost::directoryOf(const core::SessionId& session) const {
  return settings_.sessions_directory / toText(session);
}

tl::expected<std::unique_ptr<RunningExecutor>, Error> ProcessHost::launch(
    const ExecutorLaunch& launch, ExecutorCallbacks callbacks) {
  auto settings = engines_.settingsOf(launch);
  if (!settings) return tl::unexpected(std::move(settings.error()));
  const ExecutorPlugin* plugin = engines_.catalog().find(launch.executor);
  return ExecutorProcess::launch(loop_, kj_, plugin->manifest.executable,
                                 bootstrapOf(launch, std::move(*settings)),
                                 settings_.objects_directory, std::move(callbacks));
}

plugins::Bootstrap ProcessHost::bootstrapOf(const ExecutorLaunch& launch,
                                            Engines::Settings settings) const {
  plugins::Bootstrap bootstrap;
  bootstrap.session_id = toText(launch.session);
  bootstrap.session_directory = directoryOf(launch.session);
  bootstrap.coordinator_executor_id = toText(launch.coordinator);
  bootstrap.key = keys_.keyOf(bootstrap.session_id);
  bootstrap.settings = std::move(settings);
  bootstrap.session_dpus = launch.session_dpus;
  bootstrap.instance_id = keys_.instanceId();
  bootstrap.min_free_mib = settings_.min_free_mib;
  bootstrap.lease_seconds = settings_.lease_s;
  bootstrap.kernel_restarts = settings_.kernel_restarts;
  return bootstrap;
}

std::unique_ptr<RunningExecutor> ProcessHost::adopt(const core::SessionId& session,
                                                    std::uint64_t next_report,
                                                    ExecutorCallbacks callbacks) {
  auto identity = plugins::readIdentity(directoryOf(session));
  if (!identity || identity->session_id != toText(session)) return nullptr;
  plugins::ExecutorClient::Target target;
  target.session_directory = directoryOf(session);
  target.session_id = toText(session);
  target.key = keys_.keyOf(target.session_id);
  target.next_report = next_report;
  auto adopted = ExecutorProcess::adopt(loop_, kj_, *identity, std::move(target),
                                        settings_.objects_directory, std::move(callbacks));
  return adopted ? std::move(*adopted) : nullptr;
}

bool ProcessHost::hasTrace(const core::SessionId& session) const {
  return std::filesystem::exists(directoryOf(session));
}

std::vector<core::SessionId> ProcessHost::traces() const {
  std::vector<core::SessionId> sessions;
  std::error_code failed;
  for (const auto& entry :
       std::filesystem::directory_iterator(settings_.sessions_directory, failed)) {
    if (auto session = core::parseId<core::SessionId>(entry.path().filename().string()))
      sessions.push_back(*session);
  }
  return sessions;
}

void ProcessHost::bury(const core::SessionId& session,
                       std::function<void(std::vector<core::Report>)> done) {
  work_.run(
      [directory = directoryOf(session)] { return recoverReports(directory, kBurialGraceMs); },
      [done = std::move(done)](const std::vector<plugins::Report>& reports) {
        done(translateReports(reports));
      });
}

void ProcessHost::forget(const core::SessionId& session) {
  work_.run(
      [directory = directoryOf(session)] {
        std::error_code failed;
        std::filesystem::remove_all(directory, failed);
        return !failed;
      },
      [](bool) {});
}

}  // namespace glaux::daemon
