#include "plugins/container/container.h"

#include <kj/debug.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "plugins/protocol/failure.h"

namespace glaux::plugins {
namespace {

constexpr kj::Duration kRetryInterval = 500 * kj::MILLISECONDS;
constexpr kj::Duration kNoticeInterval = 50 * kj::MILLISECONDS;
constexpr int kKilled = 128 + SIGKILL;
constexpr kj::Duration kHealthInterval = 5 * kj::SECONDS;

bool isOutOfReach(const kj::Exception& exception) {
  return exception.getType() == kj::Exception::Type::DISCONNECTED;
}

void logWarning(kj::Exception&& exception) { KJ_LOG(WARNING, exception.getDescription()); }

}  // namespace

Container::Container(Engine& engine, kj::UnixEventPort& event_port, kj::Timer& timer, Reach& reach,
                     std::string name)
    : engine_(engine),
      event_port_(event_port),
      timer_(timer),
      reach_(reach),
      name_(std::move(name)) {}

Container::~Container() noexcept(false) = default;

kj::Promise<void> Container::launch(std::string specification) {
  return engine_.create(name_, std::move(specification))
      .then([this] { return engine_.start(name_); })
      .then([this] { return observe(); });
}

kj::Promise<void> Container::adopt() { return observe(); }

// A process that has ended meanwhile leaves it to `whenStopped` to tell of that.
kj::Promise<void> Container::observe() {
  return inspectPatiently().then([this](std::optional<Engine::State> state) {
    if (!state) kj::throwFatalException(failure("The kernel's container is not there any more."));
    is_launched_ = true;
    if (state->is_running) observeProcess(state->pid);
    if (is_to_be_killed_) kill();
  });
}

// The group is removed soon after its last process, so it is read as soon as that ends.
void Container::observeProcess(int pid) {
  group_ = ControlGroup::of(pid);
  process_fd_ = kj::AutoCloseFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  has_process_ended_ = !group_ || process_fd_ < 0;
  if (has_process_ended_) return;
  process_ = std::make_unique<kj::UnixEventPort::FdObserver>(
      event_port_, process_fd_, kj::UnixEventPort::FdObserver::OBSERVE_READ);
  process_ended_ = process_->whenBecomesReadable()
                       .then([this] {
                         group_->read();
                         has_process_ended_ = true;
                       })
                       .fork();
}

kj::Promise<Container::Exit> Container::whenStopped() {
  return whenProcessEnds()
      .exclusiveJoin(watchHealth())
      .catch_([](kj::Exception&&) { /* what is the matter shows when it is inspected */ })
      .then([this] { return inspectPatiently(); })
      .then([this](std::optional<Engine::State> state) { return stopped(state); });
}

// Not by the engine's own `wait`, for which Podman asks itself all the time. The engine takes
// notice a moment later.
kj::Promise<void> Container::whenProcessEnds() {
  return has_process_ended_ ? timer_.afterDelay(kNoticeInterval) : process_ended_.addBranch();
}

kj::Promise<Container::Exit> Container::stopped(const std::optional<Engine::State>& state) {
  if (state && state->is_running) return whenStopped();
  has_stopped_ = true;
  Exit exit;
  exit.was_removed = !state;
  if (state) exit.code = state->exit_code;
  // Not every engine tells, and the counter tells of every process in there.
  exit.ran_out_of_memory =
      (state && state->ran_out_of_memory) ||
      (exit.code == kKilled && group_ && group_->read().out_of_memory_kills > 0);
  return exit;
}

// Until the engine answers, whatever that is.
kj::Promise<std::optional<Engine::State>> Container::inspectPatiently() {
  return engine_.inspect(name_)
      .then([this](std::optional<Engine::State> state) {
        reach_.regained();
        return state;
      })
      .catch_([this](kj::Exception&& exception) -> kj::Promise<std::optional<Engine::State>> {
        if (!isOutOfReach(exception)) return kj::mv(exception);
        reach_.lost(exception.getDescription().cStr());
        return timer_.afterDelay(kRetryInterval).then([this] { return inspectPatiently(); });
      });
}

// Fails when the engine does not answer any more: a connection to one that hangs stays open.
kj::Promise<void> Container::watchHealth() {
  return timer_.afterDelay(kHealthInterval).then([this] { return engine_.ping(); }).then([this] {
    return watchHealth();
  });
}

void Container::interrupt() {
  interrupting_ = engine_.signal(name_, "SIGINT").eagerlyEvaluate(logWarning);
}

void Container::kill() {
  is_to_be_killed_ = true;
  if (is_launched_) killing_ = killUntilItStops().eagerlyEvaluate(logWarning);
}

kj::Promise<void> Container::killUntilItStops() {
  if (has_stopped_) return kj::READY_NOW;
  return engine_.signal(name_, "SIGKILL").catch_([this](kj::Exception&&) {
    return timer_.afterDelay(kRetryInterval).then([this] { return killUntilItStops(); });
  });
}

}  // namespace glaux::plugins
