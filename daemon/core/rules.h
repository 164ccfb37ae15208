#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/decide.h"

// Private to the core: one function a command, in the file of its noun, and what they share.
namespace glaux::core {

struct Situation {
  const State& state;
  const Policy& policy;
  const Stamp& stamp;

  Timestamp in(std::int64_t ms) const { return Timestamp{stamp.now.ms + ms}; }
};

// work_group.cc
Verdict decideCommand(const Situation& at, const CreateWorkGroup& command);
Verdict decideCommand(const Situation& at, const UpdateWorkGroup& command);
Verdict decideCommand(const Situation& at, const DeleteWorkGroup& command);

// tags.cc
Verdict decideCommand(const Situation& at, const TagResource& command);
Verdict decideCommand(const Situation& at, const UntagResource& command);

// `tags` over `base`, by key; in the order of their keys.
tl::expected<std::vector<api::Tag>, api::Error> mergeTags(const std::vector<api::Tag>& base,
                                                          const std::vector<api::Tag>& tags);

// notebook.cc
Verdict decideCommand(const Situation& at, const CreateNotebook& command);
Verdict decideCommand(const Situation& at, const ImportNotebook& command);
Verdict decideCommand(const Situation& at, const UpdateNotebook& command);
Verdict decideCommand(const Situation& at, const UpdateNotebookMetadata& command);
Verdict decideCommand(const Situation& at, const DeleteNotebook& command);

// session.cc
Verdict decideCommand(const Situation& at, const StartSession& command);
Verdict decideCommand(const Situation& at, const TerminateSession& command);
Verdict decideCommand(const Situation& at, const RecordExecutorGone& command);
Verdict decideCommand(const Situation& at, const RecordExecutorLost& command);
Verdict decideCommand(const Situation& at, const RecordExecutorReplaced& command);
Verdict decideCommand(const Situation& at, const ReachDeadline& command);

// calculation.cc
Verdict decideCommand(const Situation& at, const StartCalculation& command);
Verdict decideCommand(const Situation& at, const StopCalculation& command);

// reports.cc
Verdict decideCommand(const Situation& at, const ReceiveReports& command);

// The session is told to end, as TerminateSession does.
Event terminationOf(const Situation& at, const SessionId& session);

// The session ends, and with it the calculations it was running or had queued. TERMINATING sessions
// end TERMINATED, others FAILED with `reason`.
void endSession(const Session& session, const std::string& reason, Timestamp at,
                std::vector<Event>& events);

// token.cc: nothing if the token is new, the earlier result if it is known, an error if it came
// with other parameters.
tl::expected<std::optional<IdBytes>, api::Error> findToken(
    const State& state, const std::optional<IdempotencyToken>& token);
void rememberToken(const Situation& at, const std::optional<IdempotencyToken>& token,
                   const IdBytes& result, std::vector<Event>& events);

// What others say of an end, within the 1024 characters of a StateChangeReason.
std::string fitReason(std::string_view text);

// Texts of StateChangeReason.
inline constexpr const char* kTerminatedPerRequest = "Session was terminated per request";
inline constexpr const char* kCanceledPerRequest = "Calculation was canceled per request";
inline constexpr const char* kFailedWithoutReason = "The code failed; see its stderr.";
inline constexpr const char* kVariablesAreLost =
    " Its variables are lost; the session goes on with a fresh kernel.";
inline constexpr const char* kStoppedWithSession =
    "The code was stopped before its end because its session ended.";

}  // namespace glaux::core
