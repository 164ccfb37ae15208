#include "tests/simulation/simulation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/ctl/record_json.h"
#include "daemon/recovery.h"

namespace glaux::simulation {
namespace {

constexpr std::size_t kClients = 4;
// How far apart the points are at which daemons die.
constexpr std::uint64_t kPointsMax = 120;
constexpr std::uint64_t kSettleMs = 20 * 60'000;
// What is forgotten late: executors that linger, directories.
constexpr std::uint64_t kTidyMs = 120'000;

core::Policy tightPolicy() {
  core::Policy policy;
  policy.capacity_dpus = 24;
  policy.default_session_dpus = 4;
  policy.default_idle_timeout_minutes = 2;
  policy.start_timeout_ms = 5'000;
  policy.terminate_grace_ms = 2'000;
  policy.degraded_timeout_ms = 8'000;
  policy.interrupt_grace_ms = 1'000;
  policy.token_retention_ms = 24 * 3'600'000;
  policy.max_queued_calculations = 3;
  return policy;
}

// What an executor has told of a calculation's end is what everybody is told.
bool isTrue(api::CalculationState state, core::report::Outcome reported) {
  switch (reported) {
    case core::report::Outcome::kCompleted:
      return state == api::CalculationState::kCompleted;
    case core::report::Outcome::kFailed:
      return state == api::CalculationState::kFailed;
    case core::report::Outcome::kCanceled:
      return state == api::CalculationState::kCanceled || state == api::CalculationState::kFailed;
  }
  return false;
}

void expectSameTables(const journal::Tables& stored, const journal::Tables& rebuilt) {
  for (const std::string& table : daemon::Views::tableNames()) {
    auto rowsOf = [&table](const journal::Tables& tables) {
      std::map<std::string, std::string> rows;
      auto scanned = tables.scan(table, "", "", [&](std::string_view key, std::string_view value) {
        rows.emplace(key, value);
        return journal::Scan::kContinue;
      });
      promise(scanned.has_value(), "a view can be read");
      return rows;
    };
    promise(rowsOf(stored) == rowsOf(rebuilt), "view " + table + " is not what its records give");
  }
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, std::uint64_t crashes)
    : random_(seed),
      crashes_(crashes),
      policy_(tightPolicy()),
      timeline_(random_.fork("timeline")),
      disk_(random_.fork("disk")),
      host_(timeline_, random_.fork("host"), crash_),
      history_(policy_.capacity_dpus),
      entropy_(random_.fork("entropy")),
      clients_(timeline_, random_.fork("clients"), history_, kClients) {}

Simulation::~Simulation() = default;

Result Simulation::run() {
  try {
    while (result_.crash_points < crashes_) liveAndDie(1 + random_.below(kPointsMax));
    settle();
  } catch (const BrokenPromise& broken) {
    result_.broken = broken.what();
    crash_.dieAfter(0);
    letItCrash();
  }
  result_.points = crash_.passed();
  result_.records = history_.last();
  result_.answers = clients_.answers();
  result_.digest = history_.digest();
  return std::move(result_);
}

void Simulation::trace(std::function<void(const std::string&)> line) {
  trace_ = std::move(line);
  history_.on_record = [this](const journal::Record& record) {
    auto body = core::decodeRecord(record.payload);
    if (body)
      tell("record " +
           daemon::toLine(daemon::toJson(record, *body, tl::unexpected(std::string("not shown")))));
  };
}

void Simulation::tell(const std::string& what) const {
  if (trace_) trace_(std::to_string(timeline_.monotonicMs()) + " ms: " + what);
}

void Simulation::fault(const std::string& name) {
  ++result_.faults[name];
  tell(name);
}

// ---- lives

void Simulation::liveAndDie(std::uint64_t after_points) {
  ++result_.lives;
  crash_.dieAfter(after_points);
  try {
    mistreatDisk();
    if (!start()) return downtime();
    while (!daemon_->isEnding()) step();
    fault("the journal failed");
    stopInOrder();
  } catch (const SimulatedCrash&) {
    tell("the daemon is killed");
    letItCrash();
    ++result_.crash_points;
  }
  downtime();
}

// False if the disk refused what it takes to start.
bool Simulation::start() {
  daemon_ = std::make_unique<DaemonLife>(
      World{timeline_, crash_, disk_, host_, history_, entropy_, policy_},
      random_.fork("life " + std::to_string(crash_.passed())));
  auto started = daemon_->start();
  if (!started) {
    auto why = daemon_->refusal();
    promise(why == journal::Error::Kind::kDiskFull || why == journal::Error::Kind::kIo,
            "the daemon does not start: " + started.error());
    fault("no start");
    letItCrash();
    return false;
  }
  tell("a daemon has started");
  clients_.reach(daemon_.get());
  if (random_.chance(10)) expectRebuildIsTheSame();
  return true;
}

void Simulation::step() {
  crash_.pass();
  timeline_.step();
  if (daemon_) daemon_->attend();
  for (const core::CalculationId& running : host_.runningCode()) {
    if (!daemon_) break;
    auto state = daemon_->state().calculationState(running);
    promise(state != api::CalculationState::kCanceled,
            "a calculation is CANCELED whose code runs: " + toText(running));
  }
}

void Simulation::stepFor(std::uint64_t ms) {
  bool is_over = false;
  timeline_.after(ms, [&is_over] { is_over = true; });
  while (!is_over) step();
}

void Simulation::letItCrash() {
  clients_.reach(nullptr);
  disk_.crash();
  daemon_.reset();
}

void Simulation::stopInOrder() {
  crash_.dieAfter(0);
  clients_.reach(nullptr);
  daemon_->stop();
  daemon_.reset();
  disk_.crash();
}

void Simulation::downtime() {
  crash_.dieAfter(0);
  disk_.empty();
  if (random_.chance(2)) {
    fault("reboot");
    host_.reboot();
  }
  if (random_.chance(2))
    timeline_.stepWallClock(static_cast<std::int64_t>(random_.below(7'200'000)) - 3'600'000);
  if (random_.chance(4)) damageAndExpectNotice();
  std::uint64_t away_ms =
      random_.chance(3) ? random_.below(2 * ScriptedHost::kLeaseMs) : random_.below(400);
  stepFor(away_ms);
}

void Simulation::mistreatDisk() {
  auto inThisLife = [this](std::function<void()> what) {
    timeline_.after(random_.below(2'000), [this, life = result_.lives, what] {
      if (life == result_.lives) what();
    });
  };
  if (random_.chance(2)) {
    fault("full disk");
    inThisLife([this] { disk_.fill(); });
  }
  if (random_.chance(2)) {
    fault("failed sync");
    inThisLife([this] { disk_.failNextSync(); });
  }
  if (random_.chance(2)) {
    fault("damaged tables");
    disk_.damageTables();
  }
}

// What was damaged is noticed by whoever reads it, and a journal that has lost its tail is not gone
// on with. Nothing is written meanwhile, so once put right, all is well.
void Simulation::damageAndExpectNotice() {
  bool is_lost = random_.chance(50);
  bool is_damaged = is_lost ? disk_.loseTail(1 + random_.below(4))
                            : disk_.flipAnyBit(SimulatedDisk::Family::kRecords).has_value();
  if (!is_damaged) return;
  fault(is_lost ? "lost tail" : "flipped bit");
  auto storage = disk_.mount();
  journal::Options options;
  options.storage = storage.get();
  options.access = journal::Access::kReadOnly;
  auto journal = journal::Journal::open(std::move(options));
  if (journal && is_lost) {
    const journal::OpenReport& report = (*journal)->openReport();
    auto vouched_for = (*journal)->read(report.head_sequence);
    bool is_there = report.head_sequence == 0 || (vouched_for && *vouched_for);
    promise(report.lost_tail.has_value() == !is_there,
            is_there ? "a journal is refused that has what HEAD vouches for"
                     : "a lost tail that HEAD knows of goes unnoticed");
  } else if (journal) {
    journal::StopAtFirstProblem problems;
    auto replayed = (*journal)->replay(
        1, [](const journal::Record&) { return journal::Scan::kContinue; }, problems);
    promise(!replayed || problems.problem(), "a flipped bit goes unnoticed");
  }
  disk_.repair();
}

// ---- promises

void Simulation::expectRebuildIsTheSame() {
  SimulatedDisk other(random_.fork("rebuild"));
  auto storage = other.mount();
  std::optional<std::string> reset;
  auto tables =
      storage->openTables(journal::Access::kReadWrite, daemon::Views::tableNames(), &reset);
  promise(tables.has_value(), "tables for a rebuild");
  daemon::Views rebuilt(**tables);
  promise(rebuilt.open(0).has_value(), "a rebuild can be begun");
  core::State state;
  journal::StopAtFirstProblem problems;
  auto replayed = daemon_->journal().replay(
      1,
      [&](const journal::Record& record) {
        core::RecordPosition at{record.sequence, {record.time_ms}};
        auto visited = core::visitEvents(record.payload, [&](const core::Event& event) {
          apply(state, at, event);
          rebuilt.project(at, event);
        });
        applyRecordEnd(state, at);
        return visited ? journal::Scan::kContinue : journal::Scan::kStop;
      },
      problems);
  promise(replayed && replayed->reason == journal::ReplayEnd::Reason::kEndOfJournal,
          "the journal cannot be replayed");
  promise(rebuilt.commit(state.sequence).has_value(), "a rebuild cannot be written");
  if (daemon_->journal().durableSequence() == daemon_->state().sequence)
    promise(state == daemon_->state(), "the state is not what its records give");
  expectSameTables(daemon_->tables(), **tables);
}

// ---- the end

// Everybody behaves, nobody asks for more: whatever is under way comes to its end.
void Simulation::settle() {
  crash_.dieAfter(0);
  // What the last daemon asked may not have arrived, and now it has to be asked of others.
  if (random_.chance(80)) host_.killResumable();
  host_.calmDown();
  // Deadlines go by the machine's clock: set back by an hour, it makes them an hour late.
  timeline_.catchUpWallClock();
  ++result_.lives;
  bool is_up = false;
  while (!is_up) {
    disk_.empty();
    is_up = start();
    if (is_up) stepFor(5'000);
    if (is_up && daemon_->isEnding()) {  // a failure that was due to the disk's last sync
      stopInOrder();
      is_up = false;
    }
  }
  clients_.stop();
  stepFor(60'000);
  const auto before = history_.sessions();
  stepFor(20'000);
  expectNothingHangs(before);
  bool is_impatient = random_.chance(50);
  for (const auto& [id, session] : history_.sessions()) {
    // The others are left to their idle timeouts.
    if (session.isLive() && is_impatient)
      daemon_->submit(core::TerminateSession{{toText(id)}}, "TerminateSession",
                      R"({"SessionId":")" + toText(id) + "\"}", [](const core::Verdict&) {});
  }
  std::int64_t give_up_ms = timeline_.monotonicMs() + static_cast<std::int64_t>(kSettleMs);
  while (!daemon_->state().sessions.empty() && timeline_.monotonicMs() < give_up_ms) step();
  stepFor(kTidyMs);
  expectAllEnded();
  expectRebuildIsTheSame();
  stopInOrder();
  start();
  expectRebuildIsTheSame();
  stopInOrder();
}

// What takes longer than it may has been seen to by now.
void Simulation::expectNothingHangs(
    const std::map<core::SessionId, History::Session>& before) const {
  for (const auto& [id, calculation] : history_.calculations())
    promise(!calculation.isLive(), "calculation " + toText(id) + " never ends");
  for (const auto& [id, session] : history_.sessions())
    promise(!session.isLive() || session.state == api::SessionState::kIdle ||
                session.state != before.at(id).state,
            "session " + toText(id) + " hangs in " +
                std::string(
                    api::namesOf<api::SessionState>()[static_cast<std::size_t>(session.state)]));
}

void Simulation::expectAllEnded() {
  for (const auto& [id, session] : history_.sessions())
    promise(!session.isLive(), "session " + toText(id) + " never ends");
  for (const auto& [id, calculation] : history_.calculations()) {
    auto ran = host_.code().find(id);
    promise(calculation.state != api::CalculationState::kCompleted ||
                (ran != host_.code().end() && ran->second.runs == 1),
            "calculation " + toText(id) + " is COMPLETED and never ran");
    promise(ran == host_.code().end() || !ran->second.outcome ||
                isTrue(calculation.state, *ran->second.outcome),
            "calculation " + toText(id) + " has another outcome than its executor reported");
  }
  for (const auto& [id, truth] : host_.sessions()) {
    promise(history_.knows(id), "an executor of no session: " + toText(id));
    promise(!truth.is_alive, "an orphan: the executor of " + toText(id));
    promise(history_.sessions().at(id).dpu_millis == truth.dpu_millis,
            "session " + toText(id) + " has " +
                std::to_string(history_.sessions().at(id).dpu_millis) +
                " DPU-milliseconds, and its executor reported " + std::to_string(truth.dpu_millis));
  }
  promise(host_.traces().empty(), "a trace is left of an ended session");
  clients_.expectAllKept(host_);
}

}  // namespace glaux::simulation
