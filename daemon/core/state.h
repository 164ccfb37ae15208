#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/core/ended_table.h"
#include "daemon/core/events.h"
#include "daemon/core/ids.h"

// What deciding needs, and only that: live sessions in full, a byte for each that ended,
// workgroups, tokens, the quota. A function of the journal: equal records give equal states,
// whatever the machine or the day. Everything clients read comes from the views instead.
namespace glaux::core {

struct Calculation {
  CalculationId id;
  // The record that submitted it; its request holds the code.
  std::uint64_t sequence = 0;
  api::CalculationState state = api::CalculationState::kCreating;
  bool kill_began = false;
  std::int64_t dpu_millis = 0;
  bool operator==(const Calculation&) const = default;
};

struct Executor {
  ExecutorId id;
  api::ExecutorType type = api::ExecutorType::kCoordinator;
  api::ExecutorState state = api::ExecutorState::kCreating;
  std::int64_t dpus = 0;
  std::int64_t dpu_millis = 0;
  bool operator==(const Executor&) const = default;
};

struct Session {
  SessionId id;
  api::SessionState state = api::SessionState::kCreating;
  std::string work_group;
  std::string executor;  // the plugin's name
  std::string kernel;
  std::string engine_version;          // the workgroup's when the session started
  std::optional<std::string> network;  // see SessionStarted
  std::string working_directory;
  std::int64_t dpus = 0;
  std::int64_t idle_timeout_minutes = 0;
  // When something is due if nothing happens first: the start, idleness, stopping code,
  // termination, by state. See ReachDeadline in session.cc.
  std::optional<Timestamp> deadline;
  std::string termination_reason;
  bool kill_began = false;
  bool was_ready = false;  // once, at least: code could run
  // What a DEGRADED session waits for; neither: for the end of an executor that was lost.
  bool awaits_kernel = false;    // a fresh one
  bool awaits_recovery = false;  // the executor's word that all is in reach again
  std::uint64_t reports_through = 0;
  std::vector<Executor> executors;         // the coordinator first
  std::optional<Calculation> calculation;  // the one that is being run
  std::deque<Calculation> queue;           // those that wait for it, the next one first
  std::optional<NotebookId> notebook;      // whose active session this is
  std::vector<api::Tag> tags;
  bool operator==(const Session&) const = default;

  // Whether another executor may take the place of one that died.
  bool mayBeResumed() const;
};

struct WorkGroup {
  api::WorkGroupState state = api::WorkGroupState::kEnabled;
  std::optional<std::string> description;
  api::WorkGroupConfiguration configuration;
  std::vector<api::Tag> tags;
  bool operator==(const WorkGroup&) const = default;

  // What sessions run on; empty in none that was created by the rules.
  std::string engineVersion() const;

  // What its sessions may reach, if it says so.
  std::optional<api::Network> network() const;
};

struct Notebook {
  std::string work_group;
  std::string name;
  std::optional<SessionId> session;  // the active one
  bool operator==(const Notebook&) const = default;
};

struct RememberedToken {
  Digest parameters{};
  IdBytes result{};
  Timestamp expires;
  bool operator==(const RememberedToken&) const = default;
};

struct DigestHash {
  std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t hash;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

struct State {
  std::uint64_t sequence = 0;  // of the last record applied
  std::map<std::string, WorkGroup> work_groups;
  std::unordered_map<NotebookId, Notebook, IdHash> notebooks;
  // By workgroup and name.
  std::map<std::pair<std::string, std::string>, NotebookId> notebook_names;
  std::unordered_map<SessionId, Session, IdHash> sessions;            // live
  std::unordered_map<CalculationId, SessionId, IdHash> calculations;  // live
  EndedTable<SessionId, api::SessionState> ended_sessions;
  EndedTable<CalculationId, api::CalculationState> ended_calculations;
  std::unordered_map<Digest, RememberedToken, DigestHash> tokens;
  std::deque<Digest> tokens_by_expiry;
  std::int64_t dpus_in_use = 0;

  bool operator==(const State&) const = default;

  // Null unless live.
  const Session* session(const SessionId& id) const;
  const Calculation* calculation(const CalculationId& id) const;  // being run, or queued
  const Notebook* notebook(const NotebookId& id) const;

  // Live or ended; nothing if there never was one.
  std::optional<api::SessionState> sessionState(const SessionId& id) const;
  std::optional<api::CalculationState> calculationState(const CalculationId& id) const;
};

// How a session is bound to a notebook: a member of EngineConfiguration.AdditionalConfigs.
inline constexpr std::string_view kNotebookIdConfig = "NotebookId";
std::optional<NotebookId> notebookOf(const api::EngineConfiguration& configuration);

// Where an event stands: the sequence and time of its record.
struct RecordPosition {
  std::uint64_t sequence = 0;
  Timestamp time;
};

// The only way a State changes. Events are taken as true: one that does not fit the state (a
// session that is not there) is a broken invariant and ends the process.
void apply(State& state, const RecordPosition& position, const Event& event);

// To be called once a record, after its events, also for records without any.
void applyRecordEnd(State& state, const RecordPosition& position);

}  // namespace glaux::core
