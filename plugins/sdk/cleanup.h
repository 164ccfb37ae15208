#pragma once

#include <filesystem>

#include "plugins/sdk/executor_main.h"

namespace glaux::plugins {

// The verb `cleanup` of executor.capnp: ends whatever is left of the session in this directory, and
// says on stdout what that was. Returns the exit status.
int cleanUp(const std::filesystem::path& session_directory, bool force, const Plugin& plugin);

}  // namespace glaux::plugins
