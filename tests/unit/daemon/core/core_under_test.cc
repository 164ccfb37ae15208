#include "core_under_test.h"

#include <gtest/gtest.h>

#include "daemon/core/state_codec.h"

namespace glaux::core {
namespace {

using api::CalculationState;
using api::SessionState;

struct OperationName {
  std::string operator()(const StartSession&) { return "StartSession"; }
  std::string operator()(const TerminateSession&) { return "TerminateSession"; }
  std::string operator()(const StartCalculation&) { return "StartCalculationExecution"; }
  std::string operator()(const StopCalculation&) { return "StopCalculationExecution"; }
  std::string operator()(const CreateWorkGroup&) { return "CreateWorkGroup"; }
  std::string operator()(const UpdateWorkGroup&) { return "UpdateWorkGroup"; }
  std::string operator()(const DeleteWorkGroup&) { return "DeleteWorkGroup"; }
  std::string operator()(const TagResource&) { return "TagResource"; }
  std::string operator()(const UntagResource&) { return "UntagResource"; }
  std::string operator()(const CreateNotebook&) { return "CreateNotebook"; }
  std::string operator()(const ImportNotebook&) { return "ImportNotebook"; }
  std::string operator()(const UpdateNotebook&) { return "UpdateNotebook"; }
  std::string operator()(const UpdateNotebookMetadata&) { return "UpdateNotebookMetadata"; }
  std::string operator()(const DeleteNotebook&) { return "DeleteNotebook"; }
  std::string operator()(const ReceiveReports&) { return "ReceiveReports"; }
  std::string operator()(const RecordExecutorGone&) { return "RecordExecutorGone"; }
  std::string operator()(const RecordExecutorLost&) { return "RecordExecutorLost"; }
  std::string operator()(const RecordExecutorReplaced&) { return "RecordExecutorReplaced"; }
  std::string operator()(const ReachDeadline&) { return "ReachDeadline"; }
};

void expectRoundTrip(const RecordBody& body, const std::string& bytes) {
  auto decoded = decodeRecord(bytes);
  ASSERT_TRUE(decoded.has_value()) << decoded.error();
  EXPECT_EQ(*decoded, body) << "a record is not read back as it was written";
}

void expectRoundTrip(const State& state) {
  std::string bytes = encodeState(state);
  auto decoded = decodeState(bytes);
  ASSERT_TRUE(decoded.has_value()) << decoded.error();
  EXPECT_TRUE(*decoded == state) << "a state is not read back as it was written";
  EXPECT_EQ(encodeState(*decoded), bytes) << "equal states have different bytes";
}

}  // namespace

std::string operationOf(const Command& command) { return std::visit(OperationName(), command); }

CoreUnderTest::CoreUnderTest(const Policy& policy, Timestamp start) : policy_(policy) {
  append({1, start}, {.source = Source::kDaemon,
                      .principal = {},
                      .request_id = {},
                      .operation = "OpenJournal",
                      .request = {},
                      .request_blob = {},
                      .outcome = firstEvents()});
}

Step CoreUnderTest::execute(const Command& command, Timestamp now,
                            const std::array<IdBytes, 2>& ids) {
  Stamp stamp{.sequence = state_.sequence + 1, .now = now, .ids = ids};
  State before = state_;
  Step step{decide(state_, policy_, stamp, command), {}};
  EXPECT_TRUE(before == state_) << "decide() changed the state";

  RecordBody body;
  body.operation = operationOf(command);
  body.request = "{\"Sent\":\"by the client\"}";
  if (step.verdict) {
    body.outcome = step.verdict->events;
  } else {
    body.outcome = tl::unexpected(rejectionText(step.verdict.error()));
  }
  step.effects = append({stamp.sequence, now}, body);
  expectInvariants();
  return step;
}

std::vector<Effect> CoreUnderTest::append(const RecordPosition& position, const RecordBody& body) {
  std::vector<Effect> effects;
  if (body.outcome) {
    for (const Event& event : *body.outcome) {
      apply(state_, position, event);
      effectsOf(event, state_, effects);
    }
  }
  applyRecordEnd(state_, position);
  records_.push_back({position, encodeRecord(body)});
  expectRoundTrip(body, records_.back().bytes);
  return effects;
}

State CoreUnderTest::replayed() const {
  State state;
  for (const StoredRecord& record : records_) {
    auto visited = visitEvents(record.bytes,
                               [&](const Event& event) { apply(state, record.position, event); });
    EXPECT_TRUE(visited.has_value()) << visited.error();
    applyRecordEnd(state, record.position);
  }
  return state;
}

std::vector<Effect> CoreUnderTest::restart() {
  state_ = replayed();
  return outstanding(state_);
}

void CoreUnderTest::expectReplayGivesTheSameState() const {
  State again = replayed();
  EXPECT_TRUE(again == state_) << "replaying the records gives another state";
  EXPECT_EQ(encodeState(again), encodeState(state_));
}

void CoreUnderTest::expectInvariants() {
  expectRoundTrip(state_);
  std::int64_t dpus = 0;
  std::size_t calculations = 0;
  for (const auto& [id, session] : state_.sessions) {
    dpus += session.dpus;
    calculations += session.calculation.has_value() + session.queue.size();
    EXPECT_EQ(id, session.id);
    expectSessionIsSound(session);
  }
  EXPECT_EQ(state_.dpus_in_use, dpus) << "DPUs in use are those of the live sessions";
  EXPECT_EQ(state_.calculations.size(), calculations);
  EXPECT_EQ(state_.tokens.size(), state_.tokens_by_expiry.size());
  expectNotebooksAreSound();
  expectEndedStaysEnded();
}

void CoreUnderTest::expectSessionIsSound(const Session& session) const {
  EXPECT_NE(session.state, SessionState::kTerminated);
  EXPECT_NE(session.state, SessionState::kFailed);
  EXPECT_FALSE(state_.ended_sessions.contains(session.id));
  EXPECT_FALSE(session.state == SessionState::kIdle && session.calculation);
  EXPECT_FALSE(session.state == SessionState::kIdle && session.kill_began);

  bool code_runs = session.calculation && session.state == SessionState::kBusy &&
                   session.calculation->state != CalculationState::kCanceling;
  EXPECT_TRUE(session.deadline || session.kill_began || code_runs)
      << "nothing would ever end this session";
  EXPECT_FALSE(session.deadline && code_runs) << "running code has no deadline";

  EXPECT_FALSE(session.state == SessionState::kIdle && !session.queue.empty())
      << "nothing would ever begin what is queued";
  for (const Calculation& queued : session.queue) {
    EXPECT_EQ(queued.state, CalculationState::kQueued);
    EXPECT_EQ(state_.calculation(queued.id), &queued);
  }
  if (!session.calculation) return;
  auto owner = state_.calculations.find(session.calculation->id);
  ASSERT_TRUE(owner != state_.calculations.end());
  EXPECT_EQ(owner->second, session.id);
  EXPECT_FALSE(state_.ended_calculations.contains(session.calculation->id));
}

void CoreUnderTest::expectNotebooksAreSound() const {
  EXPECT_EQ(state_.notebooks.size(), state_.notebook_names.size());
  for (const auto& [id, notebook] : state_.notebooks) {
    EXPECT_TRUE(state_.work_groups.contains(notebook.work_group));
    EXPECT_EQ(state_.notebook_names.at({notebook.work_group, notebook.name}), id);
    if (!notebook.session) continue;
    const Session* session = state_.session(*notebook.session);
    ASSERT_TRUE(session != nullptr) << "a notebook's active session is live";
    EXPECT_EQ(session->notebook, id);
  }
}

void CoreUnderTest::expectEndedStaysEnded() {
  ended_sessions_.forEach([this](const SessionId& id, api::SessionState outcome) {
    EXPECT_EQ(state_.sessionState(id), outcome) << "an ended session changed";
  });
  ended_calculations_.forEach([this](const CalculationId& id, CalculationState outcome) {
    EXPECT_EQ(state_.calculationState(id), outcome) << "an ended calculation changed";
  });
  ended_sessions_ = state_.ended_sessions;
  ended_calculations_ = state_.ended_calculations;
}

}  // namespace glaux::core
