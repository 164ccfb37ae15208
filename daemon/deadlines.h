#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "api/types.h"
#include "daemon/alarm.h"
#include "daemon/clock.h"
#include "daemon/core/ids.h"

namespace glaux::daemon {

// One pending deadline a session; the core knows whether a reached one still means anything. Times
// are the wall clock's, as in the journal: when the machine's clock is set, deadlines move with it,
// within kRecheckMs.
class Deadlines {
 public:
  using Reached = std::function<void(const core::SessionId&)>;

  Deadlines(Alarms& alarms, const Clock& clock, Reached reached);

  // Replaces the session's deadline.
  void arm(const core::SessionId& session, api::Timestamp at);
  void disarm(const core::SessionId& session);

 private:
  static constexpr std::int64_t kRecheckMs = 30'000;

  void schedule();
  void fire();

  const Clock& clock_;
  Reached reached_;
  std::set<std::pair<api::Timestamp, core::SessionId>> by_time_;
  std::map<core::SessionId, api::Timestamp> by_session_;
  std::unique_ptr<Alarm> alarm_;
};

}  // namespace glaux::daemon
