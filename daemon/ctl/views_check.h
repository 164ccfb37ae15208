#pragma once

#include <filesystem>
#include <tl/expected.hpp>

#include "daemon/ctl/check_report.h"
#include "journal/error.h"

namespace glaux::daemon {

// Rebuilds the views from the records, as far as the stored ones go, in a journal of its own in the
// directory `scratch`, and compares the two row by row. Beside a running daemon the stored ones
// are those it flushed last. A contradiction among the events ends the process, see runGuarded().
// An Error means that it could not be checked.
tl::expected<void, journal::Error> checkViews(const std::filesystem::path& state_directory,
                                              const std::filesystem::path& scratch,
                                              CheckReport& report);

}  // namespace glaux::daemon
