#include "daemon/core/state_codec.h"

#include <gtest/gtest.h>

namespace glaux::core {
namespace {

template <class IdType>
IdType idOf(std::uint64_t number) {
  IdType id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(number * 0x9E3779B97F4A7C15 >> 8 * i);
    id.bytes[8 + i] = static_cast<std::uint8_t>(number >> 8 * i);
  }
  return id;
}

Digest digestOf(std::uint64_t number) {
  Digest digest{};
  for (std::size_t i = 0; i < 8; ++i) digest[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return digest;
}

Session busySession(std::uint64_t number) {
  Session session;
  session.id = idOf<SessionId>(number);
  session.state = api::SessionState::kBusy;
  session.work_group = "primary";
  session.executor = "process";
  session.kernel = "python3";
  session.engine_version = "Python in containers";
  session.network = "none";
  session.working_directory = "s3://glaux/primary/session/x";
  session.dpus = 4;
  session.idle_timeout_minutes = 20;
  session.deadline = Timestamp{123};
  session.termination_reason = "reason";
  session.kill_began = true;
  session.reports_through = 17;
  session.executors = {{.id = idOf<ExecutorId>(number), .dpu_millis = 5},
                       {.id = idOf<ExecutorId>(number + 1),
                        .type = api::ExecutorType::kWorker,
                        .state = api::ExecutorState::kFailed,
                        .dpus = 3,
                        .dpu_millis = 6}};
  session.notebook = idOf<NotebookId>(number);
  session.tags = {{"team", "data"}};
  session.queue = {Calculation{.id = idOf<CalculationId>(number + 500),
                               .sequence = 100,
                               .state = api::CalculationState::kQueued}};
  session.calculation = Calculation{.id = idOf<CalculationId>(number),
                                    .sequence = 99,
                                    .state = api::CalculationState::kCanceling,
                                    .kill_began = true,
                                    .dpu_millis = 7};
  return session;
}

void addBusySession(State& state, std::uint64_t number) {
  Session session = busySession(number);
  state.dpus_in_use += session.dpus;
  state.calculations.emplace(session.calculation->id, session.id);
  state.calculations.emplace(session.queue.front().id, session.id);
  Notebook notebook{"primary", std::to_string(number), session.id};
  state.notebook_names[{notebook.work_group, notebook.name}] = *session.notebook;
  state.notebooks.emplace(*session.notebook, notebook);
  state.sessions.emplace(session.id, session);
}

State stateOf(std::vector<std::uint64_t> numbers) {
  State state;
  state.sequence = 12;
  state.work_groups["primary"].description = "the first";
  state.work_groups["other"].state = api::WorkGroupState::kDisabled;
  state.work_groups["other"].configuration.execution_role = "r";
  state.work_groups["other"].tags = {{"k", "v"}, {"l", ""}};
  for (std::uint64_t number : numbers) {
    addBusySession(state, number);
    state.ended_sessions.emplace(idOf<SessionId>(number + 1000), api::SessionState::kFailed);
    state.ended_calculations.emplace(idOf<CalculationId>(number + 1000),
                                     api::CalculationState::kCompleted);
  }
  for (std::uint64_t number : {3, 1, 2}) {
    state.tokens[digestOf(number)] = {digestOf(number + 1), idOf<SessionId>(number).bytes, {-5}};
    state.tokens_by_expiry.push_back(digestOf(number));
  }
  return state;
}

TEST(StateCodec, StateIsReadAsItWasWritten) {
  State state = stateOf({1, 2, 3});
  auto again = decodeState(encodeState(state));
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_TRUE(*again == state);
  EXPECT_TRUE(*decodeState(encodeState(State{})) == State{});
}

TEST(StateCodec, EqualStatesHaveEqualBytesHoweverTheyCameAbout) {
  State state = stateOf({1, 2, 3, 4, 5});
  State other = stateOf({5, 3, 1, 4, 2});
  other.ended_calculations.reserve(10'000);
  ASSERT_TRUE(state == other);
  EXPECT_EQ(encodeState(state), encodeState(other));
}

TEST(StateCodec, DifferentStatesHaveDifferentBytes) {
  State state = stateOf({1, 2});
  State other = state;
  std::swap(other.tokens_by_expiry[0], other.tokens_by_expiry[1]);
  EXPECT_NE(encodeState(state), encodeState(other));
}

// More than one chunk of a packed list.
TEST(StateCodec, LongHistoriesAreRead) {
  State state;
  constexpr std::uint64_t kEnded = (1 << 16) + 2;
  for (std::uint64_t i = 0; i < kEnded; ++i)
    state.ended_calculations.emplace(idOf<CalculationId>(i), api::CalculationState::kCanceled);
  auto again = decodeState(encodeState(state));
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_EQ(again->ended_calculations.size(), kEnded);
  EXPECT_TRUE(*again == state);
}

TEST(StateCodec, CutOffBytesAreRefused) {
  std::string bytes = encodeState(stateOf({1, 2}));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decodeState(std::string_view(bytes).substr(0, size)).has_value()) << size;
}

}  // namespace
}  // namespace glaux::core
