#pragma once

#include <filesystem>
#include <tl/expected.hpp>

#include "daemon/ctl/check_report.h"
#include "journal/error.h"

// The checks of `glauxctl journal verify` on the journal itself. Each opens the state directory
// read-only; an Error means that it could not be checked.
namespace glaux::daemon {

// Every record is there, has its leaf hash and decodes; the blobs they refer to are there and have
// their digests; the journal reaches as far as HEAD says.
tl::expected<void, journal::Error> checkRecords(const std::filesystem::path& state_directory,
                                                CheckReport& report);

// The events fit each other: applied one after the other they give a state (a contradiction ends
// the process, see runGuarded()), and that state is what the latest snapshot holds. Goes as far as
// the records are sound.
tl::expected<void, journal::Error> checkState(const std::filesystem::path& state_directory,
                                              CheckReport& report);

}  // namespace glaux::daemon
