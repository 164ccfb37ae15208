#include "daemon/loop/work_queue.h"

#include <unordered_set>

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {

/// A job on its way through the pool: owned by libuv until its callback on the loop's thread.
struct WorkQueue::Request {
  uv_work_t uv;
  std::unique_ptr<Job> job;
  /// The set this is in; null once the queue is gone.
  Pending* pending;
};

struct WorkQueue::Pending {
  std::unordered_set<Request*> requests;
};

WorkQueue::WorkQueue(Loop& loop) : loop_(loop), pending_(std::make_unique<Pending>()) {}

WorkQueue::~WorkQueue() {
  for (Request* request : pending_->requests) {
    request->pending = nullptr;
    // Refused (EBUSY) for a job that is running already; both ways its callback still comes.
    uv_cancel(reinterpret_cast<uv_req_t*>(&request->uv));
  }
}

void WorkQueue::submit(std::unique_ptr<Job> job) {
  auto* request = new Request{{}, std::move(job), pending_.get()};
  request->uv.data = request;
  pending_->requests.insert(request);
  const int result = uv_queue_work(
      loop_.uv(), &request->uv, [](uv_work_t* uv) { static_cast<Request*>(uv->data)->job->work(); },
      [](uv_work_t* uv, int) {
        std::unique_ptr<Request> finished(static_cast<Request*>(uv->data));
        if (finished->pending == nullptr) return;
        finished->pending->requests.erase(finished.get());
        finished->job->done();
      });
  requireUv(result, "uv_queue_work");
}

}  // namespace glaux::daemon
