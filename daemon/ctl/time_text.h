#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/types.h"

// Moments as people write and read them.
namespace glaux::daemon {

// ISO 8601, UTC, with milliseconds: "2026-11-21T08:30:00.125Z".
std::string timeText(api::Timestamp time);

// Reads "2026-11-21", "2026-11-21T08:30", "2026-11-21T08:30:00.125", each of them also with a space
// for the T and with "Z" or an offset ("+01:00") at its end, or seconds since the epoch
// ("1795249800", "1795249800.125"). Without an offset it is UTC. Digits behind the milliseconds are
// dropped.
std::optional<api::Timestamp> parseTimeText(std::string_view text);

}  // namespace glaux::daemon
