#include "tests/bench/journal_history.h"

#include <string>
#include <utility>
#include <vector>

#include "daemon/core/commands.h"
#include "daemon/core/ids.h"

namespace glaux::bench {
namespace {

constexpr const char* kCode =
    "from pathlib import Path\\nfrom collections import Counter\\n"
    "words = Counter(Path('/usr/share/common-licenses/GPL-3').read_text().split())\\n"
    "print(words.most_common(10))\\n";

constexpr core::Timestamp kReportedAt{1'767'225'600'000};

// One session's life as commands. Its executor reports in batches, as a busy one does: that code
// began and how it ended often arrive together.
class SessionLife {
 public:
  SessionLife(daemon::Engine& engine, const std::function<void()>& between)
      : engine_(engine), between_(between) {}

  void live() {
    start();
    report({core::report::ExecutorChanged{coordinator_, api::ExecutorType::kCoordinator,
                                          api::ExecutorState::kRegistered, 1},
            core::report::SessionReady{}});
    for (int i = 0; i < kCalculationsPerSession; ++i) calculate();
    terminate();
    report({core::report::SessionEnded{true, "stopped"}});
  }

 private:
  void start() {
    api::StartSessionRequest request;
    request.work_group = "primary";
    request.engine_configuration.max_concurrent_dpus = 2;
    submit(core::StartSession{std::move(request), core::Placement{"process", "python3"}, {}},
           "StartSession",
           R"({"WorkGroup":"primary","EngineConfiguration":{"MaxConcurrentDpus":2}})");
    const core::Session& session = engine_.state().sessions.begin()->second;  // the only live one
    session_ = session.id;
    coordinator_ = session.executors.front().id;
  }

  void calculate() {
    api::StartCalculationExecutionRequest request;
    request.session_id = toText(session_);
    request.code_block = kCode;
    submit(core::StartCalculation{std::move(request), {}}, "StartCalculationExecution",
           R"({"SessionId":")" + toText(session_) + R"(","CodeBlock":")" + kCode + R"("})");
    core::CalculationId id = engine_.state().session(session_)->calculation->id;
    report({core::report::CalculationStarted{id}});
    dpu_millis_ += 40;
    core::report::Usage usage{coordinator_, id, dpu_millis_, 40};
    report({core::report::CalculationFinished{id, core::report::Outcome::kCompleted, {}, usage}});
  }

  void terminate() {
    api::TerminateSessionRequest request{toText(session_)};
    submit(core::TerminateSession{std::move(request)}, "TerminateSession",
           R"({"SessionId":")" + toText(session_) + R"("})");
  }

  void submit(core::Command command, const char* operation, std::string request) {
    daemon::Origin origin{core::Source::kApi, "AKIAIOSFODNN7EXAMPLE",
                          "3f0f3b5c-7f0e-4f3d-9a55-0d8a5f7c1e11", operation, std::move(request)};
    engine_.submit(std::move(command), std::move(origin), [](const core::Verdict&) {});
    between_();
  }

  void report(std::vector<core::report::Body> bodies) {
    core::ReceiveReports command{session_, {}};
    for (core::report::Body& body : bodies)
      command.reports.push_back({++reports_, kReportedAt, std::move(body)});
    engine_.submit(std::move(command));
    between_();
  }

  daemon::Engine& engine_;
  const std::function<void()>& between_;
  core::SessionId session_;
  core::ExecutorId coordinator_;
  std::uint64_t reports_ = 0;
  std::int64_t dpu_millis_ = 0;
};

}  // namespace

void submitHistory(daemon::Engine& engine, std::uint64_t records,
                   const std::function<void()>& between) {
  while (engine.state().sequence < records) SessionLife(engine, between).live();
}

}  // namespace glaux::bench
