#include "daemon/core/state_codec.h"

#include <algorithm>
#include <utility>

#include "daemon/core/packed_list.h"
#include "daemon/core/planted_bug.h"
#include "daemon/core/state.capnp.h"
#include "daemon/core/stored.h"
#include "daemon/core/stored_api.h"

namespace glaux::core {
namespace {

static_assert(sameValue(api::SessionState::kCreating, stored::SessionState::CREATING));
static_assert(sameValue(api::SessionState::kCreated, stored::SessionState::CREATED));
static_assert(sameValue(api::SessionState::kIdle, stored::SessionState::IDLE));
static_assert(sameValue(api::SessionState::kBusy, stored::SessionState::BUSY));
static_assert(sameValue(api::SessionState::kTerminating, stored::SessionState::TERMINATING));
static_assert(sameValue(api::SessionState::kTerminated, stored::SessionState::TERMINATED));
static_assert(sameValue(api::SessionState::kDegraded, stored::SessionState::DEGRADED));
static_assert(sameValue(api::SessionState::kFailed, stored::SessionState::FAILED));

static_assert(sameValue(api::CalculationState::kCreating, stored::CalculationState::CREATING));
static_assert(sameValue(api::CalculationState::kCreated, stored::CalculationState::CREATED));
static_assert(sameValue(api::CalculationState::kQueued, stored::CalculationState::QUEUED));
static_assert(sameValue(api::CalculationState::kRunning, stored::CalculationState::RUNNING));
static_assert(sameValue(api::CalculationState::kCanceling, stored::CalculationState::CANCELING));
static_assert(sameValue(api::CalculationState::kCanceled, stored::CalculationState::CANCELED));
static_assert(sameValue(api::CalculationState::kCompleted, stored::CalculationState::COMPLETED));
static_assert(sameValue(api::CalculationState::kFailed, stored::CalculationState::FAILED));

// ---- workgroups

void writeWorkGroups(const State& state, stored::State::Builder out) {
  auto work_groups = out.initWorkGroups(static_cast<unsigned>(state.work_groups.size()));
  unsigned i = 0;
  for (const auto& [name, work_group] : state.work_groups) {
    work_groups[i].setName(asText(name));
    work_groups[i].setState(sameOrdinal(work_group.state, stored::WorkGroupState::DISABLED));
    if (work_group.description) work_groups[i].setDescription(asText(*work_group.description));
    work_groups[i].setConfiguration(asText(api::encode(work_group.configuration)));
    putTags(work_groups[i].initTags(static_cast<unsigned>(work_group.tags.size())),
            work_group.tags);
    ++i;
  }
}

void readWorkGroups(stored::State::Reader in, State& state) {
  for (auto work_group : in.getWorkGroups()) {
    WorkGroup& to = state.work_groups[fromText(work_group.getName())];
    to.state = sameOrdinal(work_group.getState(), api::WorkGroupState::kDisabled);
    if (work_group.hasDescription()) to.description = fromText(work_group.getDescription());
    to.configuration = fromJson<api::WorkGroupConfiguration>(work_group.getConfiguration());
    to.tags = tagsFrom(work_group.getTags());
  }
}

// ---- notebooks

void writeNotebooks(const State& state, stored::State::Builder out) {
  std::vector<NotebookId> sorted;
  sorted.reserve(state.notebooks.size());
  for (const auto& [id, notebook] : state.notebooks) sorted.push_back(id);
  std::ranges::sort(sorted);
  auto notebooks = out.initNotebooks(static_cast<unsigned>(sorted.size()));
  for (unsigned i = 0; i < notebooks.size(); ++i) {
    const Notebook& notebook = state.notebooks.at(sorted[i]);
    putId(notebooks[i].getId(), sorted[i]);
    notebooks[i].setWorkGroup(asText(notebook.work_group));
    notebooks[i].setName(asText(notebook.name));
  }
}

void readNotebooks(stored::State::Reader in, State& state) {
  for (auto stored_notebook : in.getNotebooks()) {
    auto id = idFrom<NotebookId>(stored_notebook.getId());
    Notebook notebook{fromText(stored_notebook.getWorkGroup()), fromText(stored_notebook.getName()),
                      std::nullopt};
    state.notebook_names.emplace(std::pair(notebook.work_group, notebook.name), id);
    state.notebooks.emplace(id, std::move(notebook));
  }
}

// ---- live sessions

void writeExecutor(const Executor& executor, stored::Executor::Builder out) {
  putId(out.getId(), executor.id);
  out.setType(sameOrdinal(executor.type, stored::ExecutorType::WORKER));
  out.setState(sameOrdinal(executor.state, stored::ExecutorState::FAILED));
  out.setDpus(executor.dpus);
  out.setDpuMillis(executor.dpu_millis);
}

Executor readExecutor(stored::Executor::Reader in) {
  return {.id = idFrom<ExecutorId>(in.getId()),
          .type = sameOrdinal(in.getType(), api::ExecutorType::kWorker),
          .state = sameOrdinal(in.getState(), api::ExecutorState::kFailed),
          .dpus = in.getDpus(),
          .dpu_millis = in.getDpuMillis()};
}

void writeCalculation(const Calculation& calculation, stored::Calculation::Builder out) {
  putId(out.getId(), calculation.id);
  out.setSequence(calculation.sequence);
  out.setState(sameOrdinal(calculation.state, stored::CalculationState::FAILED));
  out.setKillBegan(calculation.kill_began);
  out.setDpuMillis(calculation.dpu_millis);
}

Calculation readCalculation(stored::Calculation::Reader in) {
  return {.id = idFrom<CalculationId>(in.getId()),
          .sequence = in.getSequence(),
          .state = sameOrdinal(in.getState(), api::CalculationState::kFailed),
          .kill_began = in.getKillBegan(),
          .dpu_millis = in.getDpuMillis()};
}

void writeSession(const Session& session, stored::Session::Builder out) {
  putId(out.getId(), session.id);
  out.setState(sameOrdinal(session.state, stored::SessionState::FAILED));
  out.setWorkGroup(asText(session.work_group));
  out.setExecutor(asText(session.executor));
  out.setKernel(asText(session.kernel));
  out.setEngineVersion(asText(session.engine_version));
  if (session.network) out.setNetwork(asText(*session.network));
  out.setWorkingDirectory(asText(session.working_directory));
  out.setDpus(session.dpus);
  out.setIdleTimeoutMinutes(session.idle_timeout_minutes);
  if (session.deadline) out.getDeadline().setAt(session.deadline->ms);
  out.setTerminationReason(asText(session.termination_reason));
  out.setKillBegan(session.kill_began);
  out.setAwaitsKernel(session.awaits_kernel);
  out.setAwaitsRecovery(session.awaits_recovery);
  out.setWasReady(session.was_ready);
  out.setReportsThrough(session.reports_through);
  auto executors = out.initExecutors(static_cast<unsigned>(session.executors.size()));
  for (unsigned i = 0; i < executors.size(); ++i) writeExecutor(session.executors[i], executors[i]);
  if (session.calculation) writeCalculation(*session.calculation, out.initCalculation());
  auto queue = out.initQueue(static_cast<unsigned>(session.queue.size()));
  for (unsigned i = 0; i < queue.size(); ++i) writeCalculation(session.queue[i], queue[i]);
  if (session.notebook) putId(out.getNotebook().initId(), *session.notebook);
  putTags(out.initTags(static_cast<unsigned>(session.tags.size())), session.tags);
}

Session readSession(stored::Session::Reader in) {
  Session session;
  session.id = idFrom<SessionId>(in.getId());
  session.state = sameOrdinal(in.getState(), api::SessionState::kFailed);
  session.work_group = fromText(in.getWorkGroup());
  session.executor = fromText(in.getExecutor());
  session.kernel = fromText(in.getKernel());
  session.engine_version = fromText(in.getEngineVersion());
  if (in.hasNetwork()) session.network = fromText(in.getNetwork());
  session.working_directory = fromText(in.getWorkingDirectory());
  session.dpus = in.getDpus();
  session.idle_timeout_minutes = in.getIdleTimeoutMinutes();
  if (in.getDeadline().isAt()) session.deadline = Timestamp{in.getDeadline().getAt()};
  session.termination_reason = fromText(in.getTerminationReason());
  session.kill_began = in.getKillBegan();
  session.awaits_kernel = in.getAwaitsKernel();
  session.awaits_recovery = in.getAwaitsRecovery();
  session.was_ready = in.getWasReady();
  session.reports_through = in.getReportsThrough();
  for (auto executor : in.getExecutors()) session.executors.push_back(readExecutor(executor));
  if (in.hasCalculation()) session.calculation = readCalculation(in.getCalculation());
  for (auto queued : in.getQueue()) session.queue.push_back(readCalculation(queued));
  if (in.getNotebook().isId()) session.notebook = idFrom<NotebookId>(in.getNotebook().getId());
  session.tags = tagsFrom(in.getTags());
  return session;
}

void writeSessions(const State& state, stored::State::Builder out) {
  std::vector<const Session*> sorted;
  sorted.reserve(state.sessions.size());
  for (const auto& [id, session] : state.sessions) sorted.push_back(&session);
  std::ranges::sort(sorted, {}, [](const Session* session) { return session->id; });
  auto sessions = out.initSessions(static_cast<unsigned>(sorted.size()));
  for (unsigned i = 0; i < sessions.size(); ++i) writeSession(*sorted[i], sessions[i]);
}

// A deleted workgroup's notebooks went before their sessions did.
void bindNotebook(const Session& session, State& state) {
  auto notebook = state.notebooks.find(*session.notebook);
  if (notebook != state.notebooks.end()) notebook->second.session = session.id;
}

void readSessions(stored::State::Reader in, State& state) {
  for (auto stored_session : in.getSessions()) {
    Session session = readSession(stored_session);
    state.dpus_in_use += session.dpus;
    if (session.calculation) state.calculations.emplace(session.calculation->id, session.id);
    for (const Calculation& queued : session.queue)
      state.calculations.emplace(queued.id, session.id);
    if (session.notebook) bindNotebook(session, state);
    state.sessions.emplace(session.id, std::move(session));
  }
}

// ---- what ended

using EndedEntry = PackedEntry<17>;

template <class Ended>
std::vector<EndedEntry> packEnded(const Ended& ended) {
  std::vector<EndedEntry> entries;
  entries.reserve(ended.size());
  ended.forEach([&entries](const auto& id, auto outcome) {
    EndedEntry& entry = entries.emplace_back();
    std::ranges::copy(id.bytes, entry.begin());
    entry[16] = static_cast<std::uint8_t>(outcome);
  });
  std::ranges::sort(entries);
  return entries;
}

template <class IdType, class Outcome, class Ended>
void readEnded(capnp::List<capnp::Data>::Reader in, Outcome last, Ended& ended) {
  ended.reserve(packedEntries(in, 17));
  readPacked<17>(in, [&ended, last](const std::uint8_t* entry) {
    IdType id;
    std::copy_n(entry, 16, id.bytes.begin());
    ended.emplace(id, sameOrdinal(entry[16], last));
  });
}

// ---- tokens

using TokenEntry = PackedEntry<88>;

std::vector<TokenEntry> packTokens(const State& state) {
  std::vector<TokenEntry> entries;
  entries.reserve(state.tokens_by_expiry.size());
  for (const Digest& token : state.tokens_by_expiry) {
    const RememberedToken& remembered = state.tokens.at(token);
    auto* at = entries.emplace_back().data();
    at = std::ranges::copy(token, at).out;
    at = std::ranges::copy(remembered.parameters, at).out;
    at = std::ranges::copy(remembered.result, at).out;
    putBigEndian(static_cast<std::uint64_t>(remembered.expires.ms), at);
  }
  return entries;
}

void readTokens(stored::State::Reader in, State& state) {
  state.tokens.reserve(packedEntries(in.getTokens(), 88));
  readPacked<88>(in.getTokens(), [&state](const std::uint8_t* at) {
    Digest token;
    RememberedToken remembered;
    std::copy_n(at, 32, token.begin());
    std::copy_n(at + 32, 32, remembered.parameters.begin());
    std::copy_n(at + 64, 16, remembered.result.begin());
    remembered.expires.ms = static_cast<std::int64_t>(bigEndian(at + 80));
    state.tokens.emplace(token, remembered);
    state.tokens_by_expiry.push_back(token);
  });
}

}  // namespace

std::string encodeState(const State& state) {
  auto ended_sessions = packEnded(state.ended_sessions);
  auto ended_calculations = packEnded(state.ended_calculations);
  auto tokens = packTokens(isPlanted(PlantedBug::kSnapshotsForgetTokens) ? State{} : state);

  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<stored::State>();
  out.setSequence(state.sequence);
  writeWorkGroups(state, out);
  writeNotebooks(state, out);
  writeSessions(state, out);
  writePacked(ended_sessions, out.initEndedSessions(packedChunks(ended_sessions.size())));
  writePacked(ended_calculations,
              out.initEndedCalculations(packedChunks(ended_calculations.size())));
  writePacked(tokens, out.initTokens(packedChunks(tokens.size())));
  return toBytes(message);
}

tl::expected<State, std::string> decodeState(std::string_view bytes) {
  return decoding([bytes] {
    StoredMessage message(bytes);
    auto in = message.root<stored::State>();
    State state;
    state.sequence = in.getSequence();
    readWorkGroups(in, state);
    readNotebooks(in, state);
    readSessions(in, state);
    readEnded<SessionId>(in.getEndedSessions(), api::SessionState::kFailed, state.ended_sessions);
    readEnded<CalculationId>(in.getEndedCalculations(), api::CalculationState::kFailed,
                             state.ended_calculations);
    readTokens(in, state);
    return state;
  });
}

}  // namespace glaux::core
