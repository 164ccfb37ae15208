// Random commands, from a seed: whatever they are, what the core accepts can be replayed, and what
// core_under_test.h promises holds after each of them. GLAUX_SEED=<n> repeats a failure.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include "api/digest.h"
#include "core_under_test.h"

namespace glaux::core {
namespace {

constexpr int kSteps = 1500;

Policy tightPolicy() {
  Policy policy;
  policy.capacity_dpus = 60;
  policy.default_session_dpus = 8;
  policy.default_idle_timeout_minutes = 2;
  policy.token_retention_ms = 600'000;
  policy.max_queued_calculations = 3;
  policy.engine_versions = {"Containers"};
  return policy;
}

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed) {}

  void step() {
    now_.ms += chance(20) ? below(200'000) : below(3'000);
    if (chance(2)) core_.policy().capacity_dpus = 20 + below(60);
    if (chance(1)) core_.policy().engine_versions.assign(below(2), "Containers");
    if (chance(2)) expectRecoveredAll(core_.restart());
    execute(someCommand());
  }

  // Whatever is under way, time and the end of all processes bring everything to its end.
  void endEverything() {
    now_.ms += 24 * 3'600'000;
    for (const SessionId& id : liveSessions()) execute(TerminateSession{{toText(id)}});
    now_.ms += 24 * 3'600'000;
    for (const SessionId& id : liveSessions()) execute(ReachDeadline{id});
    for (const SessionId& id : liveSessions()) {
      EXPECT_TRUE(core_.state().session(id)->kill_began);
      execute(RecordExecutorGone{id, "killed"});
    }
    execute(
        TerminateSession{{"nobody"}});  // tokens expire with a record, and there may be no other
    EXPECT_TRUE(core_.state().sessions.empty());
    EXPECT_TRUE(core_.state().calculations.empty());
    EXPECT_EQ(core_.state().dpus_in_use, 0);
    EXPECT_TRUE(core_.state().tokens.empty()) << "they have expired";
  }

  const CoreUnderTest& core() const { return core_; }
  const std::set<std::size_t>& eventsSeen() const { return events_seen_; }

 private:
  void execute(const Command& command) {
    std::array<IdBytes, 2> ids = {freshId(), freshId()};
    Step step = core_.execute(command, now_, ids);
    if (!step.verdict) return;
    for (const Event& event : step.verdict->events) {
      events_seen_.insert(event.index());
      if (auto* e = std::get_if<SessionStarted>(&event)) sessions_.push_back(e->session);
      if (auto* e = std::get_if<CalculationSubmitted>(&event))
        calculations_.push_back(e->calculation);
      if (auto* e = std::get_if<CalculationQueued>(&event)) calculations_.push_back(e->calculation);
      if (auto* e = std::get_if<NotebookCreated>(&event)) notebooks_.push_back(e->notebook);
    }
  }

  void expectRecoveredAll(const std::vector<Effect>& wanted) const {
    auto recovered = std::ranges::count_if(wanted, [](const Effect& effect) {
      return std::holds_alternative<RecoverExecutor>(effect);
    });
    EXPECT_EQ(static_cast<std::size_t>(recovered), core_.state().sessions.size());
  }

  Command someCommand() {
    switch (below(20)) {
      case 0:
        return someStartSession();
      case 1:
        if (chance(60)) return someStartSession();
        return TerminateSession{{toText(someSession())}};
      case 2:
      case 3:
      case 4:
        return someStartCalculation();
      case 5:
        return StopCalculation{{toText(someCalculation())}};
      case 6:
        return someWorkGroupCommand();
      case 16:
      case 17:
        return someNotebookCommand();
      case 18:
        return someTagging();
      case 7:
        if (chance(80)) return ReachDeadline{someSession()};
        return RecordExecutorGone{someSession(), "gone"};
      case 8:
        if (chance(80)) return ReachDeadline{someSession()};
        if (chance(50)) return RecordExecutorReplaced{someSession(), "replaced"};
        return RecordExecutorLost{someSession(), "lost"};
      case 9:
        return ReachDeadline{someSession()};
      default:
        return someReports();
    }
  }

  Command someStartSession() {
    StartSession command;
    command.request.work_group = someWorkGroup();
    command.request.copy_work_group_tags = chance(50);
    if (chance(30)) {
      command.request.engine_configuration.additional_configs["NotebookId"] =
          toText(someNotebook());
      command.request.notebook_version = "v";
    }
    if (chance(70))
      command.request.engine_configuration.max_concurrent_dpus =
          static_cast<std::int32_t>(2 + below(chance(95) ? 10 : 100));
    if (chance(10)) command.request.engine_configuration.additional_configs["NotebookId"] = "n";
    if (chance(50)) command.request.notebook_version = "v";
    if (chance(30)) command.request.description = "d";
    if (chance(20)) command.request.tags = {{"k", "v"}, {"k", std::nullopt}};
    if (chance(20)) command.request.monitoring_configuration.emplace();
    command.placement = Placement{"process", "python3"};
    if (chance(5)) command.placement = tl::unexpected(api::errors::validation("no such kernel"));
    command.token = someToken();
    return command;
  }

  Command someStartCalculation() {
    StartCalculation command;
    command.request.session_id = toText(someSession());
    if (chance(95)) command.request.code_block = "1";
    if (command.request.code_block && chance(10)) command.content = someContent();
    if (chance(5)) command.request.calculation_configuration.emplace().code_block = "2";
    command.token = someToken();
    return command;
  }

  Command someWorkGroupCommand() {
    if (chance(50)) return someCreateWorkGroup();
    if (chance(70)) return someUpdateWorkGroup();
    return DeleteWorkGroup{{someWorkGroup(), chance(50)}};
  }

  Command someCreateWorkGroup() {
    CreateWorkGroup command;
    command.request.name = someWorkGroup();
    if (chance(30)) command.request.tags.emplace(below(2), api::Tag{"k", "v"});
    auto& configuration = command.request.configuration.emplace();
    if (chance(80)) configuration.execution_role = "role";
    if (chance(80)) configuration.engine_version.emplace().selected_engine_version = someEngine();
    if (chance(50)) configuration.additional_configuration = someAdditionalConfiguration();
    return command;
  }

  Command someUpdateWorkGroup() {
    UpdateWorkGroup command;
    command.request.work_group = someWorkGroup();
    if (chance(30)) command.request.state = static_cast<api::WorkGroupState>(below(2));
    if (chance(30)) command.request.description = std::to_string(below(3));
    auto& updates = command.request.configuration_updates.emplace();
    if (chance(50)) updates.additional_configuration = someAdditionalConfiguration();
    if (chance(10)) updates.engine_version.emplace().selected_engine_version = someEngine();
    return command;
  }

  std::string someEngine() { return chance(70) ? "PySpark engine version 3" : "Containers"; }

  std::string someAdditionalConfiguration() {
    return std::string(R"({"CalculationMode":")") + (chance(70) ? "queue" : "strict") +
           (chance(30) ? R"(","Network":"none"})" : R"("})");
  }

  Command someNotebookCommand() {
    switch (below(5)) {
      case 0:
        return CreateNotebook{
            {someWorkGroup(), std::to_string(below(10)), std::nullopt}, someContent(), someToken()};
      case 1: {
        ImportNotebook command{{}, someContent(), someToken()};
        command.request.work_group = someWorkGroup();
        command.request.name = std::to_string(below(10));
        return command;
      }
      case 2: {
        UpdateNotebook command{{}, someContent(), someToken()};
        command.request.notebook_id = toText(someNotebook());
        if (chance(50)) command.request.session_id = toText(someSession());
        return command;
      }
      case 3: {
        UpdateNotebookMetadata command{{}, someToken()};
        command.request.notebook_id = toText(someNotebook());
        command.request.name = std::to_string(below(10));
        return command;
      }
      default:
        return DeleteNotebook{{toText(someNotebook())}};
    }
  }

  Command someTagging() {
    std::string arn = "arn:aws:athena:us-east-1:123456789012:workgroup/" + someWorkGroup();
    if (chance(50)) arn += "/session/" + toText(someSession());
    if (chance(50)) return TagResource{{arn, {{std::to_string(below(60)), "v"}}}};
    return UntagResource{{arn, {std::to_string(below(60))}}};
  }

  std::string someWorkGroup() { return chance(40) ? "primary" : "w" + std::to_string(below(4)); }

  Content someContent() {
    if (chance(10)) return tl::unexpected(api::errors::validation("not readable"));
    return api::sha256(std::to_string(below(100)));
  }

  std::optional<IdempotencyToken> someToken() {
    if (chance(60)) return std::nullopt;
    return IdempotencyToken{api::sha256(std::to_string(below(40))),
                            api::sha256(std::to_string(below(2)))};
  }

  Command someReports() {
    ReceiveReports command{someSession(), {}};
    const Session* session = core_.state().session(command.session);
    std::uint64_t number = session ? session->reports_through + 1 : 1;
    if (chance(10)) number -= std::min<std::uint64_t>(number, below(3));
    for (auto left = 1 + below(4); left > 0; --left) {
      command.reports.push_back({number, {now_.ms - 10}, someReport(session)});
      number += chance(95) ? 1 : 2;
    }
    return command;
  }

  report::Body someReport(const Session* session) {
    CalculationId calculation = someCalculation();
    ExecutorId executor{freshId()};
    if (session && session->calculation && chance(90)) calculation = session->calculation->id;
    if (session && chance(80)) executor = session->executors[below(session->executors.size())].id;
    switch (below(10)) {
      case 0:
        return report::ExecutorChanged{.executor = executor,
                                       .type = static_cast<api::ExecutorType>(below(3)),
                                       .state = static_cast<api::ExecutorState>(below(6)),
                                       .dpus = static_cast<std::int64_t>(below(5))};
      case 1:
        return report::CalculationStarted{calculation};
      case 2:
        return report::Progress{calculation, std::to_string(below(100)) + "%"};
      case 3:
        return report::Usage{executor, calculation, below(100'000), below(100'000)};
      case 4:
      case 5:
        return report::CalculationFinished{calculation, static_cast<report::Outcome>(below(3)),
                                           "reason"};
      case 6:
        if (chance(20)) return report::SessionEnded{chance(50), "ended"};
        [[fallthrough]];
      default:
        return report::SessionReady{};
      case 7:
        if (chance(20)) return report::Unknown{};
        if (chance(30)) return report::Degraded{"out of reach"};
        if (chance(40)) return report::Recovered{};
        return report::KernelDied{"died"};
    }
  }

  std::vector<SessionId> liveSessions() const {
    std::vector<SessionId> live;
    for (const SessionId& id : sessions_) {
      if (core_.state().session(id)) live.push_back(id);
    }
    return live;
  }

  // Mostly one of the latest, so mostly a live one; sometimes one that never was.
  SessionId someSession() { return lately(sessions_); }
  CalculationId someCalculation() { return lately(calculations_); }
  NotebookId someNotebook() { return lately(notebooks_); }

  template <class IdType>
  IdType lately(const std::vector<IdType>& all) {
    if (all.empty() || chance(1)) return IdType{freshId()};
    std::size_t back = below(chance(95) ? std::min<std::size_t>(all.size(), 8) : all.size());
    return all[all.size() - 1 - back];
  }

  IdBytes freshId() {
    IdBytes id;
    for (auto& byte : id) byte = static_cast<std::uint8_t>(random_());
    return id;
  }

  std::int64_t below(std::uint64_t limit) { return static_cast<std::int64_t>(random_() % limit); }
  bool chance(int percent) { return below(100) < percent; }

  std::mt19937_64 random_;
  Timestamp now_ = kStart;
  CoreUnderTest core_{tightPolicy(), kStart};
  std::vector<SessionId> sessions_;
  std::vector<CalculationId> calculations_;
  std::vector<NotebookId> notebooks_;
  std::set<std::size_t> events_seen_;
};

std::set<std::size_t> runFrom(std::uint64_t seed) {
  testing::ScopedTrace trace(__FILE__, __LINE__, "GLAUX_SEED=" + std::to_string(seed));
  RandomWorld world(seed);
  for (int i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) {
    world.step();
    if (i % 100 == 0) world.core().expectReplayGivesTheSameState();
  }
  world.endEverything();
  world.core().expectReplayGivesTheSameState();
  return world.eventsSeen();
}

TEST(CoreProperties, HoldForRandomCommands) {
  if (const char* seed = std::getenv("GLAUX_SEED")) {
    runFrom(std::strtoull(seed, nullptr, 10));
    return;
  }
  std::set<std::size_t> events_seen;
  for (std::uint64_t seed = 1; seed <= 6 && !HasFailure(); ++seed) events_seen.merge(runFrom(seed));
  EXPECT_EQ(events_seen.size(), std::variant_size_v<Event>) << "the commands reach every event";
}

}  // namespace
}  // namespace glaux::core
