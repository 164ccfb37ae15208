#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "daemon/loop/timer.h"
#include "daemon/loop/work_queue.h"

namespace glaux::daemon {

// Watches the free space of the state directory, so that clients' commands are refused, with a
// clear reason, while there is still room to record what executors report. Without it the first
// sign of a full disk would be a journal that cannot be written, and the end of the daemon.
class DiskGuard {
 public:
  // Called on the loop's thread when the answer changes: whether less than the minimum is free.
  using Changed = std::function<void(bool is_low, std::uint64_t free_bytes)>;

  DiskGuard(Loop& loop, std::filesystem::path directory, std::uint64_t min_free_bytes,
            Changed changed);

 private:
  void look();

  std::filesystem::path directory_;
  std::uint64_t min_free_bytes_;
  Changed changed_;
  bool is_low_ = false;
  WorkQueue work_;
  Timer timer_;
};

}  // namespace glaux::daemon
