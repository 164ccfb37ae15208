// The supervisor on a host of the test's making: what it does with the deaths of executors.
#include "daemon/executors/executors.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace glaux::daemon {
namespace {

const core::SessionId kSession{{1}};
const core::CalculationId kCalculation{{2}};

struct ManualClock final : Clock {
  std::int64_t now_ms = 1'000'000;
  std::int64_t nowMs() const override { return now_ms; }
  std::int64_t monotonicMs() const override { return now_ms; }
};

struct ManualAlarms final : Alarms {
  struct One final : Alarm {
    One(ManualAlarms& alarms, std::function<void()> fire)
        : all(alarms), on_timeout(std::move(fire)) {
      all.alarms.push_back(this);
    }
    ~One() override { std::erase(all.alarms, this); }
    void start(std::uint64_t delay_ms, std::uint64_t) override { due_in_ms = delay_ms; }
    void stop() override { due_in_ms.reset(); }
    bool isActive() const override { return due_in_ms.has_value(); }
    ManualAlarms& all;
    std::function<void()> on_timeout;
    std::optional<std::uint64_t> due_in_ms;
  };
  std::unique_ptr<Alarm> make(std::function<void()> on_timeout) override {
    return std::make_unique<One>(*this, std::move(on_timeout));
  }
  // Those that wait for so long.
  void fire(std::uint64_t delay_ms) {
    for (One* alarm : std::vector<One*>(alarms)) {
      if (alarm->due_in_ms == delay_ms) {
        alarm->due_in_ms.reset();
        alarm->on_timeout();
      }
    }
  }
  std::vector<One*> alarms;
};

struct FakeHost final : ExecutorHost {
  struct Executor final : RunningExecutor {
    explicit Executor(FakeHost& the_host) : host(the_host) {}
    void run(const core::CalculationId&, std::string code, const OutputUris&) override {
      host.did.push_back("run " + code);
    }
    void interrupt(const core::CalculationId&) override { host.did.push_back("interrupt"); }
    void killCalculation(const core::CalculationId&) override {}
    void terminate(std::uint32_t) override { host.did.push_back("terminate"); }
    void acknowledge(std::uint64_t) override {}
    void kill() override { host.did.push_back("kill"); }
    FakeHost& host;
  };

  tl::expected<std::unique_ptr<RunningExecutor>, Error> launch(
      const ExecutorLaunch&, ExecutorCallbacks its_callbacks) override {
    did.push_back("launch");
    callbacks = std::move(its_callbacks);
    return std::make_unique<Executor>(*this);
  }
  bool canResume(const std::string& executor) const override { return executor == "resumable"; }
  tl::expected<std::unique_ptr<RunningExecutor>, Error> resume(
      const ExecutorLaunch&, std::uint64_t next_report, ExecutorCallbacks its_callbacks) override {
    did.push_back("resume from " + std::to_string(next_report));
    if (!may_start) return tl::unexpected(Error{"no memory"});
    callbacks = std::move(its_callbacks);
    return std::make_unique<Executor>(*this);
  }
  std::unique_ptr<RunningExecutor> adopt(const core::SessionId&, std::uint64_t,
                                         ExecutorCallbacks) override {
    return nullptr;
  }
  bool hasTrace(const core::SessionId&) const override { return true; }
  std::vector<core::SessionId> traces() const override { return {kSession}; }
  void bury(const core::SessionId&, std::function<void(Burial)> done) override {
    did.push_back("bury");
    buried = std::move(done);
  }
  void forget(const core::SessionId&) override { did.push_back("forget"); }

  bool may_start = true;
  ExecutorCallbacks callbacks;
  std::function<void(Burial)> buried;
  std::vector<std::string> did;
};

class ExecutorsTest : public testing::Test {
 protected:
  ExecutorsTest() {
    session_.id = kSession;
    session_.executor = "resumable";
    session_.executors.push_back({});
    session_.reports_through = 7;
    session_.was_ready = true;
    session_.state = api::SessionState::kIdle;
    executors_.launch(session_);
    host_.callbacks.on_connected();
    host_.did.clear();
  }

  // As the core and the effect runner answer what is submitted.
  void submit(const core::Command& command) {
    if (auto* replaced = std::get_if<core::RecordExecutorReplaced>(&command)) {
      said_.push_back("replaced: " + replaced->reason);
      is_resume_wanted_ = true;
    } else if (auto* gone = std::get_if<core::RecordExecutorGone>(&command)) {
      said_.push_back("gone: " + gone->reason);
    } else if (std::holds_alternative<core::RecordExecutorLost>(command)) {
      said_.push_back("lost");
    } else if (std::holds_alternative<core::ReceiveReports>(command)) {
      said_.push_back("reports");
    }
  }
  void performResume() {
    ASSERT_TRUE(std::exchange(is_resume_wanted_, false));
    executors_.resume(session_);
  }
  void die() { std::exchange(host_.callbacks, {}).on_gone("It died.", false); }
  std::vector<std::string> takeDid() { return std::exchange(host_.did, {}); }

  using Strings = std::vector<std::string>;
  FakeHost host_;
  ManualClock clock_;
  ManualAlarms alarms_;
  core::Session session_;
  bool is_live_ = true;
  bool is_resume_wanted_ = false;
  std::vector<std::string> said_;
  Executors executors_{host_,
                       alarms_,
                       clock_,
                       {},
                       [this](const core::Command& command) { submit(command); },
                       [this](const core::SessionId&) { return is_live_ ? &session_ : nullptr; }};
};

TEST_F(ExecutorsTest, OneThatDiedIsReplacedFromTheNextReportOn) {
  die();
  EXPECT_EQ(said_, Strings{"replaced: It died. It is being started again."});
  EXPECT_TRUE(takeDid().empty()) << "not before the record is durable";
  performResume();
  executors_.run(session_, kCalculation, "1");
  EXPECT_EQ(takeDid(), (Strings{"resume from 8", "run 1"}));
  executors_.resume(session_);
  EXPECT_TRUE(takeDid().empty()) << "it is there";
}

TEST_F(ExecutorsTest, OneThatCannotBeReplacedIsBuried) {
  session_.executor = "other";
  die();
  EXPECT_EQ(takeDid(), Strings{"bury"});
  host_.buried({{core::Report{}}, ""});
  EXPECT_EQ(said_, (Strings{"reports", "gone: It died."}));
}

TEST_F(ExecutorsTest, OneThatWasKilledIsNotReplaced) {
  executors_.kill(kSession);
  die();
  EXPECT_EQ(takeDid(), (Strings{"kill", "bury"}));
}

TEST_F(ExecutorsTest, OfASessionThatIsToEndNoneIsReplaced) {
  session_.state = api::SessionState::kTerminating;
  die();
  EXPECT_EQ(takeDid(), Strings{"bury"});
}

TEST_F(ExecutorsTest, OneThatWasNeverReadyIsNotReplaced) {
  session_.was_ready = false;
  die();
  EXPECT_EQ(takeDid(), Strings{"bury"});
}

TEST_F(ExecutorsTest, OneThatEndedInOrderIsNotReplaced) {
  host_.callbacks.on_gone("It ended.", true);
  EXPECT_EQ(takeDid(), Strings{"bury"});
}

TEST_F(ExecutorsTest, WhatChangesItsMindMeanwhileIsBuriedInstead) {
  die();
  session_.kill_began = true;
  performResume();
  EXPECT_EQ(takeDid(), Strings{"bury"});
}

TEST_F(ExecutorsTest, ItIsReplacedFiveTimesInTenMinutes) {
  for (int i = 0; i < 5; ++i) {
    die();
    performResume();
  }
  takeDid();
  die();
  EXPECT_EQ(takeDid(), Strings{"bury"});
  host_.buried({});
  EXPECT_EQ(said_.back(), "gone: It died. It has been started again 5 times within ten minutes.");
}

TEST_F(ExecutorsTest, AfterTenMinutesItMayDieAgain) {
  for (int i = 0; i < 20; ++i) {
    die();
    performResume();
    clock_.now_ms += 121'000;
  }
}

TEST_F(ExecutorsTest, OneThatCannotBeStartedCountsAsDead) {
  host_.may_start = false;
  die();
  for (int i = 0; i < 5; ++i) performResume();
  EXPECT_FALSE(is_resume_wanted_);
  EXPECT_EQ(takeDid().back(), "bury");
  host_.buried({});
  EXPECT_EQ(said_.back(),
            "gone: The executor could not be started again: no memory. It has been started again 5 "
            "times within ten minutes.");
}

TEST_F(ExecutorsTest, AReplacementThatCannotBeReachedIsKilled) {
  die();
  performResume();
  takeDid();
  host_.callbacks.on_lost("no answer");
  EXPECT_EQ(takeDid(), Strings{"kill"});
  die();
  performResume();
  EXPECT_EQ(takeDid(), Strings{"resume from 8"});
}

TEST_F(ExecutorsTest, OneOfAnEarlierRunIsReplaced) {
  Executors next(
      host_, alarms_, clock_, {}, [this](const core::Command& c) { submit(c); },
      [this](const core::SessionId&) { return &session_; });
  EXPECT_FALSE(next.recover(session_));
  EXPECT_EQ(said_, Strings{"replaced: The executor ended while glauxd was not running. It is being "
                           "started again."});
}

TEST_F(ExecutorsTest, WhatCouldNotBeClearedUpIsTriedAgainBeforeItIsForgotten) {
  executors_.kill(kSession);
  die();
  takeDid();
  host_.buried({{}, "The engine does not answer."});
  EXPECT_EQ(said_.back(),
            "gone: It died. Something of it may be left: The engine does not answer.");
  is_live_ = false;
  executors_.release(kSession);
  EXPECT_TRUE(takeDid().empty()) << "the directory is needed";
  alarms_.fire(60'000);
  EXPECT_EQ(takeDid(), Strings{"bury"});
  alarms_.fire(60'000);
  EXPECT_TRUE(takeDid().empty()) << "that burial is still under way";
  host_.buried({{}, "The engine does not answer."});
  alarms_.fire(60'000);
  EXPECT_EQ(takeDid(), Strings{"bury"});
  host_.buried({});
  EXPECT_EQ(takeDid(), Strings{"forget"});
  alarms_.fire(60'000);
  EXPECT_TRUE(takeDid().empty());
}

TEST_F(ExecutorsTest, WhatASweepCannotClearUpIsTriedAgain) {
  Executors next(
      host_, alarms_, clock_, {}, [this](const core::Command& c) { submit(c); },
      [](const core::SessionId&) { return nullptr; });
  next.sweep(core::State{});
  host_.buried({{}, "The engine does not answer."});
  EXPECT_EQ(takeDid(), Strings{"bury"});
  alarms_.fire(60'000);
  host_.buried({});
  EXPECT_EQ(takeDid(), (Strings{"bury", "forget"}));
}

}  // namespace
}  // namespace glaux::daemon
