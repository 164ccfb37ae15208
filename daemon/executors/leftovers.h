#pragma once

#include <filesystem>
#include <vector>

#include "plugins/protocol/reports.h"

namespace glaux::daemon {

// Sees to it that nothing is left of the executor of `session_directory`, which is dead or cannot
// be adopted: neither it nor anything its code started and did not detach on purpose. Returns the
// reports it could not deliver. An executor that is ending in order is given `grace_ms` for that,
// and one that was started a moment ago and has not said yet which process it is a few seconds to
// say so. Blocks: for the thread pool.
std::vector<plugins::Report> recoverReports(const std::filesystem::path& session_directory,
                                            int grace_ms);

}  // namespace glaux::daemon
