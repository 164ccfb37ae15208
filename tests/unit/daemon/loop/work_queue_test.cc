#include "daemon/loop/work_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/loop/loop.h"

namespace glaux::daemon {
namespace {

class WorkQueueTest : public testing::Test {
 protected:
  void TearDown() override {
    const auto closed = loop_.close();
    EXPECT_TRUE(closed) << closed.error().message;
  }

  Loop loop_;
};

TEST_F(WorkQueueTest, RunsWorkOnAnotherThreadAndItsResultOnTheLoop) {
  WorkQueue queue(loop_);
  const auto loop_thread = std::this_thread::get_id();
  bool done = false;
  queue.run([] { return std::make_unique<std::thread::id>(std::this_thread::get_id()); },
            [&](std::unique_ptr<std::thread::id> worker) {
              EXPECT_NE(*worker, loop_thread);
              EXPECT_EQ(std::this_thread::get_id(), loop_thread);
              done = true;
            });
  loop_.run();
  EXPECT_TRUE(done);
}

TEST_F(WorkQueueTest, DestroyedQueueWaitsForWhatRunsAndDropsTheRest) {
  const auto captured = std::make_shared<int>(1);
  std::promise<void> may_end;
  std::atomic<int> started = 0;
  std::atomic<int> ended = 0;
  bool called_back = false;
  std::thread opener;
  {
    WorkQueue queue(loop_);
    auto gate = may_end.get_future().share();
    for (int i = 0; i < 64; ++i) {
      queue.run(
          [gate, &started, &ended] {
            ++started;
            gate.wait();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            ++ended;
            return 0;
          },
          [&called_back, captured](int) { called_back = true; });
    }
    while (started == 0) std::this_thread::yield();
    opener = std::thread([&may_end] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      may_end.set_value();
    });
  }
  EXPECT_EQ(started, ended) << "nothing runs any more that could touch what the queue outlived";
  opener.join();
  loop_.run();
  EXPECT_FALSE(called_back);
  EXPECT_LT(started, 64) << "jobs that had not started are dropped";
  EXPECT_EQ(captured.use_count(), 1);
}

}  // namespace
}  // namespace glaux::daemon
