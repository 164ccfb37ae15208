#include "tests/simulation/scripted_host.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/scripted_executor.h"

namespace glaux::simulation {
namespace {

// As the real host does it, see leftovers.cc.
constexpr std::int64_t kIdentityGraceMs = 5'000;
constexpr std::int64_t kBurialGraceMs = 7'000;
constexpr std::uint64_t kBurialPollMs = 50;

}  // namespace

ScriptedHost::ScriptedHost(Timeline& timeline, Random random, CrashPlan& crash)
    : timeline_(timeline), random_(random), crash_(crash) {}

ScriptedHost::~ScriptedHost() = default;

ScriptedHost::Script* ScriptedHost::find(const core::SessionId& session) const {
  auto found = scripts_.find(session);
  return found == scripts_.end() ? nullptr : found->second.get();
}

void ScriptedHost::afterForDaemon(std::uint64_t delay_ms, std::function<void()> what) {
  timeline_.after(delay_ms, [this, life = daemon_life_, what = std::move(what)] {
    if (life == daemon_life_) what();
  });
}

void ScriptedHost::daemonDied() {
  ++daemon_life_;
  for (auto& [session, script] : scripts_) script->disconnect();
}

void ScriptedHost::reboot() {
  for (auto& [session, script] : scripts_) {
    script->killed("the machine was switched off");
    script->removeContainer();
  }
}

void ScriptedHost::killResumable() {
  for (auto& [session, script] : scripts_) {
    if (script->canResume()) script->killed("the kernel was short of memory");
  }
}

tl::expected<std::unique_ptr<daemon::RunningExecutor>, daemon::Error> ScriptedHost::launch(
    const daemon::ExecutorLaunch& launch, daemon::ExecutorCallbacks callbacks) {
  crash_.pass();
  rules_.may_launch(launch.session);
  promise(!traces_.contains(launch.session),
          "an executor is launched a second time for session " + toText(launch.session));
  traces_.insert(launch.session);
  crash_.pass();
  if (!is_calm_ && random_.chance(3))
    return tl::unexpected(daemon::Error{"this machine cannot start a process now"});
  auto script = std::make_unique<Script>(*this, launch, random_.fork(toText(launch.session)));
  Script& started = *script;
  scripts_[launch.session] = std::move(script);
  started.start();
  crash_.pass();
  return started.connect(1, std::move(callbacks));
}

tl::expected<std::unique_ptr<daemon::RunningExecutor>, daemon::Error> ScriptedHost::resume(
    const daemon::ExecutorLaunch& launch, std::uint64_t next_report,
    daemon::ExecutorCallbacks callbacks) {
  crash_.pass();
  Script* script = find(launch.session);
  promise(script != nullptr && script->canResume(), "an executor is resumed that cannot be");
  promise(!script->isAlive(), "an executor is resumed that is alive");
  rules_.may_resume(launch.session, next_report - 1);
  if (!is_calm_ && random_.chance(5))
    return tl::unexpected(daemon::Error{"this machine cannot start a process now"});
  left_.erase(launch.session);
  script->resume(next_report - 1);
  crash_.pass();
  return script->connect(next_report, std::move(callbacks));
}

std::unique_ptr<daemon::RunningExecutor> ScriptedHost::adopt(const core::SessionId& session,
                                                             std::uint64_t next_report,
                                                             daemon::ExecutorCallbacks callbacks) {
  crash_.pass();
  Script* script = find(session);
  if (script == nullptr || !script->isAlive() || !script->hasIdentity()) return nullptr;
  return script->connect(next_report, std::move(callbacks));
}

bool ScriptedHost::hasTrace(const core::SessionId& session) const {
  return traces_.contains(session);
}

std::vector<core::SessionId> ScriptedHost::traces() const {
  return {traces_.begin(), traces_.end()};
}

void ScriptedHost::bury(const core::SessionId& session, std::function<void(daemon::Burial)> done) {
  crash_.pass();
  afterForDaemon(random_.below(20), [this, session, done = std::move(done)] {
    buryStep(session, timeline_.monotonicMs() + kBurialGraceMs, done);
  });
}

void ScriptedHost::buryStep(const core::SessionId& session, std::int64_t give_up_ms,
                            std::function<void(daemon::Burial)> done) {
  Script* script = find(session);
  if (script == nullptr) return done({});
  bool is_nameless = script->isAlive() && !script->hasIdentity() &&
                     timeline_.monotonicMs() < give_up_ms - kBurialGraceMs + kIdentityGraceMs;
  bool may_end = script->isAlive() && !script->hasEnded() && timeline_.monotonicMs() < give_up_ms;
  if (is_nameless || may_end) {
    return afterForDaemon(kBurialPollMs, [this, session, give_up_ms, done = std::move(done)] {
      buryStep(session, give_up_ms, done);
    });
  }
  script->killed("it was not adopted");
  std::string left = cleanUp(*script);
  done({script->unacknowledged(), std::move(left)});
}

std::string ScriptedHost::cleanUp(Script& script) {
  if (script.hasContainer() && !is_calm_ && random_.chance(20)) {
    left_.insert(script.session());
    return "the engine does not answer";
  }
  script.removeContainer();
  left_.erase(script.session());
  return "";
}

void ScriptedHost::forget(const core::SessionId& session) {
  crash_.pass();
  afterForDaemon(random_.below(20), [this, session] {
    Script* script = find(session);
    promise(script == nullptr || !script->isAlive(),
            "the trace of a living executor is removed: " + toText(session));
    promise(script == nullptr || !script->hasContainer(),
            "the trace of an executor is removed that has left something: " + toText(session));
    traces_.erase(session);
  });
}

std::map<core::SessionId, ScriptedHost::Truth> ScriptedHost::sessions() const {
  std::map<core::SessionId, Truth> truths;
  for (const auto& [session, script] : scripts_) truths[session] = script->truth();
  return truths;
}

std::size_t ScriptedHost::alive() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(scripts_, [](const auto& each) { return each.second->isAlive(); }));
}

std::vector<core::CalculationId> ScriptedHost::runningCode() const {
  std::vector<core::CalculationId> running;
  for (const auto& [session, script] : scripts_) {
    if (auto id = script->runningCode(); id && !left_.contains(session)) running.push_back(*id);
  }
  return running;
}

}  // namespace glaux::simulation
