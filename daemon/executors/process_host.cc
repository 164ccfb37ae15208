#include "daemon/executors/process_host.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "daemon/executors/executor_process.h"
#include "daemon/executors/leftovers.h"

namespace glaux::daemon {
namespace {

tl::expected<void, Error> makeTrace(const std::filesystem::path& directory,
                                    const std::string& plugin) {
  if (::mkdir(directory.c_str(), 0700) != 0)
    return tl::unexpected(Error{"cannot make the session directory " + directory.string() + ": " +
                                std::strerror(errno)});
  return leavePluginName(directory, plugin);
}

}  // namespace

ProcessHost::ProcessHost(Loop& loop, KjEventPort& kj, ExecutorKeys keys, Settings settings)
    : loop_(loop),
      kj_(kj),
      keys_(std::move(keys)),
      settings_(std::move(settings)),
      burials_(loop, engines_.catalog()),
      work_(loop) {}

std::filesystem::path ProcessHost::directoryOf(const core::SessionId& session) const {
  return settings_.sessions_directory / toText(session);
}

tl::expected<std::unique_ptr<RunningExecutor>, Error> ProcessHost::launch(
    const ExecutorLaunch& launch, ExecutorCallbacks callbacks) {
  return start(launch, /*journaled_through=*/std::nullopt, std::move(callbacks));
}

bool ProcessHost::canResume(const std::string& executor) const {
  const ExecutorPlugin* plugin = engines_.catalog().find(executor);
  return plugin != nullptr && plugin->description.can_resume;
}

tl::expected<std::unique_ptr<RunningExecutor>, Error> ProcessHost::resume(
    const ExecutorLaunch& launch, std::uint64_t next_report, ExecutorCallbacks callbacks) {
  return start(launch, next_report - 1, std::move(callbacks));
}

tl::expected<std::unique_ptr<RunningExecutor>, Error> ProcessHost::start(
    const ExecutorLaunch& launch, std::optional<std::uint64_t> journaled_through,
    ExecutorCallbacks callbacks) {
  auto settings = engines_.settingsOf(launch);
  if (!settings) return tl::unexpected(std::move(settings.error()));
  if (!journaled_through) {
    auto made = makeTrace(directoryOf(launch.session), launch.executor);
    if (!made) return tl::unexpected(std::move(made.error()));
  }
  plugins::Bootstrap bootstrap = bootstrapOf(launch, std::move(*settings));
  bootstrap.resume = journaled_through.has_value();
  bootstrap.journaled_through = journaled_through.value_or(0);
  const ExecutorPlugin* plugin = engines_.catalog().find(launch.executor);
  return ExecutorProcess::start(loop_, kj_, plugin->manifest.executable, bootstrap,
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

void ProcessHost::bury(const core::SessionId& session, std::function<void(Burial)> done) {
  burials_.bury(directoryOf(session), std::move(done));
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
