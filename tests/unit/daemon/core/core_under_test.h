#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/core/decide.h"
#include "daemon/core/effects.h"
#include "daemon/core/event_codec.h"
#include "daemon/core/state.h"

// The core as the engine drives it, without the engine: decide, apply, effects, one record a
// command, written and read back. After every step it checks what must always hold, and records a
// GoogleTest failure if it does not.
namespace glaux::core {

inline constexpr Timestamp kStart{1'800'000'000'000};

struct Step {
  Verdict verdict;
  std::vector<Effect> effects;
};

class CoreUnderTest {
 public:
  // Begins with firstEvents(), as record 1, at `start`.
  CoreUnderTest(const Policy& policy, Timestamp start);

  // Takes `ids` as the stamp's fresh ids.
  Step execute(const Command& command, Timestamp now, const std::array<IdBytes, 2>& ids);

  // Goes on with the state rebuilt from all records, and answers what ought to be under way.
  std::vector<Effect> restart();

  const State& state() const { return state_; }
  Policy& policy() { return policy_; }

  // Rebuilds the state from all records; linear in their number, so for the caller to pace.
  void expectReplayGivesTheSameState() const;

 private:
  struct StoredRecord {
    RecordPosition position;
    std::string bytes;
  };

  std::vector<Effect> append(const RecordPosition& position, const RecordBody& body);
  State replayed() const;
  void expectInvariants();
  void expectSessionIsSound(const Session& session) const;
  void expectNotebooksAreSound() const;
  void expectEndedStaysEnded();

  Policy policy_;
  State state_;
  std::vector<StoredRecord> records_;
  EndedTable<SessionId, api::SessionState> ended_sessions_;
  EndedTable<CalculationId, api::CalculationState> ended_calculations_;
};

// The name of a command as a record's operation.
std::string operationOf(const Command& command);

}  // namespace glaux::core
