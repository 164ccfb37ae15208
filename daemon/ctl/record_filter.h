#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "api/types.h"
#include "daemon/core/event_codec.h"
#include "daemon/core/ids.h"
#include "journal/record.h"

namespace glaux::daemon {

// What `glauxctl journal dump` was asked for. Absent criteria let everything pass.
struct RecordCriteria {
  std::optional<core::SessionId> session;
  std::optional<std::string> operation;
  std::optional<api::Timestamp> since;  // inclusive
  std::optional<api::Timestamp> until;  // exclusive
  journal::Sequence from = 1;
};

// Picks records. A record belongs to a session if one of its events, its request, or the resource
// of its rejection names the session or one of the session's calculations. Which calculations those
// are is learned from the records, so all of them from first() on are to be shown, in order.
class RecordFilter {
 public:
  explicit RecordFilter(RecordCriteria criteria) : criteria_(std::move(criteria)) {}

  journal::Sequence first() const { return criteria_.session ? 1 : criteria_.from; }

  // `request` answers what the client sent, and is asked only if that decides.
  bool accepts(const journal::Record& record, const core::RecordBody& body,
               const std::function<std::string()>& request);

  // Of a record whose payload is not understood, only place and time can be judged.
  bool acceptsUnreadable(const journal::Record& record) const;

 private:
  bool acceptsPlace(const journal::Record& record) const;
  // Whether the outcome names the session. Remembers the calculations it gets.
  bool namedByOutcome(const core::RecordBody& body);
  bool namedByRequest(const std::string& request) const;
  bool belongs(const std::string& id_text) const;

  RecordCriteria criteria_;
  std::unordered_set<core::CalculationId, core::IdHash> calculations_;
};

}  // namespace glaux::daemon
