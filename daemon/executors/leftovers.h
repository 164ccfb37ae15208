#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/error.h"
#include "plugins/protocol/reports.h"

namespace glaux::daemon {

// What an executor of an earlier time left, in its session's directory and among the processes of
// this machine. All of it blocks: for the thread pool.

// Ends the executor of `session_directory`, which is dead or cannot be adopted, and the processes
// of its process session. One that is ending in order is given `grace_ms` for that, and one that
// was started a moment ago and has not said yet which process it is a few seconds to say so.
void endProcesses(const std::filesystem::path& session_directory, int grace_ms);

// The reports it could not deliver.
std::vector<plugins::Report> spooledReports(const std::filesystem::path& session_directory);

// The plugin whose executor the directory is, which its launch left in there: whoever clears up may
// not know the session any more. Empty if it is not known.
tl::expected<void, Error> leavePluginName(const std::filesystem::path& session_directory,
                                          const std::string& name);
std::string readPluginName(const std::filesystem::path& session_directory);

}  // namespace glaux::daemon
