#include "tests/simulation/scripted_executor.h"

#include <algorithm>
#include <utility>

#include "daemon/projections/calculations_view.h"

namespace glaux::simulation {
namespace {

using api::ExecutorState;
using core::report::Outcome;

// The contract's, see executor.capnp.
constexpr std::uint64_t kAcknowledgementTimeoutMs = 10'000;
constexpr std::uint64_t kUsagePeriodMs = 1'000;
constexpr std::uint32_t kLeaseGraceMs = 5'000;
constexpr int kKernelRestarts = 3;

}  // namespace

ScriptedHost::Script::Script(ScriptedHost& host, const daemon::ExecutorLaunch& launch,
                             Random random)
    : host_(host),
      session_(launch.session),
      coordinator_(launch.coordinator),
      random_(random),
      lies_(random_.chance(15)),
      can_resume_(host.canResume(launch.executor)) {}

ScriptedHost::Script::~Script() = default;

// ---- coming up

void ScriptedHost::Script::start() {
  startLease();
  report(core::report::ExecutorChanged{.executor = coordinator_,
                                       .type = api::ExecutorType::kCoordinator,
                                       .state = ExecutorState::kCreated,
                                       .dpus = 1});
  if (mishap(2)) return after(random_.below(10), [this] { killed("it died at once"); });
  after(random_.below(15), [this] { has_identity_ = true; });
  if (mishap(2)) return;  // never becomes ready
  std::uint64_t ready_after_ms = 20 + random_.below(800);
  if (mishap(3)) return after(ready_after_ms, [this] { killed("it died on its way up"); });
  if (mishap(3))
    return after(ready_after_ms, [this] { end(false, "The kernel would not start."); });
  after(ready_after_ms, [this] { becomeReady(); });
}

void ScriptedHost::Script::becomeReady() {
  if (phase_ != Phase::kStarting && phase_ != Phase::kRestarting) return;
  phase_ = Phase::kReady;
  is_out_of_reach_ = false;
  has_container_ = true;
  report(core::report::SessionReady{});
  if (running_) begin();
  if (mishap(10)) after(random_.below(5'000), [this] { loseSightOfKernel(); });
  mayDieSoon();
}

void ScriptedHost::Script::mayDieSoon() {
  if (can_resume_ && mishap(40))
    after(random_.below(4'000), [this] { killed("it was killed at no particular moment"); });
}

void ScriptedHost::Script::loseSightOfKernel() {
  if (phase_ != Phase::kReady || is_out_of_reach_) return;
  is_out_of_reach_ = true;
  report(core::report::Degraded{"The engine does not answer."});
  after(random_.below(12'000), [this] { findKernelAgain(); });
}

void ScriptedHost::Script::findKernelAgain() {
  if (phase_ == Phase::kEnding && running_) return finish(Outcome::kCanceled, "");
  if (phase_ == Phase::kEnding) return end(true, termination_reason_);
  if (phase_ == Phase::kEnded || !is_out_of_reach_) return;
  if (!has_container_ || mishap(20)) return kernelDied("The container is gone.", Outcome::kFailed);
  is_out_of_reach_ = false;
  bool ends_first = random_.chance(50);
  auto ended = std::exchange(ended_unseen_, std::nullopt);
  if (ended && ends_first) finish(ended->outcome, ended->reason);
  report(core::report::Recovered{});
  if (ended && !ends_first) finish(ended->outcome, ended->reason);
  if (running_ && !running_->has_begun) begin();
  mayDieSoon();
}

// The next executor of the session. What the earlier ones reported and nobody acknowledged, and the
// ids they were given, it finds in the session directory.
void ScriptedHost::Script::resume(std::uint64_t journaled_through) {
  promise(phase_ != Phase::kStarting, "an executor is resumed that was never ready");
  promise(journaled_through >= acknowledged_ && journaled_through <= lastReport(),
          "an executor is resumed with another number than it has come to");
  is_alive_ = true;
  has_identity_ = true;
  ++process_;
  startLease();
  if (mishap(15)) return after(random_.below(10), [this] { killed("it died at once"); });
  if (phase_ == Phase::kEnded)
    return after(kAcknowledgementTimeoutMs, [this] { exit(true, "it has ended"); });
  is_out_of_reach_ = true;
  if (phase_ != Phase::kEnding)
    report(core::report::Degraded{"It takes the place of another executor."});
  if (running_ && running_->has_begun && !ended_unseen_) keepMetering();
  if (mishap(10))
    return after(random_.below(3'000), [this] { killed("it died of what it found"); });
  after(random_.below(400), [this] { findKernelAgain(); });
}

void ScriptedHost::Script::kernelDied(const std::string& how, Outcome outcome) {
  removeContainer();
  is_out_of_reach_ = false;
  ended_unseen_.reset();
  if (phase_ == Phase::kEnding) {
    if (running_) finish(Outcome::kCanceled, "");
    return end(true, termination_reason_);
  }
  bool goes_on = ++kernel_deaths_ <= kKernelRestarts;
  if (goes_on) {
    phase_ = Phase::kRestarting;
    report(core::report::KernelDied{how});
  }
  if (running_) finish(outcome, how);
  if (!goes_on) return end(false, how);
  if (mishap(3)) return;  // the fresh one never becomes ready
  after(20 + random_.below(500), [this] { becomeReady(); });
}

std::unique_ptr<daemon::RunningExecutor> ScriptedHost::Script::connect(
    std::uint64_t next_report, daemon::ExecutorCallbacks callbacks) {
  if (link_ != nullptr) link_->cut();
  ++lease_;
  auto link = std::make_unique<Link>(*this, next_report, std::move(callbacks));
  link_ = link.get();
  return link;
}

void ScriptedHost::Script::disconnect() {
  if (std::exchange(link_, nullptr) != nullptr) startLease();
}

void ScriptedHost::Script::linkDestroyed(const Link* link) {
  if (link_ == link) disconnect();
}

void ScriptedHost::Script::startLease() {
  after(kLeaseMs, [this, lease = ++lease_] {
    if (lease == lease_)
      terminate(kLeaseGraceMs, "The executor ended the session because glauxd was away.");
  });
}

// ---- code

void ScriptedHost::Script::run(const core::CalculationId& calculation, const std::string& code) {
  if (phase_ == Phase::kEnded || !known_.insert(calculation).second) return;
  if (running_ || phase_ == Phase::kEnding) {
    report(core::report::CalculationFinished{calculation, Outcome::kFailed, "not now", {}});
    return;
  }
  running_ = Running{calculation, code, false, false, random_.chance(15), 0, 0};
  if (phase_ == Phase::kReady && !is_out_of_reach_) begin();
}

void ScriptedHost::Script::begin() {
  Running& running = *running_;
  running.has_begun = true;
  running.metered_at_ms = host_.timeline_.monotonicMs();
  CodeTruth& truth = host_.code_[running.id];
  truth.code = running.code;
  truth.is_running = true;
  promise(++truth.runs == 1, "code runs a second time: calculation " + toText(running.id));
  report(core::report::CalculationStarted{running.id});
  keepMetering();
  runOn(1 + random_.below(random_.chance(10) ? 20'000 : 1'500));
}

void ScriptedHost::Script::runOn(std::uint64_t takes_ms) {
  bool dies = mishap(can_resume_ ? 15 : 4);
  bool kernel_dies = mishap(4);
  bool fails = random_.chance(20);
  inContainer(takes_ms, running_->id, [this, dies, kernel_dies, fails] {
    if (dies && is_alive_) {
      killed("it was killed while code ran");
      if (can_resume_) runOn(random_.below(1'000));
      return;
    }
    if (kernel_dies && is_alive_) return kernelDied("The kernel died.", Outcome::kFailed);
    if (kernel_dies) return removeContainer();
    codeEnded({fails ? Outcome::kFailed : Outcome::kCompleted, fails ? "raised" : ""});
  });
}

// Nobody is there to see it: it is found by the next executor, if there is one.
void ScriptedHost::Script::codeEnded(CodeEnd end) {
  if (is_alive_ && !(is_out_of_reach_ && random_.chance(50)))
    return finish(end.outcome, end.reason);
  count();
  host_.code_[running_->id].is_running = false;
  ended_unseen_ = std::move(end);
}

void ScriptedHost::Script::keepMetering() {
  afterIfRunning(kUsagePeriodMs, running_->id, [this] { meter(); });
}

void ScriptedHost::Script::meter() {
  if (ended_unseen_) return;
  count();
  report(usage());
  if (lies())
    report(core::report::Usage{coordinator_, running_->id, running_->dpu_millis / 2,
                               running_->dpu_millis / 2});
  if (random_.chance(20)) report(core::report::Progress{running_->id, "some"});
  keepMetering();
}

void ScriptedHost::Script::count() {
  if (ended_unseen_) return;
  std::int64_t now_ms = host_.timeline_.monotonicMs();
  std::int64_t passed_ms = now_ms - std::exchange(running_->metered_at_ms, now_ms);
  running_->dpu_millis += passed_ms;
  dpu_millis_ += passed_ms;
}

core::report::Usage ScriptedHost::Script::usage() const {
  return {coordinator_, running_->id, dpu_millis_, running_->dpu_millis};
}

void ScriptedHost::Script::finish(Outcome outcome, std::string reason) {
  core::report::CalculationFinished finished{running_->id, outcome, std::move(reason), {}};
  host_.code_[running_->id].outcome = outcome;
  if (running_->has_begun) {
    count();
    finished.usage = usage();
    host_.code_[running_->id].is_running = false;
  }
  running_.reset();
  report(std::move(finished));
  if (phase_ == Phase::kEnding) end(true, termination_reason_);
}

void ScriptedHost::Script::interrupt(const core::CalculationId& calculation) {
  if (running_ && running_->id == calculation) stopCode();
}

void ScriptedHost::Script::stopCode() {
  if (!running_->has_begun) return finish(Outcome::kCanceled, "");
  if (std::exchange(running_->stop_requested, true) || running_->is_stubborn) return;
  inContainer(5 + random_.below(300), running_->id, [this] {
    codeEnded({Outcome::kCanceled, ""});
  });
}

void ScriptedHost::Script::killCalculation(const core::CalculationId& calculation) {
  if (!running_ || running_->id != calculation || mishap(5)) return;
  if (!running_->has_begun) return finish(Outcome::kCanceled, "");
  afterIfRunning(1 + random_.below(50), calculation,
                 [this] { kernelDied("Killed to stop code.", Outcome::kCanceled); });
}

// ---- going down

void ScriptedHost::Script::terminate(std::uint32_t grace_ms, const std::string& reason) {
  if (phase_ == Phase::kEnded || mishap(3)) return;
  if (phase_ != Phase::kEnding) {
    phase_ = Phase::kEnding;
    termination_reason_ = reason;
    after(grace_ms, [this] {
      if (running_) finish(Outcome::kCanceled, "");
      end(true, termination_reason_);
    });
  }
  if (running_) return stopCode();
  after(1 + random_.below(100), [this] { end(true, termination_reason_); });
}

void ScriptedHost::Script::end(bool orderly, const std::string& reason) {
  if (phase_ == Phase::kEnded) return;
  phase_ = Phase::kEnded;
  report(core::report::SessionEnded{orderly, reason});
  if (lies()) report(core::report::SessionReady{});
  removeContainer();
  after(kAcknowledgementTimeoutMs, [this] { exit(true, "it has ended"); });
}

void ScriptedHost::Script::acknowledge(std::uint64_t through) {
  promise(through <= lastReport(), "a report is acknowledged that was never made");
  acknowledged_ = std::max(acknowledged_, through);
  if (hasEnded() && acknowledged_ == lastReport())
    after(random_.below(20), [this] { exit(true, "it has ended"); });
}

void ScriptedHost::Script::killed(const std::string& how) {
  if (is_alive_) exit(false, how);
}

void ScriptedHost::Script::exit(bool is_orderly, const std::string& how) {
  is_alive_ = false;
  how_it_ended_ = how;
  if (!can_resume_ || phase_ == Phase::kStarting) removeContainer();
  if (Link* link = std::exchange(link_, nullptr)) link->exited(how, is_orderly);
}

void ScriptedHost::Script::removeContainer() {
  has_container_ = false;
  if (!running_ || !running_->has_begun || ended_unseen_) return;
  host_.code_[running_->id].is_running = false;
  count();
  ended_unseen_ = {Outcome::kFailed, "The container is gone."};
}

// ---- reports

void ScriptedHost::Script::report(core::report::Body body) {
  reports_.push_back({lastReport() + 1, {host_.timeline_.nowMs()}, std::move(body)});
  if (link_ != nullptr) link_->reported();
}

std::vector<core::Report> ScriptedHost::Script::reports(std::uint64_t from,
                                                        std::size_t most) const {
  std::vector<core::Report> some;
  for (std::uint64_t number = from; number <= lastReport() && some.size() < most; ++number)
    some.push_back(reports_[number - 1]);
  return some;
}

std::vector<core::Report> ScriptedHost::Script::unacknowledged() const {
  return reports(acknowledged_ + 1, reports_.size());
}

ScriptedHost::Truth ScriptedHost::Script::truth() const {
  Truth truth;
  truth.is_alive = is_alive_ || has_container_;
  truth.was_launched = true;
  truth.end = how_it_ended_;
  for (const core::Report& each : reports_) {
    auto* finished = std::get_if<core::report::CalculationFinished>(&each.body);
    auto* usage = std::get_if<core::report::Usage>(&each.body);
    if (finished != nullptr && finished->usage) usage = &*finished->usage;
    if (usage != nullptr) truth.dpu_millis = std::max(truth.dpu_millis, usage->executor_dpu_millis);
  }
  return truth;
}

std::optional<core::CalculationId> ScriptedHost::Script::runningCode() const {
  if (!running_ || !running_->has_begun || ended_unseen_) return std::nullopt;
  return running_->id;
}

void ScriptedHost::Script::after(std::uint64_t delay_ms, std::function<void()> what) {
  host_.timeline_.after(delay_ms, [this, process = process_, what = std::move(what)] {
    if (isAlive(process)) what();
  });
}

void ScriptedHost::Script::inContainer(std::uint64_t delay_ms, const core::CalculationId& id,
                                       std::function<void()> what) {
  host_.timeline_.after(delay_ms, [this, id, what = std::move(what)] {
    if (has_container_ && running_ && running_->id == id && !ended_unseen_) what();
  });
}

void ScriptedHost::Script::afterIfRunning(std::uint64_t delay_ms, const core::CalculationId& id,
                                          std::function<void()> what) {
  after(delay_ms, [this, id, what = std::move(what)] {
    if (running_ && running_->id == id) what();
  });
}

// ---- the connection

ScriptedHost::Link::Link(Script& script, std::uint64_t next_report,
                         daemon::ExecutorCallbacks callbacks)
    : host_(script.host()),
      script_(&script),
      process_(script),
      next_report_(next_report),
      callbacks_(std::move(callbacks)) {
  callLater(1 + process_.random().below(15), [this] {
    if (script_ == nullptr) return;
    is_connected_ = true;
    callbacks_.on_connected();
    deliver();
  });
  if (!host_.is_calm_ && process_.random().chance(4)) {
    callLater(process_.random().below(5'000), [this] { breakOff("the connection was reset"); });
  }
}

ScriptedHost::Link::~Link() {
  *is_held_ = false;
  process_.linkDestroyed(this);
}

// What is on its way arrives, also if the daemon dies meanwhile - as a rule.
void ScriptedHost::Link::send(std::function<void(Script&)> verb) {
  host_.crash_.pass();
  if (script_ == nullptr) return;
  Timeline& timeline = host_.timeline_;
  std::int64_t arrives_ms =
      timeline.monotonicMs() + 1 + static_cast<std::int64_t>(process_.random().below(5));
  busy_until_ms_ = std::max(busy_until_ms_ + 1, arrives_ms);
  bool survives_the_daemon = process_.random().chance(50);
  timeline.after(static_cast<std::uint64_t>(busy_until_ms_ - timeline.monotonicMs()),
                 [&process = process_, number = process_.process(), held = is_held_,
                  survives_the_daemon, verb] {
                   if (process.isAlive(number) && (*held || survives_the_daemon)) verb(process);
                 });
  host_.crash_.pass();
}

void ScriptedHost::Link::run(const core::CalculationId& calculation, std::string code,
                             const daemon::OutputUris&) {
  host_.crash_.pass();
  host_.rules_.may_run(process_.session(), calculation);
  send([calculation, code = std::move(code)](Script& process) { process.run(calculation, code); });
}

void ScriptedHost::Link::interrupt(const core::CalculationId& calculation) {
  send([calculation](Script& process) { process.interrupt(calculation); });
}

void ScriptedHost::Link::killCalculation(const core::CalculationId& calculation) {
  send([calculation](Script& process) { process.killCalculation(calculation); });
}

void ScriptedHost::Link::terminate(std::uint32_t grace_ms) {
  send([grace_ms](Script& process) {
    process.terminate(grace_ms, "The session was asked to end.");
  });
}

void ScriptedHost::Link::acknowledge(std::uint64_t through) {
  host_.rules_.may_acknowledge(process_.session(), through);
  send([through](Script& process) { process.acknowledge(through); });
}

void ScriptedHost::Link::kill() {
  host_.crash_.pass();
  host_.timeline_.after(process_.random().below(5),
                        [&process = process_, number = process_.process()] {
                          if (process.isAlive(number))
                            process.killed("The executor was killed by signal 9 (Killed).");
                        });
}

void ScriptedHost::Link::callLater(std::uint64_t delay_ms, std::function<void()> call) {
  Timeline& timeline = host_.timeline_;
  told_until_ms_ =
      std::max(told_until_ms_ + 1, timeline.monotonicMs() + static_cast<std::int64_t>(delay_ms));
  timeline.after(static_cast<std::uint64_t>(told_until_ms_ - timeline.monotonicMs()),
                 [held = is_held_, call = std::move(call)] {
                   if (*held) call();
                 });
}

void ScriptedHost::Link::reported() { deliver(); }

void ScriptedHost::Link::deliver() {
  if (script_ == nullptr || !is_connected_ || is_delivering_) return;
  if (next_report_ > process_.lastReport()) return;
  is_delivering_ = true;
  Random& random = process_.random();
  std::uint64_t from = next_report_;
  bool again = process_.lies() && random.chance(30);
  bool too_early = process_.lies() && random.chance(30);
  if (again) from -= std::min<std::uint64_t>(from - 1, random.below(4));
  if (too_early) ++from;
  std::vector<core::Report> batch = process_.reports(from, 1 + random.below(8));
  std::uint64_t slow_ms = random.chance(5) ? random.below(3'000) : random.below(4);
  callLater(slow_ms, [this, batch = std::move(batch), too_early] {
    is_delivering_ = false;
    if (script_ == nullptr) return;
    if (!batch.empty()) {
      if (!too_early) next_report_ = std::max(next_report_, batch.back().number + 1);
      callbacks_.on_reports(batch);
    }
    deliver();
  });
}

void ScriptedHost::Link::breakOff(const std::string& reason) {
  if (script_ == nullptr) return;
  script_ = nullptr;
  process_.connectionLost();
  auto on_lost = callbacks_.on_lost;
  on_lost(reason);
}

void ScriptedHost::Link::exited(const std::string& how, bool is_orderly) {
  if (std::exchange(script_, nullptr) != nullptr && is_connected_) {
    // What it had sent can still be read.
    std::uint64_t unsent = process_.lastReport() + 1 - next_report_;
    std::uint64_t sent = is_orderly ? unsent : process_.random().below(unsent + 1);
    auto last = process_.reports(next_report_, sent);
    if (!last.empty()) callLater(1, [this, last] { callbacks_.on_reports(last); });
  }
  callLater(1 + process_.random().below(20), [this, how, is_orderly] {
    auto on_gone = callbacks_.on_gone;
    on_gone(how, is_orderly);
  });
}

}  // namespace glaux::simulation
