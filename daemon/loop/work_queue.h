#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace glaux::daemon {

class Loop;

/// Blocking work (files on a slow disk) on libuv's thread pool, its result back on the loop.
///
/// Destroying the queue drops jobs that have not started, and waits for those that are running:
/// what `work` refers to has to outlive the queue, and nothing more. In both cases `done` is not
/// called any more, and is destroyed, with what it captured, on the loop's thread.
class WorkQueue {
 public:
  explicit WorkQueue(Loop& loop);
  ~WorkQueue();

  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// Calls `work()` on a thread of the pool, then `done(result)` on the loop's thread. `work` must
  /// not throw and must not touch what belongs to the loop; it returns a value. Both may be
  /// move-only.
  template <class Work, class Done>
  void run(Work work, Done done) {
    submit(std::make_unique<JobOf<Work, Done>>(std::move(work), std::move(done)));
  }

 private:
  struct Job {
    virtual ~Job() = default;
    virtual void work() = 0;
    virtual void done() = 0;
  };

  template <class Work, class Done>
  struct JobOf final : Job {
    JobOf(Work w, Done d) : work_fn(std::move(w)), done_fn(std::move(d)) {}
    void work() override { result.emplace(work_fn()); }
    void done() override { done_fn(std::move(*result)); }

    Work work_fn;
    Done done_fn;
    std::optional<decltype(std::declval<Work&>()())> result;
  };

  struct Request;
  struct Pending;

  void submit(std::unique_ptr<Job> job);

  Loop& loop_;
  std::shared_ptr<Pending> pending_;
};

}  // namespace glaux::daemon
