#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"
#include "plugins/protocol/process_identity.h"
#include "plugins/protocol/proof.h"

// executor.capnp, "The life of an executor" up to the greeting, and "Descriptor 3".
namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;

// An executor to which only bytes are said, whatever they are.
class Stranger {
 public:
  Stranger(Trial& trial, const std::string& bytes) : trial_(trial) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("no socket pair");
    executor_ = std::make_unique<ChildProcess>(
        ChildProcess::Options{trial.subject().plugin.executable, {}, trial.directory(), ends[1]});
    ::close(ends[1]);
    lifeline_ = ends[0];
    ::send(lifeline_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  ~Stranger() { hangUp(); }

  void hangUp() {
    if (lifeline_ >= 0) ::close(lifeline_);
    lifeline_ = -1;
  }

  // Whether it exits, or refuses and exits.
  void expectExit(const std::string& why) {
    expect(trial_.waitUntil([this] { return executor_->status().has_value(); }, 10s),
           "it has not exited within ten seconds of " + why);
    expect(WIFEXITED(*executor_->status()),
           "it died of " + describeWaitStatus(*executor_->status()) + " after " + why);
  }

  // What it said before it exited.
  std::string said() const {
    char buffer[4096];
    const ssize_t size = ::recv(lifeline_, buffer, sizeof(buffer), MSG_DONTWAIT);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
  }

 private:
  Trial& trial_;
  int lifeline_ = -1;
  std::unique_ptr<ChildProcess> executor_;
};

Bootstrap anyBootstrap(Trial& trial) {
  Bootstrap bootstrap;
  bootstrap.session_id = newUuid();
  bootstrap.key = randomBytes(kKeySize);
  bootstrap.session_directory = trial.directory();
  bootstrap.coordinator_executor_id = newUuid();
  bootstrap.settings = trial.subject().plugin.settings;
  bootstrap.instance_id = "executor-check";
  return bootstrap;
}

void identityIsThereBeforeTheGreeting(Trial& trial) {
  auto session = CheckedSession::start(trial);
  session->readGreeting();
  expect(fs::exists(session->directory() / "identity.json"), "greeted, but no identity.json");
}

void identityNamesTheExecutor(Trial& trial) {
  auto session = CheckedSession::start(trial);
  session->readGreeting();
  const auto identity = readIdentity(session->directory());
  if (!identity) fail(identity.error().message);
  expectEqual("the pid", identity->pid, session->pid());
  expectEqual("the session", identity->session_id, session->id());
  expect(isAlive(*identity), "start time or boot id are not the executor's");
}

void identityIsWrittenAtOnce(Trial& trial) {
  auto session = CheckedSession::start(trial);
  const fs::path file = session->directory() / "identity.json";
  trial.waitUntil([&] { return fs::exists(file); }, 10s);
  const auto identity = readIdentity(session->directory());
  expect(identity.has_value(), "identity.json was seen half written: " + inQuotes(readFile(file)));
}

void greetingNamesThePid(Trial& trial) {
  auto session = CheckedSession::start(trial);
  const Greeting greeting = session->readGreeting();
  expectEqual("the refusal", greeting.refusal, "");
  expectEqual("the pid", greeting.pid, session->pid());
}

void socketListensWhenGreeted(Trial& trial) {
  auto session = CheckedSession::start(trial);
  session->readGreeting();
  expect(fs::is_socket(session->directory() / "executor.sock"), "greeted, but no executor.sock");
  const auto began = std::chrono::steady_clock::now();
  session->prove();
  expectAtMost("the milliseconds until the handshake was over", millisSince(began),
               trial.scaled(5s).count());
}

void socketIsPrivate(Trial& trial) {
  auto session = CheckedSession::start(trial);
  session->readGreeting();
  const auto mode = fs::status(session->directory() / "executor.sock").permissions();
  expect(mode == (fs::perms::owner_read | fs::perms::owner_write),
         "executor.sock is not only its user's: mode is not 0600");
}

void greetingUsesAKnownVersion(Trial& trial) {
  auto session = CheckedSession::start(trial);
  expectEqual("the version", session->readGreeting().protocol_version, kProtocolVersion);
}

void aNewerDaemonIsGreetedWithTheExecutorsOwnVersion(Trial& trial) {
  constexpr std::uint32_t kFuture = 7;
  auto session = CheckedSession::start(trial, {.protocol_version = kFuture});
  const Greeting greeting = session->readGreeting();
  expectEqual("the refusal", greeting.refusal, "");
  expectAtLeast("the version", greeting.protocol_version, 1);
  expectAtMost("the version", greeting.protocol_version,
               trial.subject().description.protocol_version);
  session->connect();
  session->expectCompleted("");
}

void aDaemonWithoutAVersionIsRefused(Trial& trial) {
  auto session = CheckedSession::start(trial, {.protocol_version = 0});
  expect(!session->readGreeting().refusal.empty(), "version 0 was accepted");
}

void aRefusalIsTheEnd(Trial& trial) {
  auto session = CheckedSession::start(trial, {.protocol_version = 0});
  session->readGreeting();
  session->waitExit();
  session->expectNothingIsLeft();
}

void withoutABootstrapItExits(Trial& trial) {
  Stranger stranger(trial, "");
  trial.pause(100ms);
  stranger.hangUp();
  stranger.expectExit("a daemon that died before its bootstrap message");
  expect(fs::is_empty(trial.directory()), "it wrote files for no session");
}

void halfABootstrapIsNone(Trial& trial) {
  const std::string message = encodeBootstrap(anyBootstrap(trial));
  Stranger stranger(trial, message.substr(0, message.size() / 2));
  trial.pause(100ms);
  stranger.hangUp();
  stranger.expectExit("half a bootstrap message");
  expect(!fs::exists(trial.directory() / "identity.json"), "it began half a session");
}

void garbageIsNoBootstrap(Trial& trial) {
  // One segment of two words, full of pointers to nowhere.
  std::string garbage("\0\0\0\0\2\0\0\0", 8);
  garbage += std::string(16, '\xff');
  Stranger stranger(trial, garbage);
  trial.pause(200ms);
  const std::string said = stranger.said();
  if (!said.empty()) {
    const auto greeting = decodeGreeting(said);
    expect(greeting.has_value() && !greeting->refusal.empty(), "garbage was greeted");
  }
  stranger.hangUp();
  stranger.expectExit("a bootstrap message of garbage");
}

void aDirectoryMayBeLongerThanASocketAddress(Trial& trial) {
  CheckedSession session(trial, {.directory_suffix = std::string(150, 'x')});
  session.expectCompleted("");
}

void codeDoesNotInheritDescriptorThree(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const std::string lifeline = descriptorOf(session.pid(), kLifelineFd);
  expect(lifeline.starts_with("socket:"), "the executor has closed descriptor 3");
  const auto workers = session.workers();
  if (workers.empty()) skip("no process of its own runs this executor's code");
  for (const pid_t worker : workers) {
    const auto open = descriptorsOf(worker);
    expect(std::find(open.begin(), open.end(), lifeline) == open.end(),
           "descriptor 3 is open in " + inQuotes(commandLineOf(worker)));
  }
}

}  // namespace

Group bootstrapCases() {
  return {"bootstrap",
          {
              {"identity-is-there-before-the-greeting", identityIsThereBeforeTheGreeting},
              {"identity-names-the-executor", identityNamesTheExecutor},
              {"identity-is-written-at-once", identityIsWrittenAtOnce},
              {"greeting-names-the-pid", greetingNamesThePid},
              {"socket-listens-when-greeted", socketListensWhenGreeted},
              {"socket-is-private", socketIsPrivate},
              {"greeting-uses-a-known-version", greetingUsesAKnownVersion},
              {"a-newer-daemon-is-greeted-with-the-executors-own-version",
               aNewerDaemonIsGreetedWithTheExecutorsOwnVersion},
              {"a-daemon-without-a-version-is-refused", aDaemonWithoutAVersionIsRefused},
              {"a-refusal-is-the-end", aRefusalIsTheEnd},
              {"without-a-bootstrap-it-exits", withoutABootstrapItExits},
              {"half-a-bootstrap-is-none", halfABootstrapIsNone},
              {"garbage-is-no-bootstrap", garbageIsNoBootstrap},
              {"a-directory-may-be-longer-than-a-socket-address",
               aDirectoryMayBeLongerThanASocketAddress},
              {"code-does-not-inherit-descriptor-three", codeDoesNotInheritDescriptorThree},
          }};
}

}  // namespace glaux::plugins::check
