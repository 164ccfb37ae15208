#pragma once

#include <cstdint>
#include <functional>

#include "daemon/engine.h"

namespace glaux::bench {

// Submits the life of sessions, one after the other, until the engine has `records` records: each
// starts, runs kCalculationsPerSession calculations with code of realistic length and reports of
// its executor in between, and is terminated. Everything ends, so that a daemon that starts on the
// journal has nothing to clear up.
//
// `between` is called after every command.
void submitHistory(daemon::Engine& engine, std::uint64_t records,
                   const std::function<void()>& between);

inline constexpr int kCalculationsPerSession = 24;

}  // namespace glaux::bench
