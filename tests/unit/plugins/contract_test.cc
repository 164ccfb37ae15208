#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "plugins/protocol/process_identity.h"
#include "plugins/protocol/spool.h"
#include "tests/unit/plugins/executor_harness.h"

// executor.capnp, sentence by sentence, against a real executor process on a real socket.
namespace glaux::plugins {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint64_t> numbersOf(const std::vector<Report>& reports) {
  std::vector<std::uint64_t> numbers;
  for (const Report& report : reports) numbers.push_back(report.number);
  return numbers;
}

std::string readFile(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Contract, StartReportsTheCoordinatorAndThenReadiness) {
  ExecutorHarness harness("mock", {.dpus = 2});
  harness.waitReady();
  ASSERT_EQ(harness.reports.size(), 4u);
  const std::string id = harness.bootstrap.coordinator_executor_id;
  const ExecutorState states[] = {ExecutorState::kCreating, ExecutorState::kCreated,
                                  ExecutorState::kRegistered};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(harness.reports[i].what, decltype(Report::what)(ExecutorChanged{
                                           id, ExecutorType::kCoordinator, states[i], 2}));
  }
  EXPECT_EQ(numbersOf(harness.reports), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  ASSERT_TRUE(harness.connected);
  EXPECT_EQ(harness.connected->name, "mock");
  EXPECT_EQ(harness.connected->pid, static_cast<std::uint32_t>(harness.pid));
}

TEST(Contract, ACalculationIsStartedMeteredAndFinished) {
  ExecutorHarness harness("mock", {.dpus = 3});
  const auto finished = harness.run("print hello\nstderr oops\nresult {\"a\":1}\nsleep 50");
  EXPECT_EQ(finished.outcome, Outcome::kCompleted);
  EXPECT_EQ(finished.reason, "");
  EXPECT_GE(finished.usage.calculation_dpu_millis, 3u * 49);
  EXPECT_EQ(finished.usage.total_dpu_millis, finished.usage.calculation_dpu_millis);
  EXPECT_EQ(finished.usage.executor_id, harness.bootstrap.coordinator_executor_id);
  EXPECT_EQ(harness.standardOutput("calculation-1"), "hello\n");
  EXPECT_EQ(harness.standardError("calculation-1"), "oops\n");
  EXPECT_EQ(harness.result("calculation-1"), "{\"a\":1}\n");
  EXPECT_EQ(harness.all<CalculationStarted>().size(), 1u);
}

TEST(Contract, UsageIsReportedEverySecondAndAddsUpOverTheSession) {
  ExecutorHarness harness("mock");
  const auto first = harness.run("sleep 2300");
  EXPECT_EQ(harness.all<Usage>().size(), 2u);
  const auto second = harness.run("");
  EXPECT_GE(second.usage.calculation_dpu_millis, 1u);
  EXPECT_EQ(second.usage.total_dpu_millis,
            first.usage.calculation_dpu_millis + second.usage.calculation_dpu_millis);
}

TEST(Contract, AnErrorFailsTheCalculationAndSparesTheSession) {
  ExecutorHarness harness("mock");
  const auto failed = harness.run("fail no such table");
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.reason, "no such table");
  EXPECT_EQ(harness.run("").outcome, Outcome::kCompleted);
}

TEST(Contract, TheSameIdIsNeverRunTwice) {
  ExecutorHarness harness("mock");
  const auto evidence = harness.bootstrap.session_directory / "evidence";
  const auto request = harness.request("once", "ran " + evidence.string() + "\nsleep 50");
  harness.client->run(request);
  harness.client->run(request);
  harness.waitFinished("once");
  harness.client->run(request);
  harness.run("");
  EXPECT_EQ(readFile(evidence), "once\n");
  EXPECT_EQ(harness.all<CalculationFinished>().size(), 2u);
}

TEST(Contract, ASecondCalculationAtATimeIsRefusedByAReport) {
  ExecutorHarness harness("mock");
  const std::string running = harness.begin("sleep 200");
  const auto refused = harness.run("print never");
  EXPECT_EQ(refused.outcome, Outcome::kFailed);
  EXPECT_EQ(refused.reason, "Another calculation is running in the session.");
  EXPECT_EQ(harness.waitFinished(running).outcome, Outcome::kCompleted);
}

TEST(Contract, CodeMayArriveBeforeTheSessionIsReady) {
  ExecutorHarness harness("mock", {.settings = {{"start-delay-ms", "200"}}});
  EXPECT_EQ(harness.run("print early").outcome, Outcome::kCompleted);
  EXPECT_EQ(harness.standardOutput("calculation-1"), "early\n");
}

TEST(Contract, InterruptBeforeTheStartCancelsWithoutRunning) {
  ExecutorHarness harness("mock", {.settings = {{"start-delay-ms", "300"}}});
  const std::string id = harness.begin("print never");
  harness.client->interrupt(id);
  const auto canceled = harness.waitFinished(id);
  EXPECT_EQ(canceled.outcome, Outcome::kCanceled);
  EXPECT_EQ(canceled.usage, Usage{});
  EXPECT_TRUE(harness.all<CalculationStarted>().empty());
}

TEST(Contract, InterruptCancelsCodeThatStops) {
  ExecutorHarness harness("mock");
  const std::string id = harness.begin("sleep 60000");
  ASSERT_TRUE(harness.waitUntil([&] { return !harness.all<CalculationStarted>().empty(); }));
  harness.client->interrupt(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
}

TEST(Contract, CodeThatReachesItsEndDespiteAnInterruptIsCompleted) {
  ExecutorHarness harness("mock");
  const std::string id = harness.begin("ignore-interrupt\nsleep 300\nprint done");
  harness.client->interrupt(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCompleted);
  EXPECT_EQ(harness.standardOutput(id), "done\n");
}

TEST(Contract, KillStopsWhatIgnoresInterruptsAndEndsTheSession) {
  ExecutorHarness harness("mock");
  const std::string id = harness.begin("ignore-interrupt\nsleep 60000");
  harness.client->interrupt(id);
  harness.client->kill(id);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kFailed);
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST(Contract, TerminateEndsTheSessionCleanlyAndTheExecutorExits) {
  ExecutorHarness harness("mock");
  harness.waitReady();
  harness.client->terminate(1000);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kClean);
  const auto changes = harness.all<ExecutorChanged>();
  EXPECT_EQ(changes.at(changes.size() - 2).state, ExecutorState::kTerminating);
  EXPECT_EQ(changes.back().state, ExecutorState::kTerminated);
  EXPECT_TRUE(std::holds_alternative<SessionEnded>(harness.reports.back().what));
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST(Contract, TerminateCancelsRunningCodeAndKillsItWhenTheGraceHasPassed) {
  ExecutorHarness harness("mock");
  const std::string id = harness.begin("ignore-interrupt\nsleep 60000");
  ASSERT_TRUE(harness.waitUntil([&] { return !harness.all<CalculationStarted>().empty(); }));
  harness.client->terminate(300);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCanceled);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kClean);
}

TEST(Contract, AnEndedExecutorStaysUntilItsLastReportIsAcknowledged) {
  ExecutorHarness harness("mock");
  harness.acknowledges = false;
  harness.waitReady();
  harness.client->terminate(1000);
  harness.waitEnded();
  const auto is_gone = [&] { return harness.disconnected.has_value(); };
  EXPECT_FALSE(harness.waitUntil(is_gone, 300ms));
  harness.client->acknowledge(harness.reports.back().number);
  EXPECT_TRUE(harness.waitUntil(is_gone, 5s));  // by itself it gives up after ten seconds
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST(Contract, SigtermEndsTheSessionInOrder) {
  ExecutorHarness harness("mock");
  harness.waitReady();
  ::kill(harness.pid, SIGTERM);
  EXPECT_EQ(harness.waitEnded().ending, Ending::kClean);
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST(Contract, AFailedStartEndsTheSessionWithTheReason) {
  ExecutorHarness harness("mock", {.settings = {{"fail-start", "no licence"}}});
  const auto ended = harness.waitEnded();
  EXPECT_EQ(ended.ending, Ending::kFailed);
  EXPECT_EQ(ended.reason, "no licence");
  EXPECT_TRUE(harness.all<SessionReady>().empty());
}

TEST(Contract, DeathOfWhatRunsTheCodeFailsCalculationAndSession) {
  ExecutorHarness harness("mock");
  const auto failed = harness.run("die out of memory");
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.reason, "out of memory");
  EXPECT_EQ(harness.waitEnded().reason, "out of memory");
}

TEST(Contract, WithoutALeaseTheExecutorEndsWithTheConnection) {
  ExecutorHarness harness("mock");
  harness.waitReady();
  harness.disconnect();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(harness.waitUntil([&] {
    const auto spool = readSpool(harness.bootstrap.session_directory);
    return spool && !spool->empty() && std::holds_alternative<SessionEnded>(spool->back().what);
  }));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST(Contract, WithoutALeaseTheExecutorEndsWithItsDaemonEvenIfTheNextOneIsQuicker) {
  ExecutorHarness harness("mock");
  harness.waitReady();
  auto earlier = std::move(harness.client);
  harness.reconnect(1);
  ASSERT_TRUE(harness.waitUntil([&] { return harness.connected && harness.disconnected; }));
  harness.disconnected.reset();
  earlier.reset();
  EXPECT_EQ(harness.waitEnded().reason,
            "The executor ended the session because its connection to glauxd was lost.");
}

TEST(Contract, WithinTheLeaseCodeRunsOnAndReportsAreSentAgain) {
  ExecutorHarness harness("mock", {.lease_seconds = 60});
  harness.acknowledges = false;
  harness.waitReady();
  const std::string id = harness.begin("sleep 200\nprint done");
  ASSERT_TRUE(harness.waitUntil([&] { return !harness.all<CalculationStarted>().empty(); }));
  harness.client->acknowledge(2);
  harness.run("");  // refused, and proves that the acknowledgement has arrived
  harness.disconnect();
  harness.reports.clear();
  std::this_thread::sleep_for(400ms);

  harness.reconnect(1);
  EXPECT_EQ(harness.waitFinished(id).outcome, Outcome::kCompleted);
  EXPECT_EQ(harness.standardOutput(id), "done\n");
  EXPECT_EQ(numbersOf(harness.reports), (std::vector<std::uint64_t>{3, 4, 5, 6, 7}));
}

TEST(Contract, ReattachingTellsWhatIsRunning) {
  ExecutorHarness harness("mock", {.lease_seconds = 60});
  const std::string id = harness.begin("sleep 60000");
  ASSERT_TRUE(harness.waitUntil([&] { return !harness.all<CalculationStarted>().empty(); }));
  harness.disconnect();
  harness.reconnect(1);
  ASSERT_TRUE(harness.waitUntil([&] { return harness.connected.has_value(); }));
  EXPECT_EQ(harness.connected->calculation_id, id);
}

TEST(Contract, TheLeaseEndsTheSessionAndItsReportsStayInTheSpool) {
  ExecutorHarness harness("mock", {.lease_seconds = 1});
  const std::string id = harness.begin("sleep 60000");
  ASSERT_TRUE(harness.waitUntil([&] { return !harness.all<CalculationStarted>().empty(); }));
  harness.disconnect();
  std::this_thread::sleep_for(300ms);
  EXPECT_TRUE(isAlive(readIdentity(harness.bootstrap.session_directory).value()));
  EXPECT_TRUE(harness.waitUntil([&] {
    const auto spool = readSpool(harness.bootstrap.session_directory);
    return spool && !spool->empty() && std::holds_alternative<SessionEnded>(spool->back().what);
  }));
  const auto spool = readSpool(harness.bootstrap.session_directory).value();
  const auto* canceled = std::get_if<CalculationFinished>(&spool.at(spool.size() - 3).what);
  ASSERT_NE(canceled, nullptr);
  EXPECT_EQ(canceled->outcome, Outcome::kCanceled);
}

TEST(Contract, TheLatestDaemonCountsAndTheEarlierIsCutOff) {
  ExecutorHarness harness("mock", {.lease_seconds = 60});
  harness.waitReady();
  const auto earlier = std::move(harness.client);
  harness.reconnect(1);
  EXPECT_TRUE(harness.waitUntil([&] { return harness.connected && harness.disconnected; }));
  harness.disconnected.reset();
  EXPECT_EQ(harness.run("").outcome, Outcome::kCompleted);
}

TEST(Contract, AWrongKeyIsRefused) {
  ExecutorHarness harness("mock", {.lease_seconds = 60});
  harness.waitReady();
  harness.bootstrap.key[0] ^= 1;
  harness.disconnect();
  harness.reconnect(1);
  ASSERT_TRUE(harness.waitUntil([&] { return harness.disconnected || harness.connected; }));
  EXPECT_FALSE(harness.connected);
}

TEST(Contract, AnExecutorThatNobodyFoundEndsWithItsLifeline) {
  ExecutorHarness harness("mock", {.settings = {{"start-delay-ms", "60000"}}});
  harness.disconnect();  // before the loop ever turned: no connection was made
  EXPECT_EQ(harness.waitExit(), 0);
}

TEST(Contract, ACrashedExecutorLeavesItsIdentityAndItsReports) {
  ExecutorHarness harness("mock");
  harness.acknowledges = false;
  harness.waitReady();
  const auto identity = readIdentity(harness.bootstrap.session_directory).value();
  EXPECT_EQ(identity.pid, static_cast<std::uint32_t>(harness.pid));
  EXPECT_TRUE(isAlive(identity));
  harness.begin("crash");
  EXPECT_TRUE(harness.waitUntil([&] { return harness.disconnected.has_value(); }));
  EXPECT_TRUE(WIFSIGNALED(harness.waitExit()));
  EXPECT_FALSE(isAlive(identity));
  EXPECT_EQ(readSpool(harness.bootstrap.session_directory).value().size(), 5u);
}

TEST(Contract, SessionDirectoriesMayBeLongerThanASocketAddress) {
  ExecutorHarness harness("mock", {.directory_suffix = std::string(200, 'x')});
  EXPECT_EQ(harness.run("print ok").outcome, Outcome::kCompleted);
}

TEST(Contract, SocketAndSpoolArePrivate) {
  ExecutorHarness harness("mock");
  harness.waitReady();
  for (const char* name : {"executor.sock", "spool"}) {
    const auto mode = std::filesystem::status(harness.bootstrap.session_directory / name);
    EXPECT_EQ(static_cast<unsigned>(mode.permissions()), 0600u) << name;
  }
}

TEST(Contract, OutputThatCannotBeWrittenFailsTheCalculation) {
  ExecutorHarness harness("mock");
  auto request = harness.request("c", "print x");
  request.stdout_path = "/dev/full";
  harness.client->run(request);
  const auto failed = harness.waitFinished("c");
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.reason, "output cannot be written: No space left on device");
}

TEST(Contract, AListenerMayDestroyTheClient) {
  ExecutorHarness harness("mock");
  struct Destroyer : ExecutorClient::Listener {
    void onConnected(const ExecutorClient::Connected&) override { client.reset(); }
    void onReports(std::vector<Report>) override { FAIL(); }
    void onDisconnected(const std::string&) override { FAIL(); }
    std::unique_ptr<ExecutorClient> client;
  } destroyer;
  harness.waitReady();
  destroyer.client = std::make_unique<ExecutorClient>(
      *harness.io->lowLevelProvider, harness.io->provider->getTimer(),
      ExecutorClient::Target{harness.bootstrap.session_directory, harness.bootstrap.session_id,
                             harness.bootstrap.key, -1, 1},
      destroyer);
  EXPECT_TRUE(harness.waitUntil([&] { return destroyer.client == nullptr; }));
  EXPECT_FALSE(harness.waitUntil([] { return false; }, 100ms));
}

}  // namespace
}  // namespace glaux::plugins
