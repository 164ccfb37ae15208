#include "tests/check/executor_server.h"

#include <capnp/rpc.h>
#include <kj/debug.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <utility>

#include "plugins/protocol/proof.h"
#include "plugins/protocol/report_codec.h"
#include "tests/check/fault.h"

namespace glaux::plugins::check {
namespace {

constexpr kj::Duration kGrace = 5 * kj::SECONDS;

std::string toString(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

kj::ArrayPtr<const kj::byte> toData(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

}  // namespace

class ExecutorServer::Verbs final : public protocol::Executor::Server {
 public:
  explicit Verbs(ExecutorServer& server) : server_(server) {}

  kj::Promise<void> describe(DescribeContext context) override {
    auto to = context.getResults().initDescription();
    to.setName(fault());
    to.setVersion(has("has-two-versions") ? "0.0.0" : GLAUX_VERSION);
    to.setProtocolVersion(has("accepts-the-future") ? server_.bootstrap_.protocol_version
                                                    : kProtocolVersion);
    to.setCanInterrupt(true);
    return kj::READY_NOW;
  }

  kj::Promise<void> probe(ProbeContext context) override {
    if (has("answers-probes-with-reports") && ++server_.probes_ > 1)
      server_.reports_.append(Progress{server_.session_.calculationId(), "probed"});
    auto to = context.getResults().initStatus();
    to.setPhase(static_cast<protocol::Status::Phase>(server_.session_.phase()));
    to.setCalculationId(server_.session_.calculationId());
    to.setLastReport(server_.reports_.last());
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
    server_.session_.terminate(context.getParams().getGraceMs() * kj::MILLISECONDS);
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
  ExecutorServer& server_;
};

class ExecutorServer::Door final : public protocol::Handshake::Server {
 public:
  Door(ExecutorServer& server, Connection& connection) : server_(server), connection_(connection) {}

  kj::Promise<void> challenge(ChallengeContext context) override {
    nonces_.caller = toString(context.getParams().getCallerNonce());
    KJ_REQUIRE(nonces_.caller.size() == kNonceSize, "a nonce has 32 bytes");
    nonces_.executor =
        has("repeats-its-nonce") ? std::string(kNonceSize, 'n') : randomBytes(kNonceSize);
    context.getResults().setExecutorNonce(toData(nonces_.executor));
    context.getResults().setProof(toData(proof(Role::kExecutor)));
    return kj::READY_NOW;
  }

  kj::Promise<void> authenticate(AuthenticateContext context) override {
    const std::string given = toString(context.getParams().getProof());
    const bool is_right = !nonces_.executor.empty() && given == proof(Role::kDaemon);
    if (!has("lets-a-proof-be-used-again")) nonces_ = {};
    KJ_REQUIRE(is_right || has("accepts-any-proof"), "the proof is wrong");
    server_.adopt(connection_);
    context.getResults().setExecutor(kj::heap<Verbs>(server_));
    return kj::READY_NOW;
  }

 private:
  std::string proof(Role role) const {
    return proofOfKey(role, server_.bootstrap_.key, nonces_, server_.bootstrap_.session_id);
  }

  ExecutorServer& server_;
  Connection& connection_;
  Nonces nonces_;
};

struct ExecutorServer::Connection {
  Connection(ExecutorServer& server, kj::Own<kj::AsyncIoStream> the_stream)
      : stream(kj::mv(the_stream)),
        network(*stream, capnp::rpc::twoparty::Side::SERVER),
        rpc(capnp::makeRpcServer(network, kj::heap<Door>(server, *this))) {}

  void cut() {
    KJ_IF_MAYBE (fd, stream->getFd()) ::shutdown(*fd, SHUT_RDWR);
  }

  kj::Own<kj::AsyncIoStream> stream;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> rpc;
};

ExecutorServer::ExecutorServer(kj::AsyncIoContext& io, const Bootstrap& bootstrap,
                               ScriptSession& session, ReportBook& reports)
    : io_(io),
      timer_(io.provider->getTimer()),
      bootstrap_(bootstrap),
      session_(session),
      reports_(reports) {
  reports_.on_change = [this] { tasks_.add(kj::evalLast([this] { deliver(); })); };
  if (has("writes-the-key-down")) std::ofstream("debug.log") << "key: " << bootstrap.key;
}

ExecutorServer::~ExecutorServer() {
  reports_.on_change = [] {};
}

void ExecutorServer::listen() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "executor.sock");
  int fd = 0;
  KJ_SYSCALL(fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  KJ_SYSCALL(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  KJ_SYSCALL(::chmod(address.sun_path, has("listens-to-everybody") ? 0666 : 0600));
  KJ_SYSCALL(::listen(fd, SOMAXCONN));
  receiver_ = io_.lowLevelProvider->wrapListenSocketFd(
      fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP |
              kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
              kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  acceptNext();
}

void ExecutorServer::acceptNext() {
  tasks_.add(receiver_->accept().then([this](kj::Own<kj::AsyncIoStream>&& stream) {
    connections_.push_back(kj::heap<Connection>(*this, kj::mv(stream)));
    Connection& connection = *connections_.back();
    tasks_.add(
        connection.network.onDisconnect().then([this, &connection] { disconnected(connection); }));
    acceptNext();
  }));
}

void ExecutorServer::adopt(Connection& connection) {
  was_found_ = true;
  ++adoptions_;
  if (current_ != nullptr && current_ != &connection && !has("keeps-the-earlier-daemon"))
    current_->cut();
  current_ = &connection;
  watches_.clear();
}

void ExecutorServer::disconnected(Connection& connection) {
  if (current_ == &connection) {
    current_ = nullptr;
    watches_.clear();
    startLease();
  }
  connections_.remove_if([&](const auto& candidate) { return candidate.get() == &connection; });
}

void ExecutorServer::daemonDied() {
  if (bootstrap_.lease_seconds == 0) return session_.terminate(kGrace);
  if (!was_found_) startLease();
}

void ExecutorServer::startLease() {
  if (has("ignores-the-lease")) return;
  tasks_.add(timer_.afterDelay(bootstrap_.lease_seconds * kj::SECONDS)
                 .then([this, adoptions = adoptions_] {
                   if (adoptions == adoptions_) session_.terminate(kGrace);
                 }));
}

void ExecutorServer::watch(std::uint64_t from, protocol::ReportSink::Client sink) {
  if (!has("keeps-the-earlier-watch")) watches_.clear();
  watches_.push_back({kj::mv(sink), from});
  deliver();
}

void ExecutorServer::deliver() {
  for (Watch& watch : watches_) {
    if (watch.is_delivering) continue;
    std::vector<Report> batch = reports_.from(watch.next);
    if (batch.empty()) continue;
    if (has("sends-one-at-a-time")) batch.resize(1);
    watch.next = batch.back().number + 1;
    watch.is_delivering = !has("does-not-wait-for-its-reader");
    auto request = watch.sink.deliverRequest();
    auto to = request.initReports(static_cast<unsigned>(batch.size()));
    for (unsigned i = 0; i < to.size(); ++i) writeReport(batch[i], to[i]);
    tasks_.add(request.send().then([this, &watch, adoptions = adoptions_](auto&&) {
      if (adoptions != adoptions_) return;
      for (Watch& each : watches_) {
        if (&each == &watch) each.is_delivering = false;
      }
      deliver();
    }));
  }
}

void ExecutorServer::taskFailed(kj::Exception&&) {}

}  // namespace glaux::plugins::check
