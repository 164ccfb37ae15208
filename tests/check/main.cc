#include <fcntl.h>
#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/process_identity.h"
#include "plugins/sdk/cleanup.h"
#include "tests/check/executor_server.h"
#include "tests/check/fault.h"
#include "tests/check/report_book.h"
#include "tests/check/script_session.h"

// An executor that keeps every promise of executor.capnp but one (fault.h), to find out whether the
// conformance kit notices. It is its own implementation of the contract, so that the SDK has no
// switches for breaking it.
namespace glaux::plugins::check {
namespace {

std::string the_fault;

int describe() {
  const nlohmann::json json = {{"name", fault()},
                               {"version", GLAUX_VERSION},
                               {"protocol", kProtocolVersion},
                               {"capabilities", {{"interrupt", true}, {"resume", false}}},
                               {"kernels", nlohmann::json::array()}};
  std::puts(json.dump().c_str());
  return 0;
}

std::string readBootstrap() {
  std::string message;
  char buffer[4096];
  while (framedMessageSize(message) == 0 || message.size() < framedMessageSize(message)) {
    const ssize_t size = ::read(kLifelineFd, buffer, sizeof(buffer));
    if (size <= 0) return "";
    message.append(buffer, static_cast<std::size_t>(size));
  }
  return message;
}

void greet(std::uint32_t version, const std::string& refusal = "") {
  const std::string message =
      encodeGreeting({version, static_cast<std::uint32_t>(::getpid()), refusal});
  ::send(kLifelineFd, message.data(), message.size(), MSG_NOSIGNAL);
}

void identify(const Bootstrap& bootstrap) {
  static_cast<void>(
      writeIdentity(".", has("has-another-identity") ? "somebody" : bootstrap.session_id));
}

kj::Promise<void> whenCut(kj::UnixEventPort::FdObserver& lifeline) {
  return lifeline.whenBecomesReadable().then([&lifeline]() -> kj::Promise<void> {
    char byte = 0;
    if (::recv(kLifelineFd, &byte, 1, MSG_DONTWAIT) == 0) return kj::READY_NOW;
    return whenCut(lifeline);
  });
}

int serve(const Bootstrap& bootstrap) {
  kj::UnixEventPort::captureSignal(SIGTERM);
  auto io = kj::setupAsyncIo();
  kj::Timer& timer = io.provider->getTimer();
  ReportBook reports;
  ScriptSession session(bootstrap, reports, timer);
  if (!has("identifies-itself-late")) identify(bootstrap);
  session.start();
  ExecutorServer server(io, bootstrap, session, reports);
  server.listen();
  greet(has("accepts-the-future") ? bootstrap.protocol_version : kProtocolVersion);

  kj::UnixEventPort::FdObserver lifeline(io.unixEventPort, kLifelineFd,
                                         kj::UnixEventPort::FdObserver::OBSERVE_READ);
  auto cut = whenCut(lifeline).then([&] { server.daemonDied(); }).eagerlyEvaluate(nullptr);
  auto asked = io.unixEventPort.onSignal(SIGTERM)
                   .then([&](siginfo_t&&) { session.terminate(5 * kj::SECONDS); })
                   .eagerlyEvaluate(nullptr);
  if (has("identifies-itself-late")) {
    timer.afterDelay(3 * kj::SECONDS).wait(io.waitScope);
    identify(bootstrap);
  }
  session.whenEnded().wait(io.waitScope);
  for (int i = 0; i < 1000 && (!server.isAllAcknowledged() || has("stays-on")); ++i)
    timer.afterDelay(10 * kj::MILLISECONDS).wait(io.waitScope);
  return 0;
}

int run(int argc, char** argv) {
  the_fault = std::filesystem::absolute(argv[0]).parent_path().filename().string();
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "describe") return describe();
  if (verb == "cleanup") return argc < 3 ? 2 : cleanUp(argv[2], argc == 4, {});
  if (!verb.empty()) return 2;
  ::fcntl(kLifelineFd, F_SETFD, FD_CLOEXEC);
  const auto bootstrap = decodeBootstrap(readBootstrap());
  if (!bootstrap) return 0;
  if (bootstrap->protocol_version < 1 && !has("speaks-to-anybody")) {
    greet(kProtocolVersion, "The daemon speaks no version of the protocol.");
    return 1;
  }
  ::umask(0027);
  if (::chdir(bootstrap->session_directory.c_str()) != 0) return 1;
  return serve(*bootstrap);
}

}  // namespace

const std::string& fault() { return the_fault; }

}  // namespace glaux::plugins::check

int main(int argc, char** argv) { return glaux::plugins::check::run(argc, argv); }
