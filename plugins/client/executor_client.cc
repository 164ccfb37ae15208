#include "plugins/client/executor_client.h"

#include <capnp/rpc-twoparty.h>
#include <fcntl.h>
#include <kj/async-io.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <utility>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/executor.capnp.h"
#include "plugins/protocol/failure.h"
#include "plugins/protocol/proof.h"
#include "plugins/protocol/report_codec.h"

namespace glaux::plugins {
namespace {

constexpr kj::Duration kConnectTimeout = 10 * kj::SECONDS;
constexpr kj::Duration kConnectInterval = 20 * kj::MILLISECONDS;

kj::ArrayPtr<const kj::byte> toData(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

std::string toString(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

// A session directory's path may be longer than a unix socket address, so the address goes through
// the directory's descriptor.
sockaddr_un socketAddress(int directory_fd) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/executor.sock",
                directory_fd);
  return address;
}

kj::Promise<kj::Own<kj::AsyncIoStream>> connect(kj::LowLevelAsyncIoProvider& io,
                                                const std::filesystem::path& session_directory) {
  int directory_fd = 0;
  KJ_SYSCALL(directory_fd = ::open(session_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
             session_directory.c_str());
  kj::AutoCloseFd directory(directory_fd);
  int fd = 0;
  KJ_SYSCALL(fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = socketAddress(directory);
  return io
      .wrapConnectingSocketFd(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address),
                              kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                                  kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                                  kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK)
      .attach(kj::mv(directory));
}

void requireKnownVersion(std::uint32_t version) {
  if (version <= kProtocolVersion) return;
  kj::throwFatalException(failure("the executor speaks version " + std::to_string(version) +
                                  " of the protocol; this glauxd knows " +
                                  std::to_string(kProtocolVersion)));
}

}  // namespace

// The connection: refused, being made, made or ended. Its tasks end with it.
class ExecutorClient::Connection final : private kj::TaskSet::ErrorHandler {
 public:
  Connection(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, Target target, Listener& listener)
      : io_(io), timer_(timer), target_(std::move(target)), listener_(&listener) {
    if (target_.lifeline_fd >= 0) {
      lifeline_ =
          io_.wrapSocketFd(target_.lifeline_fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);
    }
    auto made = kj::evalLater([this] { return greeted(); })
                    .then([this] { return reach(); })
                    .then([this](kj::Own<kj::AsyncIoStream> stream) {
                      return authenticate(kj::mv(stream));
                    })
                    .then([this] { return introduce(); });
    tasks_.add(timer.timeoutAfter(kConnectTimeout, kj::mv(made)).then([this] { return watch(); }));
  }

  // No listener call from now on.
  void silence() { listener_ = nullptr; }

  bool isCallingListener() const { return calling_listener_; }

  // Sends when connected, in the order of the calls.
  void send(std::function<kj::Promise<void>(protocol::Executor::Client&)> verb) {
    if (ended_) return;
    KJ_IF_MAYBE (executor, executor_) {
      if (connected_) {
        tasks_.add(verb(*executor));
        return;
      }
    }
    queue_.push_back(std::move(verb));
  }

 private:
  class Sink;

  // An executor that was just started may not listen yet when another daemon looks for it.
  kj::Promise<kj::Own<kj::AsyncIoStream>> reach() {
    return kj::evalNow([this] { return connect(io_, target_.session_directory); })
        .catch_([this](kj::Exception&& exception) -> kj::Promise<kj::Own<kj::AsyncIoStream>> {
          if (lifeline_.get() != nullptr) return kj::mv(exception);
          return timer_.afterDelay(kConnectInterval).then([this] { return reach(); });
        });
  }

  kj::Promise<void> greeted() {
    if (target_.lifeline_fd < 0) return kj::READY_NOW;
    return readGreeting().then([](Greeting greeting) -> kj::Promise<void> {
      if (!greeting.refusal.empty()) {
        return failure("the executor refused the session: " + greeting.refusal);
      }
      requireKnownVersion(greeting.protocol_version);
      return kj::READY_NOW;
    });
  }

  kj::Promise<Greeting> readGreeting() {
    return lifeline_->tryRead(buffer_, 1, sizeof(buffer_))
        .then([this](std::size_t size) -> kj::Promise<Greeting> {
          if (size == 0) return failure("the executor exited before it listened");
          greeting_.append(buffer_, size);
          const std::size_t whole = framedMessageSize(greeting_);
          if (whole == 0 || greeting_.size() < whole) return readGreeting();
          const auto greeting = decodeGreeting(greeting_);
          if (!greeting) return failure(greeting.error().message);
          return *greeting;
        });
  }

  kj::Promise<void> authenticate(kj::Own<kj::AsyncIoStream> stream) {
    rpc_ = kj::heap<Rpc>(kj::mv(stream));
    auto handshake = rpc_->client.bootstrap().castAs<protocol::Handshake>();
    nonces_.caller = randomBytes(kNonceSize);
    auto challenge = handshake.challengeRequest();
    challenge.setCallerNonce(toData(nonces_.caller));
    return challenge.send().then([this, handshake](auto&& response) mutable {
      nonces_.executor = toString(response.getExecutorNonce());
      if (!equalSecrets(toString(response.getProof()), proof(Role::kExecutor))) {
        kj::throwFatalException(
            failure("whoever listens on the executor's socket does not know the session's key"));
      }
      const std::string own_proof = proof(Role::kDaemon);
      auto request = handshake.authenticateRequest();
      request.setProof(toData(own_proof));
      return request.send().then([this](auto&& granted) { executor_ = granted.getExecutor(); });
    });
  }

  std::string proof(Role role) const {
    return proofOfKey(role, target_.key, nonces_, target_.session_id);
  }

  kj::Promise<void> introduce() {
    auto description = executor().describeRequest().send();
    auto status = executor().probeRequest().send();
    return description.then([this, status = kj::mv(status)](auto&& described) mutable {
      auto from = described.getDescription();
      requireKnownVersion(from.getProtocolVersion());
      introduction_.protocol_version = from.getProtocolVersion();
      introduction_.name = from.getName();
      introduction_.version = from.getVersion();
      introduction_.can_interrupt = from.getCanInterrupt();
      return status.then([this](auto&& probed) {
        introduction_.pid = probed.getStatus().getPid();
        introduction_.calculation_id = probed.getStatus().getCalculationId();
      });
    });
  }

  // Defined behind Sink.
  kj::Promise<void> watch();

  void deliver(capnp::List<protocol::Report>::Reader from) {
    std::vector<Report> reports;
    for (auto report : from) {
      // Delivered again by a watch that replaced another.
      if (report.getNumber() < target_.next_report) continue;
      reports.push_back(readReport(report));
    }
    if (reports.empty()) return;
    target_.next_report = reports.back().number + 1;
    callListener([&](Listener& listener) { listener.onReports(std::move(reports)); });
  }

  template <typename Call>
  void callListener(Call call) {
    if (listener_ == nullptr) return;
    calling_listener_ = true;
    call(*listener_);
    calling_listener_ = false;
  }

  void end(const std::string& reason) {
    if (std::exchange(ended_, true)) return;
    queue_.clear();
    callListener([&](Listener& listener) { listener.onDisconnected(reason); });
  }

  void taskFailed(kj::Exception&& exception) override { end(exception.getDescription().cStr()); }

  protocol::Executor::Client& executor() { return KJ_ASSERT_NONNULL(executor_); }

  // The stream and the RPC system on it.
  struct Rpc {
    explicit Rpc(kj::Own<kj::AsyncIoStream> the_stream)
        : stream(kj::mv(the_stream)), client(*stream) {}

    kj::Own<kj::AsyncIoStream> stream;
    capnp::TwoPartyClient client;
  };

  kj::LowLevelAsyncIoProvider& io_;
  kj::Timer& timer_;
  Target target_;
  Listener* listener_;
  bool calling_listener_ = false;
  bool connected_ = false;
  bool ended_ = false;

  kj::Own<kj::AsyncIoStream> lifeline_;
  std::string greeting_;
  char buffer_[1024];
  Nonces nonces_;
  Connected introduction_;
  std::vector<std::function<kj::Promise<void>(protocol::Executor::Client&)>> queue_;

  kj::Own<Rpc> rpc_;
  kj::Maybe<protocol::Executor::Client> executor_;
  kj::TaskSet tasks_{*this};
};

// Owned by the RPC system, hence gone before the connection is.
class ExecutorClient::Connection::Sink final : public protocol::ReportSink::Server {
 public:
  explicit Sink(Connection& connection) : connection_(connection) {}

  kj::Promise<void> deliver(DeliverContext context) override {
    connection_.deliver(context.getParams().getReports());
    return kj::READY_NOW;
  }

 private:
  Connection& connection_;
};

kj::Promise<void> ExecutorClient::Connection::watch() {
  connected_ = true;
  for (auto& verb : std::exchange(queue_, {})) send(std::move(verb));
  auto request = executor().watchRequest();
  request.setFrom(target_.next_report);
  request.setSink(kj::heap<Sink>(*this));
  tasks_.add(request.send().ignoreResult());
  callListener([this](Listener& listener) { listener.onConnected(introduction_); });
  return rpc_->client.onDisconnect().then([this] { end("the executor closed the connection"); });
}

ExecutorClient::ExecutorClient(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, Target target,
                               Listener& listener)
    : connection_(std::make_unique<Connection>(io, timer, std::move(target), listener)) {}

ExecutorClient::~ExecutorClient() {
  connection_->silence();
  // A listener that destroys the client does so from within one of the connection's own tasks,
  // which must return before it can be destroyed.
  if (!connection_->isCallingListener()) return;
  kj::evalLater([connection = std::move(connection_)]() {}).detach([](kj::Exception&&) {});
}

void ExecutorClient::run(const RunRequest& request) {
  connection_->send([request](protocol::Executor::Client& executor) {
    auto call = executor.runRequest();
    call.setCalculationId(request.calculation_id);
    call.setCode(request.code);
    auto output = call.initOutput();
    output.setStdout(request.stdout_path.c_str());
    output.setStderr(request.stderr_path.c_str());
    output.setResult(request.result_path.c_str());
    return call.send().ignoreResult();
  });
}

void ExecutorClient::interrupt(const std::string& calculation_id) {
  connection_->send([calculation_id](protocol::Executor::Client& executor) {
    auto call = executor.interruptRequest();
    call.setCalculationId(calculation_id);
    return call.send().ignoreResult();
  });
}

void ExecutorClient::kill(const std::string& calculation_id) {
  connection_->send([calculation_id](protocol::Executor::Client& executor) {
    auto call = executor.killRequest();
    call.setCalculationId(calculation_id);
    return call.send().ignoreResult();
  });
}

void ExecutorClient::terminate(std::uint32_t grace_ms) {
  connection_->send([grace_ms](protocol::Executor::Client& executor) {
    auto call = executor.terminateRequest();
    call.setGraceMs(grace_ms);
    return call.send().ignoreResult();
  });
}

void ExecutorClient::acknowledge(std::uint64_t through) {
  connection_->send([through](protocol::Executor::Client& executor) {
    auto call = executor.acknowledgeRequest();
    call.setThrough(through);
    return call.send().ignoreResult();
  });
}

}  // namespace glaux::plugins
