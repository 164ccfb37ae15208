#include "tests/simulation/daemon_life.h"

#include <utility>

#include "daemon/recovery.h"

namespace glaux::simulation {
namespace {

constexpr std::uint64_t kSnapshotRecords = 40;

}  // namespace

DaemonLife::DaemonLife(World world, Random random) : world_(world), random_(random) {
  auto pass = [this](const char*) { world_.crash.pass(); };
  world_.disk.setHook(pass);
  world_.host.useRules({[this](const core::SessionId& session) {
                          promise(world_.history.knows(session),
                                  "an executor is launched before its session is on disk");
                        },
                        [this](const core::SessionId&, const core::CalculationId& calculation) {
                          promise(world_.history.knows(calculation),
                                  "code is run before its calculation is on disk");
                        },
                        [this](const core::SessionId& session, std::uint64_t through) {
                          auto found = world_.history.sessions().find(session);
                          promise(found != world_.history.sessions().end() &&
                                      through <= found->second.reports_through,
                                  "reports are acknowledged before they are on disk");
                        },
                        [this](const core::SessionId& session, std::uint64_t journaled_through) {
                          auto found = world_.history.sessions().find(session);
                          promise(found != world_.history.sessions().end() &&
                                      found->second.isLive() && !found->second.kill_began,
                                  "an executor is resumed that is to be gone");
                          promise(journaled_through <= found->second.reports_through,
                                  "an executor is told that reports are on disk that are not");
                        }});
}

DaemonLife::~DaemonLife() {
  *is_alive_ = false;
  world_.host.daemonDied();
  effects_.reset();
  executors_.reset();
  deadlines_.reset();
  engine_.reset();
  views_.reset();
  journal_.reset();
  storage_.reset();
}

tl::expected<void, std::string> DaemonLife::start() {
  storage_ = world_.disk.mount();
  journal::Options options;
  options.storage = storage_.get();
  options.commit = journal::Commit::kManual;
  options.tables = daemon::Views::tableNames();
  options.steady_ms = [this] { return world_.timeline.monotonicMs(); };
  world_.entropy.fill(options.new_journal_id);
  options.on_durable = [this](const journal::Durable& news) { openedBy(news); };
  auto journal = journal::Journal::open(std::move(options));
  if (!journal) {
    refusal_ = journal.error().kind;
    return tl::unexpected(journal.error().message);
  }
  journal_ = std::move(*journal);
  promise(journal_->lastSequence() >= world_.history.last(),
          "records that were durable are lost: " + std::to_string(journal_->lastSequence()) +
              " of " + std::to_string(world_.history.last()));
  views_ = std::make_unique<daemon::Views>(journal_->tables());
  auto restored = daemon::restore(*journal_, *views_, [](std::uint64_t, std::uint64_t) {});
  if (!restored) return tl::unexpected(restored.error().message);
  readNews();
  world_.history.expectIn(restored->state);
  world_.history.expectIn(*views_);

  daemon::Engine::Settings settings;
  settings.policy = world_.policy;
  settings.snapshot_records = kSnapshotRecords;
  engine_ = std::make_unique<daemon::Engine>(
      daemon::Engine::Edges{world_.timeline, world_.entropy, *journal_, *views_,
                            [this](const core::Effect& effect) {
                              world_.crash.pass();
                              effects_->perform(effect);
                            },
                            [this](const journal::Error&) { is_ending_ = true; }},
      std::move(settings), std::move(restored->state), restored->last_time, restored->snapshot);
  deadlines_ = std::make_unique<daemon::Deadlines>(
      world_.timeline, world_.timeline,
      [this](const core::SessionId& session) { engine_->submit(core::ReachDeadline{session}); });
  executors_ = std::make_unique<daemon::Executors>(
      world_.host, world_.timeline, world_.timeline,
      daemon::Executors::Settings{4, static_cast<std::uint32_t>(world_.policy.terminate_grace_ms)},
      [this](core::Command command) { engine_->submit(std::move(command)); },
      [this](const core::SessionId& session) { return engine_->state().session(session); });
  effects_ = std::make_unique<daemon::EffectRunner>(*engine_, *executors_, *deadlines_);
  if (engine_->state().sequence == 0) engine_->recordFirstEvents();
  executors_->sweep(engine_->state());
  engine_->resume();
  attend();
  return {};
}

// The journal's thread says what is durable; the loop hears of it in a later turn.
void DaemonLife::openedBy(const journal::Durable& news) {
  bool is_first = !news_;
  if (is_first) news_.emplace();
  news_->through = news.through;
  if (news.failure) news_->failure = news.failure;
  if (!*is_alive_ || !journal_) return;
  readNews();
  if (!is_first) return;
  world_.timeline.after(random_.below(2), [this, alive = is_alive_] {
    if (!*alive) return;
    auto told = std::exchange(news_, std::nullopt);
    engine_->onDurable(*told);
  });
}

// Records that are on disk count from that moment, whether the daemon has heard of it or not.
void DaemonLife::readNews() {
  while (world_.history.last() < journal_->durableSequence()) {
    auto record = journal_->read(world_.history.last() + 1);
    promise(record && *record, "a durable record cannot be read");
    world_.history.observe((*record)->view());
  }
}

void DaemonLife::attend() {
  if (is_committing_ || is_ending_ || journal_->lastSequence() == journal_->durableSequence())
    return;
  is_committing_ = true;
  world_.timeline.after(random_.below(3), [this, alive = is_alive_] {
    if (*alive) commit();
  });
}

void DaemonLife::commit() {
  is_committing_ = false;
  static_cast<void>(journal_->commitPending());  // a failure comes with the news
}

void DaemonLife::submit(core::Command command, std::string operation, std::string request,
                        daemon::Engine::Reply reply) {
  daemon::Origin origin;
  origin.source = core::Source::kApi;
  origin.principal = "simulation";
  origin.request_id = std::to_string(++request_);
  origin.operation = std::move(operation);
  origin.request = std::move(request);
  engine_->submit(std::move(command), std::move(origin), std::move(reply));
}

void DaemonLife::stop() {
  if (!engine_->hasFailed()) engine_->snapshot();
  static_cast<void>(journal_->close());
}

}  // namespace glaux::simulation
