#include "daemon/loop/loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/clock.h"
#include "daemon/entropy.h"
#include "daemon/loop/async.h"
#include "daemon/loop/end_of_turn.h"
#include "daemon/loop/poll.h"
#include "daemon/loop/signal.h"
#include "daemon/loop/timer.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {
namespace {

class LoopTest : public testing::Test {
 protected:
  void TearDown() override {
    const auto closed = loop_.close();
    EXPECT_TRUE(closed) << closed.error().message;
  }

  Loop loop_;
};

TEST_F(LoopTest, RunEndsWhenNothingIsLeft) { loop_.run(); }

TEST_F(LoopTest, TimerFiresOnceAfterItsDelay) {
  int fired = 0;
  Timer timer(loop_, [&] { ++fired; });
  const std::uint64_t started_ms = loop_.nowMs();
  timer.start(20);
  EXPECT_TRUE(timer.isActive());
  loop_.run();
  EXPECT_EQ(fired, 1);
  EXPECT_GE(loop_.nowMs() - started_ms, 20u);
  EXPECT_FALSE(timer.isActive());
}

TEST_F(LoopTest, RepeatingTimerFiresUntilStopped) {
  int fired = 0;
  std::optional<Timer> timer;
  timer.emplace(loop_, [&] {
    if (++fired == 3) timer->stop();
  });
  timer->start(1, 1);
  loop_.run();
  EXPECT_EQ(fired, 3);
}

TEST_F(LoopTest, TimerMayDestroyItselfWhileItFires) {
  const auto witness = std::make_shared<int>(7);
  std::unique_ptr<Timer> timer;
  int seen = 0;
  timer = std::make_unique<Timer>(loop_, [&timer, &seen, witness] {
    timer.reset();
    seen = *witness;
  });
  timer->start(0);
  loop_.run();
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(witness.use_count(), 1) << "the function is destroyed with the handle";
}

TEST_F(LoopTest, DestroyedTimerDoesNotFire) {
  bool fired = false;
  {
    Timer timer(loop_, [&] { fired = true; });
    timer.start(0);
  }
  loop_.run();
  EXPECT_FALSE(fired);
}

TEST_F(LoopTest, CloseNamesHandlesThatWereLeaked) {
  Timer timer(loop_, [] {});
  timer.start(1000);
  const auto closed = loop_.close();
  ASSERT_FALSE(closed);
  EXPECT_NE(closed.error().message.find("timer"), std::string::npos) << closed.error().message;
}

TEST_F(LoopTest, PollReportsReadabilityUntilTheDataIsRead) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  OwnedFd ours(pair[0]), theirs(pair[1]);
  int reports = 0;
  Poll poll(loop_, ours.get(), [&](int events) {
    EXPECT_EQ(events, Poll::kReadable);
    if (++reports == 2) loop_.stop();
  });
  poll.start(Poll::kReadable);
  ASSERT_EQ(::write(theirs.get(), "x", 1), 1);
  loop_.run();
  EXPECT_EQ(reports, 2);
}

TEST_F(LoopTest, AsyncWakesTheLoopFromAnotherThread) {
  const auto loop_thread = std::this_thread::get_id();
  std::thread::id woken_on;
  Async async(loop_, [&] {
    woken_on = std::this_thread::get_id();
    loop_.stop();
  });
  std::thread other([&] { async.wake(); });
  loop_.run();
  other.join();
  EXPECT_EQ(woken_on, loop_thread);
}

TEST_F(LoopTest, SignalRunsItsFunctionInsteadOfTheDefaultAction) {
  int signals = 0;
  Signal signal(loop_, SIGUSR1, [&] {
    ++signals;
    loop_.stop();
  });
  ::kill(::getpid(), SIGUSR1);
  loop_.run();
  EXPECT_EQ(signals, 1);
}

TEST_F(LoopTest, EndOfTurnWorkRunsOnceAfterAllCallbacksOfTheTurn) {
  std::vector<std::string> order;
  EndOfTurn end(loop_, [&] { order.emplace_back("end"); });
  Timer first(loop_, [&] {
    order.emplace_back("first");
    end.request();
  });
  Timer second(loop_, [&] {
    order.emplace_back("second");
    end.request();
  });
  first.start(0);
  second.start(0);
  loop_.run();
  EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "end"}));
}

TEST_F(LoopTest, EndOfTurnRequestedByItselfRunsInTheNextTurnWithoutWaiting) {
  int runs = 0;
  std::optional<EndOfTurn> end;
  end.emplace(loop_, [&] {
    if (++runs < 3) end->request();
  });
  Timer distant(loop_, [] {});
  distant.start(60'000);
  end->request();
  for (int turn = 0; turn < 10 && runs < 3; ++turn) loop_.runNoWait();
  EXPECT_EQ(runs, 3);
}

TEST_F(LoopTest, EndOfTurnMayDestroyItself) {
  bool ran = false;
  auto end = std::unique_ptr<EndOfTurn>();
  end = std::make_unique<EndOfTurn>(loop_, [&] {
    end.reset();
    ran = true;
  });
  end->request();
  loop_.run();
  EXPECT_TRUE(ran);
}

TEST(SystemClock, CountsMillisecondsOfTheRealTime) {
  const SystemClock clock;
  const std::int64_t before = static_cast<std::int64_t>(std::time(nullptr)) * 1000;
  EXPECT_GE(clock.nowMs(), before);
  EXPECT_LE(clock.nowMs(), before + 60'000);
  const std::int64_t monotonic = clock.monotonicMs();
  EXPECT_GE(clock.monotonicMs(), monotonic);
}

TEST(SystemEntropy, FillsEveryByteDifferentlyEachTime) {
  SystemEntropy entropy;
  std::set<std::vector<std::uint8_t>> seen;
  for (int i = 0; i < 100; ++i) {
    std::vector<std::uint8_t> bytes(16);
    entropy.fill(bytes);
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 100u);
}

}  // namespace
}  // namespace glaux::daemon
