#pragma once

#include <filesystem>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"
#include "plugins/protocol/process_identity.h"
#include "plugins/protocol/reports.h"

// What an executor leaves in its session directory, for a daemon that comes back and may find the
// executor alive (`readIdentity` and `isAlive`, then an ExecutorClient) or dead.
namespace glaux::plugins {

// The unacknowledged reports of an executor that is dead, in order: what it could not deliver. A
// missing spool is an empty one. A last report that was cut short is left out.
tl::expected<std::vector<Report>, Error> readSpool(const std::filesystem::path& session_directory);

}  // namespace glaux::plugins
