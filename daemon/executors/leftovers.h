#pragma once

#include <filesystem>
#include <vector>

#include "plugins/protocol/reports.h"

namespace glaux::daemon {

// What runs in a process session (setsid) that an executor led, it itself included: everything its
// code started and did not detach on purpose.
//
// Kills it all and waits until it is gone, a few milliseconds as a rule. Blocks: for the thread
// pool.
void endProcessSession(int leader_pid);

// After a restart of the daemon: sees to it that the executor of `session_directory` is gone and
// returns the reports it could not deliver. An executor that is ending in order, as it does when
// it has lost the daemon, is given `grace_ms` for that. Blocks: for the thread pool.
std::vector<plugins::Report> recoverReports(const std::filesystem::path& session_directory,
                                            int grace_ms);

}  // namespace glaux::daemon
