#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/error.h"

namespace glaux::daemon {

// Runs a program to its end and returns what it printed on stdout, 1 MiB at most. Blocks for
// `timeout_ms` at most and then kills it. Fails unless it exits with 0. Any thread.
tl::expected<std::string, Error> commandOutput(const std::filesystem::path& executable,
                                               const std::vector<std::string>& arguments,
                                               int timeout_ms);

}  // namespace glaux::daemon
