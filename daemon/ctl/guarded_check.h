#pragma once

#include <csignal>
#include <functional>
#include <tl/expected.hpp>

#include "journal/error.h"

namespace glaux::daemon {

using Check = std::function<tl::expected<void, journal::Error>()>;

// How a check ended. What it found is in its report.
struct CheckEnd {
  enum class Kind {
    kDone,
    kNoJournal,  // said on stderr
    kFailed,     // the environment did not allow it; said on stderr
    kBroken,     // a broken invariant ended it, and was named on stderr
    kKilled,     // another signal did
  };
  Kind kind;
  int signal = 0;
};

// Runs `check` in a process of its own. Applying an event that contradicts the state ends the
// process that does it (core::check), as it should; so whoever wants to know about journals that
// hold such events has to look from outside.
//
// The calling process must not have opened a journal before: RocksDB's threads do not survive a
// fork.
CheckEnd runGuarded(const Check& check);

}  // namespace glaux::daemon
