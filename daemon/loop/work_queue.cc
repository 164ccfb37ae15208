#include "daemon/loop/work_queue.h"

#include <condition_variable>
#include <mutex>
#include <unordered_set>

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {

/// What the queue and its jobs share; the pool's threads look at the lower half only.
struct WorkQueue::Pending {
  std::unordered_set<Request*> requests;

  std::mutex mutex;
  std::condition_variable idle;
  std::size_t running = 0;
  bool is_closed = false;
};

/// A job on its way through the pool: owned by libuv until its callback on the loop's thread.
struct WorkQueue::Request {
  uv_work_t uv;
  std::unique_ptr<Job> job;
  std::shared_ptr<Pending> pending;

  // On a thread of the pool.
  void run() {
    {
      std::lock_guard lock(pending->mutex);
      if (pending->is_closed) return;
      ++pending->running;
    }
    job->work();
    std::lock_guard lock(pending->mutex);
    if (--pending->running == 0) pending->idle.notify_all();
  }

  // On the loop's thread.
  void finish() {
    if (pending->is_closed) return;
    pending->requests.erase(this);
    job->done();
  }
};

WorkQueue::WorkQueue(Loop& loop) : loop_(loop), pending_(std::make_shared<Pending>()) {}

WorkQueue::~WorkQueue() {
  for (Request* request : pending_->requests) {
    // Refused (EBUSY) for a job that has begun; both ways its callback still comes.
    uv_cancel(reinterpret_cast<uv_req_t*>(&request->uv));
  }
  std::unique_lock lock(pending_->mutex);
  pending_->is_closed = true;
  pending_->idle.wait(lock, [this] { return pending_->running == 0; });
}

void WorkQueue::submit(std::unique_ptr<Job> job) {
  auto* request = new Request{{}, std::move(job), pending_};
  request->uv.data = request;
  pending_->requests.insert(request);
  const int result = uv_queue_work(
      loop_.uv(), &request->uv, [](uv_work_t* uv) { static_cast<Request*>(uv->data)->run(); },
      [](uv_work_t* uv, int) {
        std::unique_ptr<Request> finished(static_cast<Request*>(uv->data));
        finished->finish();
      });
  requireUv(result, "uv_queue_work");
}

}  // namespace glaux::daemon
