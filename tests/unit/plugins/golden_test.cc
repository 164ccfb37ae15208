#include <capnp/rpc-twoparty.h>
#include <gtest/gtest.h>
#include <kj/io.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "plugins/client/executor_client.h"
#include "plugins/protocol/executor.capnp.h"
#include "plugins/protocol/proof.h"
#include "plugins/protocol/report_codec.h"
#include "plugins/protocol/spool.h"
#include "tests/unit/plugins/executor_harness.h"

// What earlier builds said is understood as they meant it: golden/README.md.
namespace glaux::plugins {
namespace {

using What = decltype(Report::what);

constexpr const char* kCoordinator = "2220d0b6-522e-19d4-76dc-8c43e4785074";

std::string golden(const char* name) {
  std::ifstream in(std::string(GLAUX_GOLDEN) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The recorded reports, through the door a dead executor's take.
std::vector<Report> goldenReports() {
  const TemporaryDirectory directory;
  directory.write("spool", golden("reports.v1"));
  return readSpool(directory.path).value();
}

TEST(Golden, BootstrapOfVersion1IsUnderstood) {
  const Bootstrap bootstrap = decodeBootstrap(golden("bootstrap.v1")).value();
  EXPECT_EQ(bootstrap.protocol_version, 1u);
  EXPECT_EQ(bootstrap.coordinator_executor_id, kCoordinator);
  EXPECT_EQ(bootstrap.settings.at("kernel"), "python3");
  EXPECT_EQ(bootstrap.dpus, 1u);
  EXPECT_EQ(bootstrap.lease_seconds, 86'400u);
  EXPECT_EQ(bootstrap.min_free_mib, 64u);
  EXPECT_EQ(bootstrap.kernel_restarts, 0u) << "that daemon knew only sessions that end";
}

TEST(Golden, ReportsOfVersion1AreUnderstood) {
  const std::vector<Report> reports = goldenReports();
  std::vector<What> first;
  for (std::size_t i = 0; i < 4; ++i) first.push_back(reports.at(i).what);
  auto coordinator = [](ExecutorState state) {
    return What(ExecutorChanged{kCoordinator, ExecutorType::kCoordinator, state, 1});
  };
  EXPECT_EQ(first, (std::vector<What>{coordinator(ExecutorState::kCreating),
                                      coordinator(ExecutorState::kCreated),
                                      coordinator(ExecutorState::kRegistered),
                                      SessionReady{"ipython", "python", "3.11.2"}}));
  std::vector<Outcome> outcomes;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].number, i + 1);
    EXPECT_GT(reports[i].time_ms, 1'600'000'000'000);
    if (const auto* finished = std::get_if<CalculationFinished>(&reports[i].what)) {
      outcomes.push_back(finished->outcome);
      EXPECT_EQ(finished->usage.total_dpu_millis, total + finished->usage.calculation_dpu_millis);
      total = finished->usage.total_dpu_millis;
    }
  }
  EXPECT_EQ(outcomes,
            (std::vector<Outcome>{Outcome::kCompleted, Outcome::kFailed, Outcome::kCanceled}));
  EXPECT_EQ(reports.back().what,
            What(SessionEnded{Ending::kClean, "The session was asked to end."}));
}

// ---- an executor of another time: greets as it is told, then says what was recorded

class Verbs final : public protocol::Executor::Server {
 public:
  explicit Verbs(std::uint32_t version) : version_(version) {}

  kj::Promise<void> describe(DescribeContext context) override {
    context.getResults().initDescription().setProtocolVersion(version_);
    return kj::READY_NOW;
  }
  kj::Promise<void> probe(ProbeContext) override { return kj::READY_NOW; }
  kj::Promise<void> watch(WatchContext context) override {
    const std::vector<Report> recorded = goldenReports();
    const std::uint64_t from = context.getParams().getFrom();
    auto deliver = context.getParams().getSink().deliverRequest();
    auto to = deliver.initReports(static_cast<unsigned>(recorded.size() - from + 1));
    for (unsigned i = 0; i < to.size(); ++i) writeReport(recorded[from - 1 + i], to[i]);
    delivered_ = deliver.send().ignoreResult().eagerlyEvaluate(nullptr);
    return kj::READY_NOW;
  }

 private:
  const std::uint32_t version_;
  kj::Promise<void> delivered_ = nullptr;
};

class Door final : public protocol::Handshake::Server {
 public:
  Door(const ExecutorClient::Target& target, std::uint32_t version)
      : target_(target), version_(version) {}

  kj::Promise<void> challenge(ChallengeContext context) override {
    const auto nonce = context.getParams().getCallerNonce();
    const Nonces nonces{{reinterpret_cast<const char*>(nonce.begin()), nonce.size()},
                        std::string(kNonceSize, 'n')};
    const std::string proof = proofOfKey(Role::kExecutor, target_.key, nonces, target_.session_id);
    context.getResults().setExecutorNonce(data(nonces.executor));
    context.getResults().setProof(data(proof));
    return kj::READY_NOW;
  }
  kj::Promise<void> authenticate(AuthenticateContext context) override {
    context.getResults().setExecutor(kj::heap<Verbs>(version_));
    return kj::READY_NOW;
  }

 private:
  static kj::ArrayPtr<const kj::byte> data(const std::string& bytes) {
    return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
  }

  const ExecutorClient::Target& target_;
  const std::uint32_t version_;
};

class Meeting : public ExecutorClient::Listener {
 public:
  ~Meeting() noexcept override {}

  // As one that was just started, by its greeting, or as one of an earlier daemon's, without.
  void meet(std::uint32_t version, const std::string& greeting) {
    target.session_directory = directory.path;
    target.session_id = "s";
    target.key = std::string(kKeySize, 'k');
    auto address = io.provider->getNetwork()
                       .parseAddress("unix:" + (directory.path / "executor.sock").string())
                       .wait(io.waitScope);
    server = kj::heap<capnp::TwoPartyServer>(kj::heap<Door>(target, version));
    receiver = address->listen();
    listening = server->listen(*receiver).eagerlyEvaluate(nullptr);
    if (!greeting.empty()) {
      int ends[2];
      ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
      ASSERT_EQ(::write(ends[1], greeting.data(), greeting.size()),
                static_cast<ssize_t>(greeting.size()));
      executors_end = kj::AutoCloseFd(ends[1]);
      target.lifeline_fd = ends[0];
    }
    client = std::make_unique<ExecutorClient>(*io.lowLevelProvider, io.provider->getTimer(), target,
                                              *this);
    while (!disconnected && !isComplete())
      io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
  }

  bool isComplete() const {
    return !reports.empty() && std::holds_alternative<SessionEnded>(reports.back().what);
  }

  void onConnected(const ExecutorClient::Connected&) override { connected = true; }
  void onReports(std::vector<Report> batch) override {
    reports.insert(reports.end(), batch.begin(), batch.end());
  }
  void onDisconnected(const std::string& reason) override { disconnected = reason; }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  TemporaryDirectory directory;
  ExecutorClient::Target target;
  kj::AutoCloseFd executors_end;
  kj::Own<capnp::TwoPartyServer> server;
  kj::Own<kj::ConnectionReceiver> receiver;
  kj::Promise<void> listening = nullptr;
  std::unique_ptr<ExecutorClient> client;
  bool connected = false;
  std::vector<Report> reports;
  std::optional<std::string> disconnected;
};

std::string greetingOf(std::uint32_t version) { return encodeGreeting({version, 4711, ""}); }

TEST(OtherVersion, ARecordedExecutorOfVersion1IsMetAndHeard) {
  Meeting meeting;
  meeting.meet(1, golden("greeting.v1"));
  EXPECT_TRUE(meeting.connected);
  EXPECT_EQ(meeting.reports, goldenReports());
}

TEST(OtherVersion, OneThatAnEarlierDaemonStartedIsAdopted) {
  Meeting meeting;
  meeting.target.next_report = 5;
  meeting.meet(1, "");
  EXPECT_TRUE(meeting.connected);
  EXPECT_EQ(meeting.reports.front().number, 5u);
}

TEST(OtherVersion, ALaterVersionThatGreetsIsRefusedWithTheReason) {
  Meeting meeting;
  meeting.meet(kProtocolVersion + 1, greetingOf(kProtocolVersion + 1));
  EXPECT_FALSE(meeting.connected);
  EXPECT_EQ(meeting.disconnected,
            "the executor speaks version 2 of the protocol; this glauxd knows 1");
}

TEST(OtherVersion, ALaterVersionFoundRunningIsRefusedWithTheReason) {
  Meeting meeting;
  meeting.meet(kProtocolVersion + 1, "");
  EXPECT_FALSE(meeting.connected);
  EXPECT_EQ(meeting.disconnected,
            "the executor speaks version 2 of the protocol; this glauxd knows 1");
}

TEST(Versions, AnExecutorSpeaksNoLaterVersionThanItsDaemon) {
  ExecutorHarness harness("mock", {.protocol_version = kProtocolVersion + 8});
  harness.waitReady();
  EXPECT_EQ(harness.connected->protocol_version, kProtocolVersion);
}

TEST(Versions, ADaemonThatSpeaksNoneIsRefused) {
  ExecutorHarness harness("mock", {.protocol_version = 0});
  EXPECT_TRUE(harness.waitUntil([&] { return harness.disconnected.has_value(); }));
  EXPECT_EQ(harness.disconnected,
            "the executor refused the session: The daemon speaks no version of the protocol.");
}

}  // namespace
}  // namespace glaux::plugins
