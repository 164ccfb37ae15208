#include "plugins/sdk/server.h"

#include <capnp/rpc.h>
#include <kj/debug.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "plugins/protocol/proof.h"
#include "plugins/protocol/report_codec.h"

namespace glaux::plugins {
namespace {

constexpr const char* kSocketName = "executor.sock";
constexpr std::size_t kMaxBatch = 1000;
constexpr kj::Duration kLeaseGrace = 5 * kj::SECONDS;
constexpr const char* kLeaseReason =
    "The executor ended the session because its connection to glauxd was lost.";

std::string toString(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

kj::ArrayPtr<const kj::byte> toData(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

bool isOfOurUser(kj::AsyncIoStream& stream) {
  ucred peer{};
  unsigned int size = sizeof(peer);
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return peer.uid == ::geteuid();
}

protocol::Status::Phase toProtocol(Session::Phase phase) {
  switch (phase) {
    case Session::Phase::kStarting:
      return protocol::Status::Phase::STARTING;
    case Session::Phase::kReady:
      return protocol::Status::Phase::READY;
    case Session::Phase::kEnding:
      return protocol::Status::Phase::ENDING;
    case Session::Phase::kEnded:
      return protocol::Status::Phase::ENDED;
  }
  KJ_UNREACHABLE;
}

}  // namespace

// The verbs: translation, nothing else.
class Server::ExecutorServer final : public protocol::Executor::Server {
 public:
  explicit ExecutorServer(glaux::plugins::Server& server) : server_(server) {}

  kj::Promise<void> describe(DescribeContext context) override {
    auto to = context.getResults().initDescription();
    to.setName(server_.description_.name);
    to.setVersion(GLAUX_VERSION);
    to.setProtocolVersion(commonVersion(server_.bootstrap_.protocol_version));
    to.setCanInterrupt(server_.description_.can_interrupt);
    to.setCanResume(server_.description_.can_resume);
    auto kernels = to.initKernels(server_.description_.kernels.size());
    for (unsigned int i = 0; i < kernels.size(); ++i) {
      kernels.set(i, server_.description_.kernels[i]);
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> probe(ProbeContext context) override {
    auto to = context.getResults().initStatus();
    to.setPhase(toProtocol(server_.session_.phase()));
    to.setCalculationId(server_.session_.calculationId());
    to.setLastReport(server_.reports_.lastNumber());
    to.setAcknowledgedThrough(server_.reports_.acknowledgedThrough());
    to.setPid(static_cast<std::uint32_t>(::getpid()));
    return kj::READY_NOW;
  }

  kj::Promise<void> run(RunContext context) override {
    auto params = context.getParams();
    auto output = params.getOutput();
    server_.session_.run(
        params.getCalculationId(), params.getCode(),
        {output.getStdout().cStr(), output.getStderr().cStr(), output.getResult().cStr()});
    return kj::READY_NOW;
  }

  kj::Promise<void> interrupt(InterruptContext context) override {
    server_.session_.interrupt(context.getParams().getCalculationId());
    return kj::READY_NOW;
  }

  kj::Promise<void> kill(KillContext context) override {
    server_.session_.kill(context.getParams().getCalculationId());
    return kj::READY_NOW;
  }

  kj::Promise<void> terminate(TerminateContext context) override {
    server_.session_.terminate(context.getParams().getGraceMs() * kj::MILLISECONDS,
                               "The session was asked to end.");
    return kj::READY_NOW;
  }

  kj::Promise<void> watch(WatchContext context) override {
    auto params = context.getParams();
    server_.watch(params.getFrom(), params.getSink());
    return kj::READY_NOW;
  }

  kj::Promise<void> acknowledge(AcknowledgeContext context) override {
    server_.reports_.acknowledge(context.getParams().getThrough());
    return kj::READY_NOW;
  }

 private:
  glaux::plugins::Server& server_;
};

class Server::HandshakeServer final : public protocol::Handshake::Server {
 public:
  HandshakeServer(glaux::plugins::Server& server, Connection& connection)
      : server_(server), connection_(connection) {}

  kj::Promise<void> challenge(ChallengeContext context) override {
    nonces_.caller = toString(context.getParams().getCallerNonce());
    KJ_REQUIRE(nonces_.caller.size() == kNonceSize, "a nonce has 32 bytes");
    nonces_.executor = randomBytes(kNonceSize);
    auto results = context.getResults();
    results.setExecutorNonce(toData(nonces_.executor));
    results.setProof(toData(proof(Role::kExecutor)));
    return kj::READY_NOW;
  }

  kj::Promise<void> authenticate(AuthenticateContext context) override {
    const std::string expected = proof(Role::kDaemon);
    const Nonces spent = std::exchange(nonces_, Nonces{});
    KJ_REQUIRE(!spent.executor.empty(), "authenticate needs a challenge first");
    KJ_REQUIRE(equalSecrets(toString(context.getParams().getProof()), expected),
               "the proof is wrong");
    server_.adopt(connection_);
    context.getResults().setExecutor(kj::heap<ExecutorServer>(server_));
    return kj::READY_NOW;
  }

 private:
  std::string proof(Role role) const {
    return proofOfKey(role, server_.bootstrap_.key, nonces_, server_.bootstrap_.session_id);
  }

  glaux::plugins::Server& server_;
  Connection& connection_;
  Nonces nonces_;
};

struct Server::Connection {
  Connection(glaux::plugins::Server& server, kj::Own<kj::AsyncIoStream> the_stream)
      : stream(kj::mv(the_stream)),
        network(*stream, capnp::rpc::twoparty::Side::SERVER),
        rpc(capnp::makeRpcServer(network, kj::heap<HandshakeServer>(server, *this))) {}

  // Wakes `network.onDisconnect()`, and with it `disconnected`.
  void cut() {
    KJ_IF_MAYBE (fd, stream->getFd()) ::shutdown(*fd, SHUT_RDWR);
  }

  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> rpc;
};

Server::Server(kj::LowLevelAsyncIoProvider& io, kj::Timer& timer, const Bootstrap& bootstrap,
               const ExecutorDescription& description, Session& session, ReportLog& reports)
    : io_(io),
      timer_(timer),
      bootstrap_(bootstrap),
      description_(description),
      session_(session),
      reports_(reports) {
  reports_.onChange([this] { reportsChanged(); });
}

Server::~Server() {
  reports_.onChange([] {});
}

void Server::listen() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, kSocketName);
  ::unlink(kSocketName);
  int fd = 0;
  KJ_SYSCALL(fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  kj::AutoCloseFd owned(fd);
  KJ_SYSCALL(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  KJ_SYSCALL(::chmod(kSocketName, 0600));
  KJ_SYSCALL(::listen(fd, SOMAXCONN));
  receiver_ =
      io_.wrapListenSocketFd(kj::mv(owned), kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                                                kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  acceptNext();
}

void Server::acceptNext() {
  tasks_.add(receiver_->accept().then([this](kj::Own<kj::AsyncIoStream>&& stream) {
    if (isOfOurUser(*stream)) serve(kj::mv(stream));
    acceptNext();
  }));
}

void Server::serve(kj::Own<kj::AsyncIoStream> stream) {
  connections_.push_back(kj::heap<Connection>(*this, kj::mv(stream)));
  Connection& connection = *connections_.back();
  tasks_.add(
      connection.network.onDisconnect().then([this, &connection] { disconnected(connection); }));
}

void Server::adopt(Connection& connection) {
  has_been_found_ = true;
  ++lease_;
  if (current_ != nullptr && current_ != &connection) current_->cut();
  current_ = &connection;
  sink_ = nullptr;
}

void Server::disconnected(Connection& connection) {
  if (current_ == &connection) {
    current_ = nullptr;
    sink_ = nullptr;
    startLease();
  }
  connections_.remove_if([&](const auto& candidate) { return candidate.get() == &connection; });
}

void Server::lifelineCut() {
  // Without a lease the session ends with its daemon, even if the next one was faster to find it
  // than we were to see the first one go.
  if (bootstrap_.lease_seconds == 0) return session_.terminate(kLeaseGrace, kLeaseReason);
  if (!has_been_found_) startLease();
}

void Server::startLease() {
  const kj::Duration lease = bootstrap_.lease_seconds * kj::SECONDS;
  tasks_.add(timer_.afterDelay(lease).then([this, lease_number = lease_] {
    if (lease_number == lease_) session_.terminate(kLeaseGrace, kLeaseReason);
  }));
}

void Server::watch(std::uint64_t from, protocol::ReportSink::Client sink) {
  sink_ = kj::mv(sink);
  next_report_ = from;
  delivering_ = false;
  deliverNext();
}

// Once everything else that is ready has run: what happens together travels together.
void Server::reportsChanged() {
  if (std::exchange(change_is_pending_, true)) return;
  tasks_.add(kj::evalLast([this] {
    change_is_pending_ = false;
    deliverNext();
    tellIfAllAcknowledged();
  }));
}

kj::Promise<void> Server::whenAllAcknowledged() {
  auto pair = kj::newPromiseAndFulfiller<void>();
  all_acknowledged_ = kj::mv(pair.fulfiller);
  tellIfAllAcknowledged();
  return kj::mv(pair.promise);
}

void Server::tellIfAllAcknowledged() {
  if (all_acknowledged_.get() == nullptr) return;
  if (reports_.acknowledgedThrough() == reports_.lastNumber()) all_acknowledged_->fulfill();
}

void Server::deliverNext() {
  if (delivering_) return;
  KJ_IF_MAYBE (sink, sink_) {
    const std::vector<Report> batch = reports_.read(next_report_, kMaxBatch);
    if (batch.empty()) return;
    delivering_ = true;
    next_report_ = batch.back().number + 1;
    auto request = sink->deliverRequest();
    auto to = request.initReports(batch.size());
    for (unsigned int i = 0; i < to.size(); ++i) writeReport(batch[i], to[i]);
    // A watch that replaces this one also takes over `delivering_`.
    tasks_.add(request.send().then(
        [this, next = next_report_](auto&&) {
          if (next != next_report_) return;
          delivering_ = false;
          deliverNext();
        },
        [](kj::Exception&&) { /* the connection is ending, which `disconnected` handles */ }));
  }
}

void Server::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, exception); }

}  // namespace glaux::plugins
