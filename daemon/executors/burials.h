#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "daemon/executors/catalog.h"
#include "daemon/executors/executor_host.h"
#include "daemon/loop/work_queue.h"

namespace glaux::daemon {

class Loop;

// Burials of executors that did not end in order. Each ends the executor's processes, has the
// plugin's own `cleanup` (executor.capnp) end whatever else there is, such as containers and what
// code has detached, and reads the reports that were not delivered. What `cleanup` said is left in
// the session directory, in the file cleanup.log.
class Burials {
 public:
  // Both outlive it; the catalog is asked at each burial.
  Burials(Loop& loop, const ExecutorCatalog& catalog);
  // What `cleanup` has begun it goes on with.
  ~Burials();

  // Takes seconds, and waits for its turn: few at a time. `done` comes in a later turn.
  void bury(std::filesystem::path session_directory, std::function<void(Burial)> done);

 private:
  class OneBurial;

  void beginSome();
  void ended(OneBurial& burial, std::vector<core::Report> reports);

  Loop& loop_;
  const ExecutorCatalog& catalog_;
  std::deque<std::unique_ptr<OneBurial>> waiting_;
  std::list<std::unique_ptr<OneBurial>> under_way_;
  WorkQueue work_;
};

}  // namespace glaux::daemon
