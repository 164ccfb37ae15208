#include "daemon/deadlines.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/core/planted_bug.h"

namespace glaux::daemon {

Deadlines::Deadlines(Alarms& alarms, const Clock& clock, Reached reached)
    : clock_(clock), reached_(std::move(reached)), alarm_(alarms.make([this] { fire(); })) {}

void Deadlines::arm(const core::SessionId& session, api::Timestamp at) {
  bool was_first = by_time_.empty() || at < by_time_.begin()->first;
  auto [known, is_new] = by_session_.try_emplace(session, at);
  if (!is_new && isPlanted(core::PlantedBug::kRearmedDeadlinesAreLost)) return;
  if (!is_new) {
    by_time_.erase({known->second, session});
    known->second = at;
  }
  by_time_.emplace(at, session);
  if (was_first) schedule();
}

void Deadlines::disarm(const core::SessionId& session) {
  auto known = by_session_.find(session);
  if (known == by_session_.end()) return;
  by_time_.erase({known->second, session});
  by_session_.erase(known);
}

void Deadlines::schedule() {
  if (by_time_.empty()) return alarm_->stop();
  std::int64_t wait_ms = by_time_.begin()->first.ms - clock_.nowMs();
  alarm_->start(static_cast<std::uint64_t>(std::clamp<std::int64_t>(wait_ms, 0, kRecheckMs)));
}

void Deadlines::fire() {
  std::vector<core::SessionId> due;
  std::int64_t now_ms = clock_.nowMs();
  while (!by_time_.empty() && by_time_.begin()->first.ms <= now_ms) {
    due.push_back(by_time_.begin()->second);
    disarm(due.back());
  }
  for (const core::SessionId& session : due) reached_(session);
  schedule();
}

}  // namespace glaux::daemon
