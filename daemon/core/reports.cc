#include <algorithm>

#include "daemon/core/planted_bug.h"
#include "daemon/core/rules.h"

namespace glaux::core {
namespace {

using api::SessionState;

// Decides a batch of reports one by one, each on the state that the ones before it led to. The
// session is copied for that: deciding changes nothing.
class ReportsDecider {
 public:
  ReportsDecider(const Situation& at, const Session& session) : at_(at), id_(session.id) {
    after_.sessions.emplace(id_, session);
  }

  void decideReport(const Report& report) {
    reported_at_ = report.at;
    std::visit(*this, report.body);
    through_ = report.number;
  }

  bool sessionIsLive() const { return after_.sessions.contains(id_); }

  std::vector<Event> takeEvents() {
    // First, because the session may end within the batch.
    if (through_ > 0) events_.insert(events_.begin(), ReportsReceived{id_, through_});
    return std::move(events_);
  }

  void operator()(const report::SessionReady&) {
    if (session().kill_began) return;
    if (isDegraded() && (session().awaits_kernel || session().awaits_recovery)) return goOn();
    if (session().state != SessionState::kCreating) return;
    emit(SessionCreated{id_});
    takeNextOrBecomeIdle();
  }

  void operator()(const report::KernelDied& r) {
    bool is_out_of_reach = isDegraded() && session().awaits_recovery;
    if (session().kill_began || !(isAtWork() || is_out_of_reach)) return;
    emit(SessionKernelDied{id_, fitReason(r.reason + kVariablesAreLost),
                           at_.in(at_.policy.start_timeout_ms)});
  }

  void operator()(const report::Degraded& r) {
    if (session().kill_began || !isAtWork()) return;
    emit(SessionDegraded{id_, fitReason(r.reason), at_.in(at_.policy.degraded_timeout_ms),
                         DegradedCause::kOutOfReach});
  }

  void operator()(const report::Recovered&) {
    if (isDegraded() && !session().awaits_kernel && !session().kill_began) goOn();
  }

  void operator()(const report::Unknown&) {}

  void operator()(const report::ExecutorChanged& r) {
    emit(ExecutorChanged{id_, r.executor, r.type, r.state, r.dpus, reported_at_});
  }

  void operator()(const report::CalculationStarted& r) {
    if (isCurrent(r.calculation) &&
        session().calculation->state == api::CalculationState::kCreating)
      emit(CalculationBegan{r.calculation, id_, reported_at_});
  }

  void operator()(const report::Progress& r) {
    if (isCurrent(r.calculation)) emit(CalculationProgressed{r.calculation, id_, r.progress});
  }

  void operator()(const report::Usage& r) {
    if (!isCurrent(r.calculation)) return;
    auto executor = std::ranges::find(session().executors, r.executor, &Executor::id);
    std::int64_t counted = executor == session().executors.end() ? 0 : executor->dpu_millis;
    if (r.executor_dpu_millis <= counted && !isPlanted(PlantedBug::kUsageMayDecrease)) return;
    emit(UsageRecorded{id_, r.executor, r.calculation, r.executor_dpu_millis,
                       std::max(r.calculation_dpu_millis, session().calculation->dpu_millis)});
  }

  void operator()(const report::CalculationFinished& r) {
    if (!isCurrent(r.calculation)) return;
    if (r.usage) (*this)(*r.usage);
    emit(ending(r));
    if (session().state == SessionState::kBusy && !session().kill_began) takeNextOrBecomeIdle();
  }

  void operator()(const report::SessionEnded& r) {
    std::vector<Event> events;
    endSession(session(), r.reason, reported_at_, events);
    for (Event& event : events) emit(std::move(event));
  }

 private:
  const Session& session() const { return after_.sessions.at(id_); }

  bool isAtWork() const {
    return session().state == SessionState::kIdle || session().state == SessionState::kBusy;
  }

  bool isDegraded() const { return session().state == SessionState::kDegraded; }

  bool isCurrent(const CalculationId& id) const {
    return session().calculation && session().calculation->id == id;
  }

  void takeNextOrBecomeIdle() {
    if (session().queue.empty()) {
      emit(SessionBecameIdle{id_, at_.in(session().idle_timeout_minutes * 60'000)});
      return;
    }
    emit(CalculationDequeued{session().queue.front().id, id_});
    // The deadline of a cancellation before is none of this one's.
    if (session().state != SessionState::kBusy || session().deadline) emit(SessionBecameBusy{id_});
  }

  // With a fresh kernel, on which runs what had not begun when the old one died, or with the one
  // that was out of reach. What was asked of code that is to stop is asked again, and has its time
  // again.
  void goOn() {
    if (!session().calculation) return takeNextOrBecomeIdle();
    emit(SessionBecameBusy{id_});
    const Calculation& calculation = *session().calculation;
    if (calculation.kill_began) {
      emit(CalculationKillBegan{calculation.id, id_, at_.in(at_.policy.terminate_grace_ms)});
    } else if (calculation.state == api::CalculationState::kCanceling) {
      emit(CalculationCancelRequested{calculation.id, id_, at_.in(at_.policy.interrupt_grace_ms)});
    }
  }

  // Code that was stopped without anybody having asked for it did not do what it was to do.
  Event ending(const report::CalculationFinished& r) const {
    switch (r.outcome) {
      case report::Outcome::kCompleted:
        return CalculationCompleted{r.calculation, id_, reported_at_};
      case report::Outcome::kCanceled:
        if (stopWasRequested())
          return CalculationCanceled{r.calculation, id_, reasonOf(r, kCanceledPerRequest),
                                     reported_at_};
        return CalculationFailed{r.calculation, id_, reasonOf(r, kStoppedWithSession),
                                 reported_at_};
      case report::Outcome::kFailed:
        break;
    }
    return CalculationFailed{r.calculation, id_, reasonOf(r, kFailedWithoutReason), reported_at_};
  }

  static std::string reasonOf(const report::CalculationFinished& r, const char* otherwise) {
    return r.reason.empty() ? otherwise : fitReason(r.reason);
  }

  bool stopWasRequested() const {
    return session().calculation->state == api::CalculationState::kCanceling ||
           session().state == SessionState::kTerminating;
  }

  void emit(Event event) {
    apply(after_, RecordPosition{at_.stamp.sequence, at_.stamp.now}, event);
    events_.push_back(std::move(event));
  }

  const Situation& at_;
  SessionId id_;
  State after_;  // of this session alone
  Timestamp reported_at_;
  std::uint64_t through_ = 0;
  std::vector<Event> events_;
};

}  // namespace

// Reports come at least once and in order: known ones are skipped, and behind a gap nothing is
// believed until the missing ones arrive.
Verdict decideCommand(const Situation& at, const ReceiveReports& command) {
  const Session* session = at.state.session(command.session);
  if (session == nullptr) return Decision{};
  ReportsDecider decider(at, *session);
  std::uint64_t next = session->reports_through + 1;
  for (const Report& report : command.reports) {
    if (report.number < next && !isPlanted(PlantedBug::kReportsAreCountedTwice)) continue;
    bool is_behind_a_gap =
        report.number > next && !isPlanted(PlantedBug::kReportsBehindAGapAreBelieved);
    if (is_behind_a_gap || !decider.sessionIsLive()) break;
    decider.decideReport(report);
    next = report.number + 1;
  }
  return Decision{decider.takeEvents(), {}};
}

}  // namespace glaux::core
