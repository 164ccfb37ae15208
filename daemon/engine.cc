#include "daemon/engine.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "daemon/core/check.h"
#include "daemon/core/planted_bug.h"
#include "daemon/core/state_codec.h"
#include "daemon/recorded_request.h"

namespace glaux::daemon {
namespace {

// The record's form of a request that is too long to stand in it.
struct RequestParts {
  std::string inline_bytes;
  std::optional<core::Digest> blob;
  std::vector<journal::Blob> blobs;
};

RequestParts splitRequest(std::string request, const std::optional<core::Digest>& known_digest) {
  if (request.size() <= core::kInlineRequestBytesMax) return {std::move(request), {}, {}};
  journal::Hash digest = known_digest ? journal::Hash{*known_digest} : journal::sha256(request);
  RequestParts parts{{}, digest.bytes, {}};
  parts.blobs.push_back({digest, std::move(request)});
  return parts;
}

std::string takeCodeBlock(api::StartCalculationExecutionRequest& request) {
  if (request.code_block) return std::move(*request.code_block);
  return std::move(request.calculation_configuration->code_block.value());
}

// The records of the daemon's own commands are named after the command.
struct DescribeOrigin {
  Origin operator()(const core::ReceiveReports&) const {
    return by(core::Source::kExecutor, "ReceiveReports");
  }
  Origin operator()(const core::RecordExecutorGone&) const {
    return by(core::Source::kDaemon, "RecordExecutorGone");
  }
  Origin operator()(const core::RecordExecutorLost&) const {
    return by(core::Source::kDaemon, "RecordExecutorLost");
  }
  Origin operator()(const core::RecordExecutorReplaced&) const {
    return by(core::Source::kDaemon, "RecordExecutorReplaced");
  }
  Origin operator()(const core::ReachDeadline&) const {
    return by(core::Source::kDeadline, "ReachDeadline");
  }
  template <class ApiCommand>
  Origin operator()(const ApiCommand&) const {
    core::check(false, "a client's command comes with its origin");
    return {};
  }
  static Origin by(core::Source source, const char* operation) {
    return {source, {}, {}, operation, {}};
  }
};

}  // namespace

Engine::Engine(Edges edges, Settings settings, core::State state, core::Timestamp last_time,
               std::uint64_t last_snapshot)
    : edges_(std::move(edges)),
      settings_(std::move(settings)),
      state_(std::move(state)),
      last_time_(last_time),
      last_snapshot_(last_snapshot) {}

void Engine::submit(core::Command command, Origin origin, Reply reply) {
  if (auto because = refusal(origin.source)) return reply(tl::unexpected(*because));
  core::Stamp stamped = stamp();
  core::Verdict verdict = decide(state_, settings_.policy, stamped, command);
  commit(stamped, std::move(origin), std::move(verdict), std::move(reply));
  keepCode(stamped.sequence, command);
}

void Engine::submit(core::Command command) {
  Origin origin = std::visit(DescribeOrigin{}, command);
  if (refusal(origin.source)) return;
  core::Stamp stamped = stamp();
  core::Verdict verdict = decide(state_, settings_.policy, stamped, command);
  if (verdict && !verdict->events.empty()) commit(stamped, std::move(origin), std::move(verdict));
}

void Engine::recordFirstEvents() {
  commit(stamp(), {core::Source::kDaemon, {}, {}, "BeginJournal", {}},
         core::Decision{core::firstEvents(), {}});
}

void Engine::recordRead(Origin origin) {
  if (!refusal(origin.source)) commit(stamp(), std::move(origin), core::Decision{});
}

// From here on the state has moved; the gate in onDurable() holds back everything else.
void Engine::commit(const core::Stamp& stamp, Origin origin, core::Verdict verdict, Reply reply) {
  ++commands_;
  if (!verdict) ++rejections_;
  Pending pending;
  pending.position = record(stamp, std::move(origin), verdict);
  pending.verdict = std::move(verdict);
  pending.reply = std::move(reply);
  if (pending.verdict) applyEvents(pending.position, pending.verdict->events, pending.effects);
  applyRecordEnd(state_, pending.position);
  if (isPlanted(core::PlantedBug::kRepliesAreNotHeldBack) && pending.reply)
    std::exchange(pending.reply, nullptr)(pending.verdict);
  if (isPlanted(core::PlantedBug::kEffectsAreNotHeldBack)) {
    for (const core::Effect& effect : std::exchange(pending.effects, {})) edges_.perform(effect);
  }
  pending_.push_back(std::move(pending));
  snapshotIfDue();
}

std::optional<api::Error> Engine::refusal(core::Source source) const {
  if (has_failed_)
    return api::errors::internal("Nothing can be written any more; glauxd is ending.");
  if (source != core::Source::kApi) return std::nullopt;
  if (refusal_) return refusal_;
  if (edges_.journal.pendingBytes() > settings_.max_pending_bytes) return api::errors::throttled();
  return std::nullopt;
}

// Time never runs backwards within a journal, whatever is done to the machine's clock.
core::Stamp Engine::stamp() {
  core::Stamp stamp;
  stamp.sequence = state_.sequence + 1;
  last_time_.ms = std::max(last_time_.ms, edges_.clock.nowMs());
  if (isPlanted(core::PlantedBug::kTimeRunsBackwards)) last_time_.ms = edges_.clock.nowMs();
  stamp.now = last_time_;
  for (core::IdBytes& id : stamp.ids) edges_.entropy.fill(id);
  return stamp;
}

core::RecordPosition Engine::record(const core::Stamp& stamp, Origin origin,
                                    core::Verdict& verdict) {
  RequestParts request = splitRequest(std::move(origin.request), origin.request_digest);
  if (origin.blob && verdict && !verdict->events.empty())
    request.blobs.push_back(std::move(*origin.blob));
  core::RecordBody body;
  body.source = origin.source;
  body.principal = std::move(origin.principal);
  body.request_id = std::move(origin.request_id);
  body.operation = std::move(origin.operation);
  body.request = std::move(request.inline_bytes);
  body.request_blob = request.blob;
  if (verdict) {
    body.outcome = std::move(verdict->events);
  } else {
    body.outcome = tl::unexpected(core::rejectionText(verdict.error()));
  }
  journal::Draft draft;
  draft.time_ms = stamp.now.ms;
  draft.kind = core::kRecordKind;
  draft.version = core::kRecordVersion;
  draft.payload = encodeRecord(body);
  draft.blobs = std::move(request.blobs);
  if (verdict) verdict->events = std::move(*body.outcome);
  journal::Sequence sequence = edges_.journal.append(std::move(draft));
  core::check(sequence == stamp.sequence, "the journal numbers records as the state does");
  return {stamp.sequence, stamp.now};
}

void Engine::applyEvents(const core::RecordPosition& position,
                         const std::vector<core::Event>& events,
                         std::vector<core::Effect>& effects) {
  for (const core::Event& event : events) {
    apply(state_, position, event);
    effectsOf(event, state_, effects);
  }
}

void Engine::keepCode(std::uint64_t sequence, core::Command& command) {
  auto* start = std::get_if<core::StartCalculation>(&command);
  // Code that came from an object is in the journal's blobs only.
  if (start == nullptr || start->content) return;
  const auto id = core::parseId<core::SessionId>(start->request.session_id);
  const core::Session* session = id ? state_.session(*id) : nullptr;
  if (session == nullptr || !session->calculation || session->calculation->sequence != sequence)
    return;
  code_.emplace(sequence, takeCodeBlock(start->request));
}

tl::expected<std::string, std::string> Engine::code(std::uint64_t sequence) {
  if (isPlanted(core::PlantedBug::kCodeIsMixedUp) && !code_.empty())
    sequence = code_.begin()->first;
  if (auto kept = code_.extract(sequence)) return std::move(kept.mapped());
  return codeOfRecord(edges_.journal, sequence);
}

// ---- the gate

void Engine::onDurable(const journal::Durable& durable) {
  std::vector<Pending> released;
  while (!pending_.empty() && pending_.front().position.sequence <= durable.through) {
    released.push_back(std::move(pending_.front()));
    pending_.pop_front();
  }
  if (!released.empty()) release(std::move(released));
  if (durable.failure && !has_failed_) fail(*durable.failure);
}

void Engine::release(std::vector<Pending> released) {
  if (isPlanted(core::PlantedBug::kViewsFollowTheReplies)) {
    for (Pending& each : released) {
      if (each.reply) std::exchange(each.reply, nullptr)(each.verdict);
    }
  }
  for (const Pending& each : released) {
    if (!each.verdict) continue;
    for (const core::Event& event : each.verdict->events)
      edges_.views.project(each.position, event);
  }
  std::uint64_t through = released.back().position.sequence;
  if (isPlanted(core::PlantedBug::kViewsAreAheadOfThemselves)) through = state_.sequence;
  auto committed = edges_.views.commit(through);
  if (!committed) {
    for (Pending& each : released)
      refuse(each, "The command is durable and cannot be shown: " + committed.error().message);
    return fail(committed.error());
  }
  for (Pending& each : released) {
    if (each.reply) each.reply(each.verdict);
  }
  for (const Pending& each : released) {
    for (const core::Effect& effect : each.effects) edges_.perform(effect);
  }
}

void Engine::fail(const journal::Error& error) {
  has_failed_ = true;
  for (Pending& each : std::exchange(pending_, {}))
    refuse(each, "It is not known whether the command is durable: " + error.message);
  edges_.on_failure(error);
}

void Engine::refuse(Pending& pending, const std::string& why) {
  if (pending.reply) pending.reply(core::Verdict{tl::unexpected(api::errors::internal(why))});
}

void Engine::resume() {
  for (const core::Effect& effect : outstanding(state_)) edges_.perform(effect);
}

void Engine::snapshotIfDue() {
  if (state_.sequence - last_snapshot_ >= settings_.snapshot_records) snapshot();
}

// The journal keeps a snapshot back until the records before it are on disk. The views go to disk
// at the same pace, so that a start after a crash replays as little for them as for the state.
void Engine::snapshot() {
  if (state_.sequence == last_snapshot_) return;
  last_snapshot_ = state_.sequence;
  edges_.journal.writeSnapshot(state_.sequence, core::kStateCodecVersion, encodeState(state_));
  if (auto flushed = edges_.views.flush(); !flushed) fail(flushed.error());
}

}  // namespace glaux::daemon
