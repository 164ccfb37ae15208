#include "plugins/check/connection.h"

#include <capnp/rpc-twoparty.h>
#include <fcntl.h>
#include <kj/async-io.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "plugins/check/expect.h"
#include "plugins/protocol/executor.capnp.h"
#include "plugins/protocol/proof.h"
#include "plugins/protocol/report_codec.h"

namespace glaux::plugins::check {
namespace {

constexpr kj::Duration kCallTimeout = 10 * kj::SECONDS;
constexpr std::chrono::seconds kConnectTimeout{10};

kj::ArrayPtr<const kj::byte> toData(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

std::string toString(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

// -1 while nobody listens. The path may be longer than an address holds, hence the descriptor.
int connectTo(const std::filesystem::path& session_directory) {
  const int directory = ::open(session_directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/executor.sock",
                directory);
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(fd);
    fd = -1;
  }
  ::close(directory);
  return fd;
}

Status::Phase fromProtocol(protocol::Status::Phase phase) {
  switch (phase) {
    case protocol::Status::Phase::STARTING:
      return Status::Phase::kStarting;
    case protocol::Status::Phase::READY:
      return Status::Phase::kReady;
    case protocol::Status::Phase::ENDING:
      return Status::Phase::kEnding;
    case protocol::Status::Phase::ENDED:
      return Status::Phase::kEnded;
  }
  return Status::Phase::kUnknown;
}

class Sink final : public protocol::ReportSink::Server {
 public:
  Sink(kj::Timer& timer, kj::Duration pause, std::shared_ptr<Delivery> delivery,
       std::function<void(const std::vector<Report>&)> on_reports)
      : timer_(timer),
        pause_(pause),
        delivery_(std::move(delivery)),
        on_reports_(std::move(on_reports)) {}

  kj::Promise<void> deliver(DeliverContext context) override {
    std::vector<Report> batch;
    for (auto report : context.getParams().getReports()) batch.push_back(readReport(report));
    delivery_->batch_sizes.push_back(batch.size());
    delivery_->reports.insert(delivery_->reports.end(), batch.begin(), batch.end());
    if (on_reports_) on_reports_(batch);
    if (pause_ == 0 * kj::SECONDS) return kj::READY_NOW;
    return timer_.afterDelay(pause_);
  }

 private:
  kj::Timer& timer_;
  kj::Duration pause_;
  std::shared_ptr<Delivery> delivery_;
  std::function<void(const std::vector<Report>&)> on_reports_;
};

}  // namespace

struct Connection::Impl final : kj::TaskSet::ErrorHandler {
  Impl(Loop& the_loop, int fd)
      : loop(the_loop),
        timer(loop.io().provider->getTimer()),
        stream(loop.io().lowLevelProvider->wrapSocketFd(
            fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
                    kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC)),
        client(*stream),
        handshake(client.bootstrap().castAs<protocol::Handshake>()) {
    tasks.add(client.onDisconnect().then([this] { is_open = false; }));
  }

  void taskFailed(kj::Exception&&) override {}

  // The answer, or what was wrong.
  template <typename T>
  tl::expected<T, Error> tryCall(kj::Promise<T> answer) {
    try {
      if constexpr (std::is_void_v<T>) {
        timer.timeoutAfter(kCallTimeout, kj::mv(answer)).wait(loop.io().waitScope);
        return {};
      } else {
        return timer.timeoutAfter(kCallTimeout, kj::mv(answer)).wait(loop.io().waitScope);
      }
    } catch (const kj::Exception& exception) {
      return tl::make_unexpected(Error{exception.getDescription().cStr()});
    }
  }

  template <typename T>
  T call(const char* verb, kj::Promise<T> answer) {
    auto answered = tryCall(kj::mv(answer));
    if (!answered) fail(std::string(verb) + " was answered by: " + answered.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*answered);
  }

  protocol::Executor::Client& authenticated() {
    KJ_IF_MAYBE (granted, executor) return *granted;
    fail("no executor was granted");
  }

  Loop& loop;
  kj::Timer& timer;
  bool is_open = true;
  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyClient client;
  protocol::Handshake::Client handshake;
  kj::Maybe<protocol::Executor::Client> executor;
  kj::TaskSet tasks{*this};
};

Connection::Connection(Loop& loop, const std::filesystem::path& session_directory) {
  int fd = -1;
  const bool connected =
      loop.waitUntil([&] { return (fd = connectTo(session_directory)) >= 0; }, kConnectTimeout);
  if (!connected) fail("nobody listens on " + (session_directory / "executor.sock").string());
  impl_ = std::make_unique<Impl>(loop, fd);
}

Connection::~Connection() = default;

bool Connection::isOpen() const { return impl_->is_open; }

tl::expected<Connection::Challenge, Error> Connection::challenge(const std::string& caller_nonce) {
  auto request = impl_->handshake.challengeRequest();
  request.setCallerNonce(toData(caller_nonce));
  return impl_->tryCall<Challenge>(request.send().then([](auto&& response) {
    return Challenge{toString(response.getExecutorNonce()), toString(response.getProof())};
  }));
}

tl::expected<void, Error> Connection::authenticate(const std::string& proof) {
  auto request = impl_->handshake.authenticateRequest();
  request.setProof(toData(proof));
  return impl_->tryCall<void>(
      request.send().then([this](auto&& response) { impl_->executor = response.getExecutor(); }));
}

tl::expected<void, Error> Connection::prove(const std::string& key, const std::string& session_id) {
  Nonces nonces{randomBytes(kNonceSize), ""};
  const auto challenged = challenge(nonces.caller);
  if (!challenged) return tl::make_unexpected(challenged.error());
  nonces.executor = challenged->executor_nonce;
  if (challenged->proof != proofOfKey(Role::kExecutor, key, nonces, session_id)) {
    return tl::make_unexpected(Error{"the executor's proof is wrong"});
  }
  return authenticate(proofOfKey(Role::kDaemon, key, nonces, session_id));
}

PluginDescription Connection::describe() {
  auto answer = impl_->authenticated().describeRequest().send().then([](auto&& response) {
    auto from = response.getDescription();
    PluginDescription description;
    description.name = from.getName();
    description.version = from.getVersion();
    description.protocol_version = from.getProtocolVersion();
    description.can_interrupt = from.getCanInterrupt();
    description.can_resume = from.getCanResume();
    for (auto kernel : from.getKernels()) description.kernels.emplace_back(kernel.cStr());
    return description;
  });
  return impl_->call<PluginDescription>("describe", kj::mv(answer));
}

Status Connection::probe() {
  auto answer = impl_->authenticated().probeRequest().send().then([](auto&& response) {
    auto from = response.getStatus();
    return Status{fromProtocol(from.getPhase()), from.getCalculationId(), from.getLastReport(),
                  from.getAcknowledgedThrough(), from.getPid()};
  });
  return impl_->call<Status>("probe", kj::mv(answer));
}

void Connection::run(const RunRequest& request) {
  auto call = impl_->authenticated().runRequest();
  call.setCalculationId(request.calculation_id);
  call.setCode(request.code);
  auto output = call.initOutput();
  output.setStdout(request.stdout_path.c_str());
  output.setStderr(request.stderr_path.c_str());
  output.setResult(request.result_path.c_str());
  impl_->call<void>("run", call.send().ignoreResult());
}

void Connection::interrupt(const std::string& calculation_id) {
  auto call = impl_->authenticated().interruptRequest();
  call.setCalculationId(calculation_id);
  impl_->call<void>("interrupt", call.send().ignoreResult());
}

void Connection::kill(const std::string& calculation_id) {
  auto call = impl_->authenticated().killRequest();
  call.setCalculationId(calculation_id);
  impl_->call<void>("kill", call.send().ignoreResult());
}

void Connection::terminate(std::uint32_t grace_ms) {
  auto call = impl_->authenticated().terminateRequest();
  call.setGraceMs(grace_ms);
  impl_->call<void>("terminate", call.send().ignoreResult());
}

void Connection::acknowledge(std::uint64_t through) {
  auto call = impl_->authenticated().acknowledgeRequest();
  call.setThrough(through);
  impl_->call<void>("acknowledge", call.send().ignoreResult());
}

void Connection::acknowledgeLater(std::uint64_t through) {
  auto call = impl_->authenticated().acknowledgeRequest();
  call.setThrough(through);
  impl_->tasks.add(call.send().ignoreResult());
}

std::shared_ptr<const Delivery> Connection::watch(
    std::uint64_t from, std::chrono::milliseconds pause,
    std::function<void(const std::vector<Report>&)> on_reports) {
  auto delivery = std::make_shared<Delivery>();
  auto call = impl_->authenticated().watchRequest();
  call.setFrom(from);
  call.setSink(kj::heap<Sink>(impl_->timer, pause.count() * kj::MILLISECONDS, delivery,
                              std::move(on_reports)));
  impl_->call<void>("watch", call.send().ignoreResult());
  return delivery;
}

}  // namespace glaux::plugins::check
