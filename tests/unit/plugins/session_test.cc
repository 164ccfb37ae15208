#include "plugins/sdk/session.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <memory>
#include <string>

#include "plugins/sdk/report_log.h"
#include "tests/unit/plugins/temporary_directory.h"

namespace glaux::plugins {
namespace {

// Where a promise is asked of it, it throws instead.
class ThrowingExecutor final : public Executor {
 public:
  explicit ThrowingExecutor(bool starts) : starts_(starts) {}

  kj::Promise<SessionReady> start() override {
    KJ_REQUIRE(starts_, "no start");
    return SessionReady{};
  }
  kj::Promise<RunResult> run(Calculation&) override { KJ_FAIL_REQUIRE("no run"); }
  kj::Promise<std::string> whenGone() override { return kj::NEVER_DONE; }
  void interrupt() override {}
  void stop() override {}
  void kill() override {}

 private:
  const bool starts_;
};

class ThrowingExecutorTest : public testing::Test {
 protected:
  void begin(bool starts) {
    executor = std::make_unique<ThrowingExecutor>(starts);
    bootstrap.coordinator_executor_id = "c";
    bootstrap.dpus = 1;
    session = std::make_unique<Session>(bootstrap, *executor, reports, io->provider->getTimer(),
                                        std::nullopt);
    session->start();
    turn();
  }

  void turn() { io->provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io->waitScope); }

  Report lastReport() { return reports.read(reports.lastNumber(), 1).at(0); }

  TemporaryDirectory directory;
  Bootstrap bootstrap;
  std::unique_ptr<kj::AsyncIoContext> io = std::make_unique<kj::AsyncIoContext>(kj::setupAsyncIo());
  ReportLog reports{directory.path};
  std::unique_ptr<ThrowingExecutor> executor;
  std::unique_ptr<Session> session;
};

TEST_F(ThrowingExecutorTest, StartThatThrowsFailsTheSession) {
  begin(/*starts=*/false);
  const auto ended = std::get<SessionEnded>(lastReport().what);
  EXPECT_EQ(ended.ending, Ending::kFailed);
  EXPECT_NE(ended.reason.find("no start"), std::string::npos) << ended.reason;
}

TEST_F(ThrowingExecutorTest, RunThatThrowsFailsTheCalculationAlone) {
  begin(/*starts=*/true);
  const std::string path = directory.path / "output";
  session->run("a", "", {path, path, path});
  turn();
  const auto finished = std::get<CalculationFinished>(lastReport().what);
  EXPECT_EQ(finished.outcome, Outcome::kFailed);
  EXPECT_NE(finished.reason.find("no run"), std::string::npos) << finished.reason;
  EXPECT_EQ(session->phase(), Session::Phase::kReady);
}

}  // namespace
}  // namespace glaux::plugins
