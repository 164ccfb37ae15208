#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <tl/expected.hpp>

#include "daemon/core/state.h"
#include "daemon/error.h"
#include "daemon/projections/views.h"
#include "journal/journal.h"

namespace glaux::daemon {

// Called now and then during long replays.
using ReplayProgress = std::function<void(std::uint64_t at, std::uint64_t last)>;

// For the log: how the state came back.
struct Restored {
  core::State state;
  core::Timestamp last_time;   // of the last record
  std::uint64_t snapshot = 0;  // 0: none was usable
  std::uint64_t replayed = 0;
  bool views_rebuilt = false;
};

// Brings the state (from the latest snapshot) and the views (from their checkpoint) up to the
// journal's last record. Anything in the journal that is not as it was written is an error that
// names the record: a daemon does not start on half a truth.
tl::expected<Restored, Error> restore(const journal::Journal& journal, Views& views,
                                      const ReplayProgress& progress);

}  // namespace glaux::daemon
