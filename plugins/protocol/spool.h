#pragma once

#include <filesystem>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"
#include "plugins/protocol/reports.h"

namespace glaux::plugins {

// The file `spool` of a session directory: the unacknowledged reports of its executor, in order. Of
// one that is dead it is what it could not deliver. A missing spool is an empty one. A last report
// that was cut short is left out.
tl::expected<std::vector<Report>, Error> readSpool(const std::filesystem::path& session_directory);

}  // namespace glaux::plugins
