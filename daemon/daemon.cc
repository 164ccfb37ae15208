#include "daemon/daemon.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "config/endpoint.h"
#include "config/option_table.h"
#include "daemon/athena_endpoint.h"
#include "daemon/clock.h"
#include "daemon/core/work_group.h"
#include "daemon/deadlines.h"
#include "daemon/disk_guard.h"
#include "daemon/durable_inbox.h"
#include "daemon/effect_runner.h"
#include "daemon/engine.h"
#include "daemon/entropy.h"
#include "daemon/executors/executors.h"
#include "daemon/executors/process_host.h"
#include "daemon/http/http_server.h"
#include "daemon/loop/kj_event_port.h"
#include "daemon/loop/loop.h"
#include "daemon/loop/signal.h"
#include "daemon/loop/timer.h"
#include "daemon/loop/work_queue.h"
#include "daemon/metrics.h"
#include "daemon/objects/object_reader.h"
#include "daemon/objects/object_store.h"
#include "daemon/projections/views.h"
#include "daemon/queries/queries.h"
#include "daemon/recovery.h"
#include "daemon/request_id.h"
#include "daemon/request_preparation.h"
#include "daemon/router.h"
#include "journal/journal.h"

namespace glaux::daemon {
namespace {

namespace fs = std::filesystem;

// Clients that keep a request open for longer do not hold up the end.
constexpr std::uint64_t kDrainLimitMs = 10'000;

core::Policy policyOf(const config::Options& options) {
  core::Policy policy;
  policy.capacity_dpus = options.capacity.dpus;
  policy.default_session_dpus = options.session.default_dpus;
  policy.default_idle_timeout_minutes = options.session.idle_timeout_minutes;
  policy.start_timeout_ms = options.session.start_timeout_s * 1000;
  policy.terminate_grace_ms = options.session.terminate_grace_ms;
  policy.degraded_timeout_ms = options.session.degraded_timeout_s * 1000;
  policy.interrupt_grace_ms = options.calculation.interrupt_grace_ms;
  policy.token_retention_ms = options.idempotency.retention_minutes * 60'000;
  policy.max_queued_calculations = options.calculation.max_queued;
  policy.default_output_location = "s3://" + options.objects.bucket;
  for (const auto& [version, engine] : options.engines) policy.engine_versions.push_back(version);
  return policy;
}

HttpLimits limitsOf(const config::HttpOptions& options) {
  HttpLimits limits;
  limits.max_body_bytes = static_cast<std::size_t>(options.max_body_bytes);
  limits.body_limit = [most = limits.max_body_bytes](const HeaderList& headers) {
    bool has_notebook = carriesNotebook(headers.find("X-Amz-Target").value_or(""));
    return has_notebook ? std::max(most, kMaxNotebookRequestBytes) : most;
  };
  limits.max_header_bytes = static_cast<std::size_t>(options.max_header_bytes);
  limits.max_connections = static_cast<unsigned>(options.max_connections);
  limits.idle_timeout_s = static_cast<unsigned>(options.idle_timeout_s);
  limits.request_timeout_s = static_cast<unsigned>(options.request_timeout_s);
  return limits;
}

fs::path objectsDirectory(const config::Options& options) {
  return options.objects.dir.empty() ? fs::path(options.state_dir) / "objects"
                                     : fs::path(options.objects.dir);
}

// Beside the binary, so that a build tree runs without being installed.
fs::path executorDirectory(const config::Options& options) {
  if (!options.executor_dir.empty()) return fs::absolute(options.executor_dir);
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "executors";
}

tl::expected<void, Error> makeDirectory(const fs::path& directory) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed)
    return tl::unexpected(Error{"cannot make " + directory.string() + ": " + failed.message()});
  return {};
}

}  // namespace

class Daemon::Parts {
 public:
  Parts(const config::Options& options, RereadSettings reread_settings, Loop& loop)
      : options_(options),
        reread_settings_(std::move(reread_settings)),
        state_directory_(fs::absolute(options.state_dir)),
        loop_(loop),
        alarms_(loop_),
        kj_(loop_),
        inbox_(loop_, [this](const journal::Durable& news) { engine_->onDurable(news); }),
        work_(loop_),
        drain_limit_(loop_, [this] { loop_.stop(); }),
        on_term_(loop_, SIGTERM, [this] { stop(); }),
        on_int_(loop_, SIGINT, [this] { stop(); }),
        on_hup_(loop_, SIGHUP, [this] { reload(); }) {}

  tl::expected<void, Error> start() {
    auto opened = openJournal();
    if (!opened) return opened;
    auto restored = restoreState();
    if (!restored) return tl::unexpected(std::move(restored.error()));
    if (auto made = makeDirectories(); !made) return made;
    if (auto built = build(std::move(*restored)); !built) return built;
    loadExecutors(ExecutorCatalog::load(executorDirectory(options_)));
    if (auto listening = listen(); !listening) return listening;
    begin();
    return {};
  }

  std::uint16_t port() const { return http_->port(); }

  void run() {
    sd_notify(0, "READY=1");
    loop_.run();
  }

  // Everything that belongs to the loop goes before it, in the reverse order of construction.
  tl::expected<void, Error> close() {
    disk_guard_.reset();
    http_.reset();
    router_.reset();
    objects_.reset();
    athena_.reset();
    queries_.reset();
    effects_.reset();
    executors_.reset();
    host_.reset();
    deadlines_.reset();
    tl::expected<void, Error> closed;
    if (journal_) {
      if (engine_ && !engine_->hasFailed()) engine_->snapshot();
      if (auto journal_closed = journal_->close(); !journal_closed)
        closed = tl::unexpected(Error{journal_closed.error().message});
    }
    engine_.reset();
    views_.reset();
    if (closed && failure_) return tl::unexpected(*failure_);
    return closed;
  }

 private:
  // ---- starting

  tl::expected<void, Error> openJournal() {
    journal::Options options;
    options.directory = state_directory_;
    entropy_.fill(options.new_journal_id);
    options.tables = Views::tableNames();
    options.on_durable = [this](const journal::Durable& news) { inbox_.post(news); };
    options.head_interval = std::chrono::milliseconds(options_.journal.head_interval_ms);
    auto journal = journal::Journal::open(std::move(options));
    if (!journal) return tl::unexpected(Error{journal.error().message});
    journal_ = std::move(*journal);
    const journal::OpenReport& report = journal_->openReport();
    if (report.torn_tail) spdlog::warn("journal: {}", *report.torn_tail);
    if (report.tables_reset) spdlog::warn("journal: views are rebuilt: {}", *report.tables_reset);
    if (report.head_missing && !report.created)
      spdlog::warn("journal: HEAD is missing; a lost tail could not have been detected");
    return {};
  }

  tl::expected<Restored, Error> restoreState() {
    views_ = std::make_unique<Views>(journal_->tables());
    auto began = clock_.monotonicMs();
    auto restored = restore(*journal_, *views_, [](std::uint64_t at, std::uint64_t last) {
      spdlog::info("journal: replayed up to record {} of {}", at, last);
    });
    if (!restored)
      return tl::unexpected(Error{"The journal in " + state_directory_.string() +
                                  " cannot be replayed: " + restored.error().message +
                                  ". Nothing was changed; `glauxctl journal verify --state-dir " +
                                  state_directory_.string() + "` lists what is wrong."});
    spdlog::info("journal: {} records, snapshot at {}, {} replayed{} in {} ms, {} live sessions",
                 journal_->lastSequence(), restored->snapshot, restored->replayed,
                 restored->views_rebuilt ? " (views rebuilt)" : "", clock_.monotonicMs() - began,
                 restored->state.sessions.size());
    return restored;
  }

  tl::expected<void, Error> makeDirectories() {
    if (auto made = makeDirectory(objectsDirectory(options_) / options_.objects.bucket); !made)
      return made;
    return makeDirectory(sessionsDirectory());
  }

  fs::path sessionsDirectory() const { return state_directory_ / "sessions"; }

  tl::expected<void, Error> build(Restored restored) {
    auto objects = ObjectReader::open(objectsDirectory(options_));
    if (!objects) return tl::unexpected(std::move(objects.error()));
    auto keys = ExecutorKeys::open(state_directory_, entropy_);
    if (!keys) return tl::unexpected(std::move(keys.error()));
    Engine::Settings settings;
    settings.policy = policyOf(options_);
    settings.snapshot_records = static_cast<std::uint64_t>(options_.journal.snapshot_records);
    engine_ = std::make_unique<Engine>(
        Engine::Edges{clock_, entropy_, *journal_, *views_,
                      [this](const core::Effect& effect) { effects_->perform(effect); },
                      [this](const journal::Error& error) { fail(error); }},
        std::move(settings), std::move(restored.state), restored.last_time, restored.snapshot);
    deadlines_ = std::make_unique<Deadlines>(
        alarms_, clock_,
        [this](const core::SessionId& session) { engine_->submit(core::ReachDeadline{session}); });
    host_ = std::make_unique<ProcessHost>(
        loop_, kj_, std::move(*keys),
        ProcessHost::Settings{sessionsDirectory(), fs::absolute(objectsDirectory(options_)),
                              static_cast<std::uint32_t>(options_.journal.min_free_mib),
                              static_cast<std::uint32_t>(options_.executor.lease_s),
                              static_cast<std::uint32_t>(options_.session.kernel_restarts)});
    executors_ = std::make_unique<Executors>(
        *host_, alarms_, clock_,
        Executors::Settings{static_cast<std::size_t>(options_.executor.concurrent_launches),
                            static_cast<std::uint32_t>(options_.session.terminate_grace_ms)},
        [this](core::Command command) { engine_->submit(std::move(command)); },
        [this](const core::SessionId& session) { return engine_->state().session(session); });
    effects_ = std::make_unique<EffectRunner>(*engine_, *executors_, *deadlines_);
    queries_ = std::make_unique<Queries>(
        *views_, *journal_, [this] { return core::engineVersions(engine_->policy()); });
    athena_ = std::make_unique<AthenaEndpoint>(
        loop_, *engine_, *queries_, std::move(*objects), entropy_,
        [this](const core::State& state, const api::StartSessionRequest& request) {
          return host_->engines().place(state, request);
        },
        options_.audit.reads);
    return {};
  }

  tl::expected<void, Error> listen() {
    auto objects = ObjectStore::open(
        loop_, objectsDirectory(options_),
        {objectErrorRenderer(entropy_),
         [this](std::string_view bucket, std::string_view key) {
           return queries_->isOutput(bucket, key);
         },
         [this] { return engine_->refusalText(); }, [this] { return newRequestId(entropy_); }});
    if (!objects) return tl::unexpected(std::move(objects.error()));
    objects_ = std::move(*objects);
    router_ = std::make_unique<Router>(
        *athena_, *objects_,
        [this] {
          return renderMetrics({http_->counters(), *athena_, *engine_, *executors_, *journal_});
        },
        [this] { return engine_->isRefusing(); });

    auto endpoint = config::parseEndpoint(options_.listen);
    if (!endpoint) return tl::unexpected(Error{"listen: " + endpoint.error()});
    auto http = HttpServer::listen(
        loop_, {endpoint->host, endpoint->port}, limitsOf(options_.http),
        [this](HttpRequest&& request, Responder responder) {
          router_->handle(std::move(request), std::move(responder));
        },
        rejectionRenderer(entropy_));
    if (!http) return tl::unexpected(std::move(http.error()));
    http_ = std::move(*http);
    return {};
  }

  void begin() {
    if (engine_->state().sequence == 0) engine_->recordFirstEvents();
    executors_->sweep(engine_->state());
    engine_->resume();
    disk_guard_ = std::make_unique<DiskGuard>(
        loop_, state_directory_, static_cast<std::uint64_t>(options_.journal.min_free_mib) << 20,
        [this](bool is_low, std::uint64_t free_bytes) { diskChanged(is_low, free_bytes); });
  }

  // ---- running

  void loadExecutors(ExecutorCatalog catalog) {
    for (const std::string& problem : catalog.problems()) spdlog::error("executors: {}", problem);
    for (const std::string& name : catalog.names()) spdlog::info("executors: loaded {}", name);
    host_->useEngines(Engines(std::move(catalog), options_));
    for (const std::string& problem : host_->engines().problems())
      spdlog::error("executors: {}", problem);
  }

  void reload() {
    reloadSettings();
    reloadExecutors();
  }

  // All or nothing: settings with a fault change nothing.
  void reloadSettings() {
    auto fresh = reread_settings_();
    if (!fresh) return spdlog::error("settings: not reloaded: {}", fresh.error().message);
    std::vector<std::string> need_restart;
    options_ = config::reload(options_, *fresh, need_restart);
    for (const std::string& name : need_restart)
      spdlog::warn("settings: {} has changed; that takes a restart", name);
    engine_->usePolicy(policyOf(options_));
    host_->useEngines(Engines(host_->engines().catalog(), options_));
    athena_->recordReads(options_.audit.reads);
    spdlog::set_level(spdlog::level::from_str(options_.log.level));
    spdlog::info("settings: reloaded");
  }

  void reloadExecutors() {
    work_.run(
        [directory = executorDirectory(options_)] { return ExecutorCatalog::load(directory); },
        [this](ExecutorCatalog catalog) { loadExecutors(std::move(catalog)); });
  }

  void diskChanged(bool is_low, std::uint64_t free_bytes) {
    if (!is_low) {
      spdlog::info("disk: {} MiB free, commands are taken again", free_bytes >> 20);
      return engine_->refuseCommands(std::nullopt);
    }
    std::string message = "The disk of " + state_directory_.string() + " is nearly full (" +
                          std::to_string(free_bytes >> 20) + " MiB free, journal.min_free_mib is " +
                          std::to_string(options_.journal.min_free_mib) +
                          "): commands are refused until space is freed.";
    spdlog::error("disk: {}", message);
    engine_->refuseCommands(api::errors::unavailable(std::move(message)));
  }

  // ---- stopping

  void stop() {
    if (std::exchange(is_stopping_, true)) return;
    spdlog::info("stopping: answering the requests that are in");
    sd_notify(0, "STOPPING=1");
    drain_limit_.start(kDrainLimitMs);
    http_->stopAccepting();
    http_->whenDrained([this] { loop_.stop(); });
  }

  void fail(const journal::Error& error) {
    spdlog::critical("nothing can be written any more, glauxd ends: {}", error.message);
    failure_ = Error{error.message};
    stop();
  }

  config::Options options_;
  RereadSettings reread_settings_;
  fs::path state_directory_;
  SystemClock clock_;
  SystemEntropy entropy_;
  Loop& loop_;
  LoopAlarms alarms_;
  KjEventPort kj_;
  DurableInbox inbox_;
  WorkQueue work_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Views> views_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Deadlines> deadlines_;
  std::unique_ptr<ProcessHost> host_;
  std::unique_ptr<Executors> executors_;
  std::unique_ptr<EffectRunner> effects_;
  std::unique_ptr<Queries> queries_;
  std::unique_ptr<AthenaEndpoint> athena_;
  std::unique_ptr<ObjectStore> objects_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<DiskGuard> disk_guard_;
  Timer drain_limit_;
  Signal on_term_;
  Signal on_int_;
  Signal on_hup_;
  bool is_stopping_ = false;
  std::optional<Error> failure_;  // why it stops, if nobody has asked for it
};

Daemon::Daemon() : loop_(std::make_unique<Loop>()) {}

tl::expected<std::unique_ptr<Daemon>, Error> Daemon::start(const config::Options& options,
                                                           RereadSettings reread_settings) {
  std::unique_ptr<Daemon> daemon(new Daemon);
  daemon->parts_ = std::make_unique<Parts>(options, std::move(reread_settings), *daemon->loop_);
  if (auto started = daemon->parts_->start(); !started)
    return tl::unexpected(std::move(started.error()));
  return daemon;
}

Daemon::~Daemon() {
  if (!parts_) return;
  if (auto closed = close(); !closed) spdlog::error("closing: {}", closed.error().message);
}

std::uint16_t Daemon::port() const { return parts_->port(); }

tl::expected<void, Error> Daemon::run() {
  parts_->run();
  return close();
}

tl::expected<void, Error> Daemon::close() {
  auto closed = parts_->close();
  parts_.reset();
  auto loop_closed = loop_->close();
  return closed ? loop_closed : closed;
}

}  // namespace glaux::daemon
