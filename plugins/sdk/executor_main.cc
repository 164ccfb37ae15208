#include "plugins/sdk/executor_main.h"

#include <fcntl.h>
#include <kj/async-io.h>
#include <kj/debug.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "plugins/protocol/process_identity.h"
#include "plugins/sdk/cleanup.h"
#include "plugins/sdk/report_log.h"
#include "plugins/sdk/server.h"
#include "plugins/sdk/session.h"

namespace glaux::plugins {
namespace {

constexpr kj::Duration kTerminationGrace = 5 * kj::SECONDS;
constexpr kj::Duration kAcknowledgementTimeout = 10 * kj::SECONDS;
constexpr kj::Duration kClearingTimeout = 10 * kj::SECONDS;

int printUsage(std::FILE* to, const char* program, int status) {
  std::fprintf(
      to,
      "usage: %s describe\n"
      "           Prints what this executor is and can do, as JSON.\n"
      "       %s cleanup SESSION_DIRECTORY [--force]\n"
      "           Ends whatever the session left when its executor died. Needs neither\n"
      "           glauxd nor the executor, and can be repeated. Exit status: 0 nothing is\n"
      "           left, 1 something is, 2 the executor itself is alive, and was left in\n"
      "           peace. --force ends that, too.\n"
      "Otherwise started by glauxd, with its bootstrap message on descriptor 3.\n",
      program, program);
  return status;
}

int runCleanup(int argc, char** argv, const Plugin& plugin) {
  const bool force = argc == 4 && std::strcmp(argv[3], "--force") == 0;
  if (argc != 3 && !force) return printUsage(stderr, argv[0], 2);
  return cleanUp(argv[2], force, plugin);
}

int printDescription(const ExecutorDescription& description) {
  const nlohmann::json json = {
      {"name", description.name},
      {"version", GLAUX_VERSION},
      {"protocol", kProtocolVersion},
      {"capabilities",
       {{"interrupt", description.can_interrupt}, {"resume", description.can_resume}}},
      {"kernels", description.kernels}};
  std::puts(json.dump().c_str());
  return 0;
}

// Blocks: the daemon writes right after it has started us. Empty if it died before.
std::string readBootstrapMessage() {
  std::string message;
  char buffer[4096];
  while (framedMessageSize(message) == 0 || message.size() < framedMessageSize(message)) {
    const ssize_t size = ::read(kLifelineFd, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return "";
    message.append(buffer, static_cast<std::size_t>(size));
  }
  return message;
}

void greet(std::uint32_t version, const std::string& refusal) {
  const std::string message =
      encodeGreeting({version, static_cast<std::uint32_t>(::getpid()), refusal});
  // A daemon that is gone already is noticed by reading, not by a signal.
  if (::send(kLifelineFd, message.data(), message.size(), MSG_NOSIGNAL) < 0) {
    std::fprintf(stderr, "the daemon cannot be greeted: %s\n", std::strerror(errno));
  }
}

// What makes the session impossible from the beginning; empty if nothing.
std::string prepare(const Bootstrap& bootstrap, const Plugin& plugin) {
  if (bootstrap.protocol_version < 1) return "The daemon speaks no version of the protocol.";
  if (bootstrap.resume && !plugin.describe().can_resume)
    return "This executor cannot take the place of one that died.";
  ::umask(0027);
  if (::chdir(bootstrap.session_directory.c_str()) != 0) {
    return "The session directory cannot be entered: " + std::string(std::strerror(errno));
  }
  const auto written = writeIdentity(".", bootstrap.session_id);
  return written ? "" : written.error().message;
}

// Done when the daemon has closed its end of the lifeline.
kj::Promise<void> whenCut(kj::UnixEventPort::FdObserver& lifeline) {
  return lifeline.whenBecomesReadable().then([&lifeline]() -> kj::Promise<void> {
    char byte = 0;
    const ssize_t size = ::recv(kLifelineFd, &byte, 1, MSG_DONTWAIT);
    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR))) return whenCut(lifeline);
    return kj::READY_NOW;
  });
}

kj::Promise<void> whenAskedToTerminate(kj::UnixEventPort& event_port) {
  return event_port.onSignal(SIGTERM).then([](siginfo_t&&) {});
}

int serve(const Bootstrap& bootstrap, const Plugin& plugin) {
  kj::UnixEventPort::captureSignal(SIGTERM);
  kj::UnixEventPort::captureChildExit();
  auto io = kj::setupAsyncIo();
  kj::Timer& timer = io.provider->getTimer();

  const ExecutorDescription description = plugin.describe();
  auto reports = bootstrap.resume ? std::make_unique<ReportLog>(".", bootstrap.journaled_through)
                                  : std::make_unique<ReportLog>(".");
  Reach reach;
  auto executor =
      plugin.make({bootstrap, timer, io.unixEventPort, io.provider->getNetwork(), *reports, reach});
  std::optional<SessionRecordFile> record;
  if (description.can_resume) record.emplace(".");
  Session session(bootstrap, *executor, *reports, timer, std::move(record));
  reach.lost = [&](const std::string& reason) { session.outOfReach(reason); };
  reach.regained = [&] { session.inReach(); };
  bootstrap.resume ? session.resume() : session.start();

  Server server(*io.lowLevelProvider, timer, bootstrap, description, session, *reports);
  server.listen();
  greet(commonVersion(bootstrap.protocol_version), "");

  kj::UnixEventPort::FdObserver lifeline(io.unixEventPort, kLifelineFd,
                                         kj::UnixEventPort::FdObserver::OBSERVE_READ);
  auto cut = whenCut(lifeline)
                 .then([&] { server.lifelineCut(); })
                 .eagerlyEvaluate([](kj::Exception&& exception) { KJ_LOG(ERROR, exception); });
  auto asked = whenAskedToTerminate(io.unixEventPort)
                   .then([&] {
                     session.terminate(kTerminationGrace, "The executor was asked to terminate.");
                   })
                   .eagerlyEvaluate([](kj::Exception&& exception) { KJ_LOG(ERROR, exception); });

  session.whenEnded().wait(io.waitScope);
  // The daemon may be about to connect for the first time, or to come back.
  auto acknowledged =
      server.whenAllAcknowledged().exclusiveJoin(timer.afterDelay(kAcknowledgementTimeout));
  auto cleared = timer.timeoutAfter(kClearingTimeout, executor->clear())
                     .then([] { return 0; })
                     .catch_([](kj::Exception&& exception) {
                       KJ_LOG(WARNING, exception.getDescription());
                       return 1;
                     });
  acknowledged.wait(io.waitScope);
  return cleared.wait(io.waitScope);
}

}  // namespace

std::filesystem::path pluginDirectory() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

int executorMain(int argc, char** argv, const Plugin& plugin) {
  if (argc == 2 && std::strcmp(argv[1], "describe") == 0) {
    return printDescription(plugin.describe());
  }
  if (argc >= 2 && std::strcmp(argv[1], "cleanup") == 0) return runCleanup(argc, argv, plugin);
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) return printUsage(stdout, argv[0], 0);
  if (argc != 1 || ::fcntl(kLifelineFd, F_SETFD, FD_CLOEXEC) != 0)
    return printUsage(stderr, argv[0], 2);
  const std::string message = readBootstrapMessage();
  if (message.empty()) return 0;
  const auto bootstrap = decodeBootstrap(message);
  const std::string refusal = bootstrap ? prepare(*bootstrap, plugin) : bootstrap.error().message;
  if (!refusal.empty()) {
    greet(kProtocolVersion, refusal);
    return 1;
  }
  try {
    return serve(*bootstrap, plugin);
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "%s\n", kj::str(exception).cStr());
    return 1;
  }
}

}  // namespace glaux::plugins
