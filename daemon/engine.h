#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "daemon/clock.h"
#include "daemon/core/commands.h"
#include "daemon/core/decide.h"
#include "daemon/core/effects.h"
#include "daemon/core/event_codec.h"
#include "daemon/core/state.h"
#include "daemon/entropy.h"
#include "daemon/projections/views.h"
#include "journal/journal.h"

namespace glaux::daemon {

// Where a command came from, for its record.
struct Origin {
  core::Source source = core::Source::kDaemon;
  std::string principal;
  std::string request_id;
  std::string operation;
  std::string request;  // as the client sent it
  // Of `request`, if it has been computed already; it is, of one that is too long for its record.
  std::optional<core::Digest> request_digest = {};
  // What the command's content stands in, to be kept with the record if that comes to something.
  std::optional<journal::Blob> blob = {};
};

// Runs commands through the core and the journal, and is the output gate: the state moves on at
// once, but nobody learns of it - no reply, no view, no effect - before the record it rests on is
// on disk. Then, in this order: views, so that a client reads its own writes; replies; effects.
//
// One thread. Everything outside comes in through the constructor.
class Engine {
 public:
  struct Edges {
    const Clock& clock;
    Entropy& entropy;
    journal::Journal& journal;
    Views& views;
    // Carries out an effect. May submit commands.
    std::function<void(const core::Effect&)> perform;
    // The journal has failed and nothing will become durable any more, or its views cannot be
    // written. Called once; the process is expected to end, and to start anew.
    std::function<void(const journal::Error&)> on_failure;
  };

  struct Settings {
    core::Policy policy;
    std::uint64_t snapshot_records = 25'000;
    // More than this appended and not yet on disk: clients are told to slow down.
    std::size_t max_pending_bytes = std::size_t{64} << 20;
  };

  using Reply = std::function<void(const core::Verdict&)>;

  // `state` and the views are those of the journal's last record, which is of `last_time`, and
  // `last_snapshot` is the record of the snapshot that the next start would begin from.
  Engine(Edges edges, Settings settings, core::State state, core::Timestamp last_time,
         std::uint64_t last_snapshot);

  // A client's command: decides, and records what came of it, refused or not. `reply` is called
  // once, from a later turn, or at once if the engine takes no commands.
  void submit(core::Command command, Origin origin, Reply reply);

  // A command of the daemon's own. Leaves no record if nothing changes.
  void submit(core::Command command);

  // What a new journal begins with.
  void recordFirstEvents();

  // Records that something was read, for the audit.
  void recordRead(Origin origin);

  // To be called on the loop's thread with what the journal said.
  void onDurable(const journal::Durable& durable);

  // Commands of clients are refused with this error until it is taken back: the disk is nearly
  // full. What executors report is still recorded, from the space that is left.
  void refuseCommands(std::optional<api::Error> because) { refusal_ = std::move(because); }
  bool isRefusing() const { return refusal_.has_value(); }
  std::optional<std::string> refusalText() const {
    return refusal_ ? std::optional(refusal_->message) : std::nullopt;
  }

  // The code of a calculation that was submitted by the record `sequence`.
  tl::expected<std::string, std::string> code(std::uint64_t sequence);

  // For decisions from now on.
  void usePolicy(core::Policy policy) { settings_.policy = std::move(policy); }
  const core::Policy& policy() const { return settings_.policy; }

  // What ought to be under way; at start-up, once all edges are ready.
  void resume();

  // Saves the next start its replay: at the end of an orderly run.
  void snapshot();

  const core::State& state() const { return state_; }
  bool hasFailed() const { return has_failed_; }
  std::uint64_t commands() const { return commands_; }
  std::uint64_t rejections() const { return rejections_; }
  std::size_t pending() const { return pending_.size(); }

 private:
  struct Pending {
    core::RecordPosition position;
    core::Verdict verdict;
    Reply reply;
    std::vector<core::Effect> effects;
  };

  core::Stamp stamp();
  std::optional<api::Error> refusal(core::Source source) const;
  void commit(const core::Stamp& stamp, Origin origin, core::Verdict verdict,
              Reply reply = nullptr);
  core::RecordPosition record(const core::Stamp& stamp, Origin origin, core::Verdict& verdict);
  void applyEvents(const core::RecordPosition& position, const std::vector<core::Event>& events,
                   std::vector<core::Effect>& effects);
  void keepCode(std::uint64_t sequence, core::Command& command);
  void release(std::vector<Pending> released);
  void snapshotIfDue();
  void fail(const journal::Error& error);
  static void refuse(Pending& pending, const std::string& why);

  Edges edges_;
  Settings settings_;
  core::State state_;
  core::Timestamp last_time_;
  std::deque<Pending> pending_;
  // From submission until the executor has it; a daemon that was restarted reads it back.
  std::unordered_map<std::uint64_t, std::string> code_;
  std::optional<api::Error> refusal_;
  std::uint64_t last_snapshot_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t rejections_ = 0;
  bool has_failed_ = false;
};

}  // namespace glaux::daemon
