#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "daemon/core/event_codec.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/views.h"
#include "journal/hash.h"
#include "journal/record.h"

namespace glaux::simulation {

// What the records on disk tell, understood a second time and more simply than the core does: it
// takes every record as it becomes durable, holds each state to the arrows of the API's state
// machines, and throws BrokenPromise when one leads elsewhere. It outlives the daemons.
class History {
 public:
  explicit History(std::int64_t capacity_dpus) : capacity_dpus_(capacity_dpus) {}

  void observe(const journal::Record& record);

  // To be told of every record, before it is judged.
  std::function<void(const journal::Record&)> on_record;

  std::uint64_t last() const { return last_; }
  // Over all records so far: equal histories have equal digests.
  const journal::Hash& digest() const { return digest_; }

  struct Session {
    api::SessionState state = api::SessionState::kCreating;
    std::int64_t dpus = 0;
    std::int64_t dpu_millis = 0;
    std::uint64_t reports_through = 0;
    bool kill_began = false;
    bool is_out_of_reach = false;  // DEGRADED, and may recover
    std::optional<core::CalculationId> calculation;
    bool isLive() const;
  };
  struct Calculation {
    core::SessionId session;
    api::CalculationState state = api::CalculationState::kCreating;
    std::int64_t dpu_millis = 0;
    bool isLive() const;
  };

  const std::map<core::SessionId, Session>& sessions() const { return sessions_; }
  const std::map<core::CalculationId, Calculation>& calculations() const { return calculations_; }
  bool knows(const core::SessionId& id) const { return sessions_.contains(id); }
  bool knows(const core::CalculationId& id) const { return calculations_.contains(id); }

  // What a daemon that has come this far decides with, and what it answers from, say the same.
  void expectIn(const core::State& state) const;
  void expectIn(const daemon::Views& views) const;

 private:
  struct Observer;

  Session& live(const core::SessionId& id, const char* event);
  Calculation& live(const core::CalculationId& id, const char* event);

  const std::int64_t capacity_dpus_;
  std::uint64_t last_ = 0;
  std::int64_t last_time_ms_ = 0;
  journal::Hash digest_;
  std::map<core::SessionId, Session> sessions_;
  std::map<core::CalculationId, Calculation> calculations_;
};

}  // namespace glaux::simulation
