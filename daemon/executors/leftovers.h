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

// After a restart of the daemon, for an executor that is not adopted: sees to it that the one of
// `session_directory` is gone and returns the reports it could not deliver. One that is ending in
// order is given `grace_ms` for that, and one that was started a moment ago and has not said yet
// which process it is a few seconds to say so. Blocks: for the thread pool.
std::vector<plugins::Report> recoverReports(const std::filesystem::path& session_directory,
                                            int grace_ms);

}  // namespace glaux::daemon
