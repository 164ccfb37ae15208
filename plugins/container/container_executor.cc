#include "plugins/container/container_executor.h"

#include <fcntl.h>
#include <kj/async-io.h>
#include <kj/debug.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "plugins/kernel/connection_file.h"
#include "plugins/protocol/failure.h"
#include "plugins/sdk/child_process.h"
#include "plugins/sdk/executor_main.h"
#include "plugins/sdk/process_label.h"

namespace glaux::plugins {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kRecordFile = "container.json";
constexpr const char* kCheckpointFile = "checkpoint.json";
constexpr const char* kShared = "shared";
constexpr const char* kConnectionFile = "kernel.json";
constexpr const char* kOutputLog = "output";
constexpr const char* kWork = "work";

// What is read again after this process has died, at most.
constexpr std::uint64_t kCheckpointBytes = std::uint64_t{16} << 20;

// What a kernel had sent before it died is in its sockets and arrives within this time.
constexpr kj::Duration kLastOutputDelay = 50 * kj::MILLISECONDS;

constexpr int kSignalExit = 128;

fs::path shared(const char* name) { return fs::path(kShared) / name; }
std::string inside(const std::string& name) { return std::string(kSharedInside) + "/" + name; }

void replaceAll(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::vector<std::string> words(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

void give(const fs::path& path, const ContainerSettings& to) {
  KJ_SYSCALL(::fchownat(AT_FDCWD, path.c_str(), to.uid, to.gid, AT_SYMLINK_NOFOLLOW), path.c_str());
}

void makeDirectory(const fs::path& path, const ContainerSettings& owner) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    KJ_FAIL_SYSCALL("mkdir", errno, path.c_str());
  give(path, owner);
}

// Replaced as a whole, so that whoever reads it finds all of it.
void replaceFile(const char* path, const Json& json) {
  const std::string temporary = std::string(path) + ".new";
  std::ofstream(temporary, std::ios::binary | std::ios::trunc) << json.dump();
  std::error_code failed;
  fs::rename(temporary, path, failed);
  if (failed) KJ_LOG(ERROR, "cannot be written", path, failed.message().c_str());
}

Json readFile(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return Json::parse(in, nullptr, /*allow_exceptions=*/false);
}

void logFailure(kj::Exception&& exception) { KJ_LOG(WARNING, exception.getDescription()); }

kj::Promise<std::vector<std::string>> removeAll(Engine& engine, const std::string& session_id) {
  return engine.withLabel(kSessionLabel, session_id).then([&engine](std::vector<std::string> all) {
    kj::Promise<void> removed = kj::READY_NOW;
    for (const std::string& container : all)
      removed = removed.then([&engine, container] { return engine.remove(container); });
    return removed.then([all = std::move(all)] { return all; });
  });
}

}  // namespace

ContainerExecutor::ContainerExecutor(const Tools& tools)
    : tools_(tools), is_clear_(!tools.bootstrap.resume) {}

ContainerExecutor::~ContainerExecutor() noexcept(false) = default;

// ---- coming up

kj::Promise<SessionReady> ContainerExecutor::start() {
  forgetLastKernel();
  readSettings();
  record_.socket = settings_.socket;
  record_.kernel_key = newKernelKey();
  ++record_.starts;
  nameContainer();
  return launch()
      .then([this] { return connect(); })
      .catch_([this](kj::Exception&& exception) -> kj::Promise<SessionReady> {
        if (!is_killed_) return kj::mv(exception);
        gone_->fulfill("The kernel was killed while it was starting.");
        return kj::NEVER_DONE;
      });
}

void ContainerExecutor::readSettings() {
  const auto settings = ContainerSettings::read(tools_.bootstrap.settings);
  if (!settings) kj::throwFatalException(failure(settings.error().message));
  settings_ = *settings;
  const auto adaptation = adaptationFor(words(settings_.command), pluginDirectory());
  if (!adaptation) kj::throwFatalException(failure(adaptation.error().message));
  adaptation_ = *adaptation;
}

void ContainerExecutor::nameContainer() {
  engine_ = std::make_unique<Engine>(tools_.network, tools_.timer, record_.socket);
  container_ = std::make_unique<Container>(*engine_, tools_.event_port, tools_.timer, tools_.reach,
                                           containerName());
}

void ContainerExecutor::forgetLastKernel() {
  auto gone = kj::newPromiseAndFulfiller<std::string>();
  gone_ = kj::mv(gone.fulfiller);
  when_gone_ = kj::mv(gone.promise);
  is_killed_ = false;
  running_ = nullptr;
  checkpoint_ = {};
  observing_ = nullptr;
  output_log_.reset();
  kernel_.reset();
  container_.reset();
}

std::string ContainerExecutor::containerName() const {
  return "glaux-" + tools_.bootstrap.session_id + "-" + std::to_string(record_.starts);
}

KernelConnection ContainerExecutor::connection() const {
  return {shared("kernel").string(), "../kernel", record_.kernel_key};
}

kj::Promise<void> ContainerExecutor::launch() {
  // One that an earlier process left must not run beside the new one.
  return kj::evalNow([this] { return std::exchange(is_clear_, false) ? kj::READY_NOW : clear(); })
      .then([this] { return provideImage(); })
      .then([this] {
        if (is_killed_) kj::throwFatalException(failure("killed"));
        const Limits limits = limitsOf(settings_, tools_.bootstrap.session_dpus);
        record_.memory_mib = limits.memory_mib;
        makeShared();
        save();
        return container_->launch(specification(limits));
      })
      .then([this] { observe(); });
}

kj::Promise<void> ContainerExecutor::provideImage() {
  using Pull = ContainerSettings::Pull;
  if (settings_.pull == Pull::kAlways) return engine_->pull(settings_.image);
  return engine_->hasImage(settings_.image).then([this](bool is_there) -> kj::Promise<void> {
    if (is_there) return kj::READY_NOW;
    if (settings_.pull == Pull::kMissing) return engine_->pull(settings_.image);
    return failure("Image " + settings_.image + " is not there (setting pull is \"never\").");
  });
}

// No kernel runs, so nobody puts links in the way of what is made here.
void ContainerExecutor::makeShared() {
  makeDirectory(kShared, settings_);
  makeDirectory(shared(kWork), settings_);
  removeSockets(connection());
  fs::remove(shared(kConnectionFile));
  const auto written = writeConnectionFile(shared(kConnectionFile), connection());
  if (!written) kj::throwFatalException(failure(written.error().message));
  give(shared(kConnectionFile), settings_);
  if (adaptation_.bootstrap_code.empty()) return;
  const auto made = makeOutputLog(shared(kOutputLog), settings_.uid);
  if (!made) kj::throwFatalException(failure(made.error().message));
}

std::string ContainerExecutor::specification(const Limits& limits) const {
  std::vector<std::string> argv = words(settings_.command);
  argv.insert(argv.end(), adaptation_.append.begin(), adaptation_.append.end());
  for (std::string& argument : argv)
    replaceAll(argument, "{connection_file}", inside(kConnectionFile));
  std::map<std::string, std::string> environment = adaptation_.environment;
  for (auto& [name, value] : environment) replaceAll(value, "{session_directory}", kSharedInside);
  environment["HOME"] = inside(kWork);
  environment["LANG"] = "C.UTF-8";
  environment[kLabelVariable] = tools_.bootstrap.session_id;
  if (!adaptation_.bootstrap_code.empty()) environment[kOutputLogVariable] = inside(kOutputLog);
  return specificationOf(
      {settings_, tools_.bootstrap, limits, fs::absolute(kShared).string(), std::move(environment)},
      argv);
}

kj::Promise<SessionReady> ContainerExecutor::connect() {
  kernel_ = std::make_unique<KernelSession>(connection(), tools_.event_port, tools_.timer);
  if (!adaptation_.bootstrap_code.empty()) readOutputFrom(0);
  return kernel_->prepare(adaptation_.bootstrap_code);
}

void ContainerExecutor::observe() {
  observing_ = container_->whenStopped()
                   .then([this](Container::Exit exit) { return remove(exit); })
                   .then([this](std::string reason) { gone_->fulfill(std::move(reason)); },
                         [this](kj::Exception&& exception) {
                           gone_->fulfill(exception.getDescription().cStr());
                         })
                   .eagerlyEvaluate(logFailure);
}

// ---- at work

kj::Promise<RunResult> ContainerExecutor::run(Calculation& calculation) {
  running_ = &calculation;
  setCheckpoint(/*has_begun=*/false);
  return kernel_->run(calculation);
}

void ContainerExecutor::interrupt() {
  if (kernel_) kernel_->interrupt([this] { deliverInterrupt(); });
}

void ContainerExecutor::deliverInterrupt() {
  if (adaptation_.is_interrupted_by_message) {
    kernel_->client().interrupt();
  } else {
    container_->interrupt();
  }
}

std::optional<Measurement> ContainerExecutor::measure() {
  ControlGroup* group = container_ ? container_->controlGroup() : nullptr;
  if (group == nullptr) return {};
  const ControlGroup::Counters& counters = group->read();
  return Measurement{counters.cpu_millis, counters.peak_memory_mib, settings_.dpu_cpus};
}

void ContainerExecutor::readOutputFrom(std::uint64_t offset) {
  auto log = OutputLog::open(shared(kOutputLog), offset, tools_.event_port, tools_.timer,
                             [this](const Frames& frames) { received(frames); });
  if (!log) kj::throwFatalException(failure(log.error().message));
  output_log_ = std::move(*log);
}

void ContainerExecutor::received(const Frames& frames) {
  kernel_->client().receive(frames);
  const std::uint64_t offset = output_log_->offset();
  if (running_ != nullptr && kernel_->isRunningCode() && offset >= replayed_through_ &&
      offset >= checkpoint_.log_offset + kCheckpointBytes)
    setCheckpoint(/*has_begun=*/true);
}

void ContainerExecutor::setCheckpoint(bool has_begun) {
  checkpoint_ = {running_->id, has_begun, output_log_ ? output_log_->offset() : 0,
                 running_->output.sizes()};
  replaceFile(kCheckpointFile, {{"calculation", checkpoint_.calculation_id},
                                {"has_begun", checkpoint_.has_begun},
                                {"log_offset", checkpoint_.log_offset},
                                {"stdout", checkpoint_.sizes.stdout_bytes},
                                {"stderr", checkpoint_.sizes.stderr_bytes},
                                {"result", checkpoint_.sizes.result_bytes}});
  if (output_log_) output_log_->forgetBefore(checkpoint_.log_offset);
}

// ---- going down

void ContainerExecutor::stop() {
  // A kernel that is still starting reads no requests.
  if (kernel_ && kernel_->isReady()) {
    kernel_->client().shutdown();
  } else {
    kill();
  }
}

void ContainerExecutor::kill() {
  is_killed_ = true;
  if (container_) container_->kill();
}

kj::Promise<std::string> ContainerExecutor::whenGone() { return kj::mv(when_gone_); }

// Whatever becomes of the container itself, its code has stopped.
kj::Promise<std::string> ContainerExecutor::remove(Container::Exit exit) {
  const bool is_ready = kernel_ && kernel_->isReady();
  auto log = is_ready ? kj::Promise<std::string>(std::string()) : engine_->log(containerName());
  return log.catch_([](kj::Exception&&) { return std::string(); })
      .then([this, exit](std::string last_lines) {
        if (output_log_) output_log_->catchUp();
        const bool waits = !output_log_ && kernel_ && kernel_->isRunningCode();
        auto last_output =
            waits ? tools_.timer.afterDelay(kLastOutputDelay) : kj::Promise<void>(kj::READY_NOW);
        return last_output.then([this] { return engine_->remove(containerName()); })
            .then([this] { is_clear_ = true; })
            .catch_([](kj::Exception&& exception) { logFailure(kj::mv(exception)); })
            .then([this, exit, last_lines = std::move(last_lines)] {
              return reasonOf(exit, last_lines);
            });
      });
}

std::string ContainerExecutor::reasonOf(const Container::Exit& exit, const std::string& log) const {
  if (exit.was_removed) return "The kernel died: its container was removed.";
  if (exit.ran_out_of_memory)
    return "The kernel was killed: memory limit " + std::to_string(record_.memory_mib) + " MiB.";
  // As wait(2) would have said it.
  const int status = exit.code > kSignalExit ? exit.code - kSignalExit : exit.code << 8;
  const std::string reason = "The kernel died: " + describeExit(status) + ".";
  return log.empty() ? reason : reason + "\n" + log;
}

kj::Promise<void> ContainerExecutor::clear() {
  if (is_clear_ || (!engine_ && !load())) return kj::READY_NOW;
  if (!engine_) engine_ = std::make_unique<Engine>(tools_.network, tools_.timer, record_.socket);
  return removeAll(*engine_, tools_.bootstrap.session_id).ignoreResult();
}

// ---- in a dead one's place

kj::Promise<void> ContainerExecutor::resume() {
  forgetLastKernel();
  readSettings();
  if (!load()) return failure("The kernel had no container.");
  nameContainer();
  return container_->adopt().then([this] {
    if (adaptation_.bootstrap_code.empty())
      kj::throwFatalException(failure(
          "The kernel was stopped: its executor had died, and with it the output it was sent."));
    kernel_ = std::make_unique<KernelSession>(connection(), tools_.event_port, tools_.timer);
    kernel_->takeOver();
    checkpoint_ = loadCheckpoint();
    struct stat log {};
    KJ_SYSCALL(::lstat(shared(kOutputLog).c_str(), &log));
    replayed_through_ = static_cast<std::uint64_t>(log.st_size);
    readOutputFrom(checkpoint_.log_offset);
    observe();
  });
}

kj::Promise<RunResult> ContainerExecutor::resumeRun(Calculation& calculation) {
  const auto not_run = [] {
    return RunResult{RunResult::Kind::kRaisedAnError,
                     "The executor died before the kernel had the code; it did not run."};
  };
  if (checkpoint_.calculation_id != calculation.id) return not_run();
  running_ = &calculation;
  OutputFiles::Sizes written = calculation.output.sizes();
  written.stdout_bytes -= checkpoint_.sizes.stdout_bytes;
  written.stderr_bytes -= checkpoint_.sizes.stderr_bytes;
  written.result_bytes -= checkpoint_.sizes.result_bytes;
  auto result = kernel_->resumeRun(calculation, checkpoint_.has_begun, written);
  if (checkpoint_.has_begun) return result;
  return result.exclusiveJoin(
      kernel_->client().whenCaughtUp().then([this, not_run]() -> kj::Promise<RunResult> {
        output_log_->catchUp();
        if (kernel_->client().hasHeardOfExecution()) return kj::NEVER_DONE;
        return not_run();
      }));
}

ContainerExecutor::Checkpoint ContainerExecutor::loadCheckpoint() {
  const Json json = readFile(kCheckpointFile);
  if (!json.is_object()) return {};
  return {json.value("calculation", ""),
          json.value("has_begun", false),
          json.value("log_offset", std::uint64_t{0}),
          {json.value("stdout", std::uint64_t{0}), json.value("stderr", std::uint64_t{0}),
           json.value("result", std::uint64_t{0})}};
}

void ContainerExecutor::save() const {
  replaceFile(kRecordFile, {{"session", tools_.bootstrap.session_id},
                            {"socket", record_.socket},
                            {"starts", record_.starts},
                            {"kernel_key", record_.kernel_key},
                            {"memory_mib", record_.memory_mib}});
}

bool ContainerExecutor::load() {
  const Json json = readFile(kRecordFile);
  if (!json.is_object()) return false;
  record_ = {json.value("socket", ""), json.value("starts", 0), json.value("kernel_key", ""),
             json.value("memory_mib", std::uint64_t{0})};
  return true;
}

tl::expected<std::vector<std::string>, Error> removeContainers() {
  const Json json = readFile(kRecordFile);
  if (!json.is_object()) return {};
  try {
    auto io = kj::setupAsyncIo();
    Engine engine(io.provider->getNetwork(), io.provider->getTimer(), json.value("socket", ""));
    std::vector<std::string> lines;
    for (const std::string& id : removeAll(engine, json.value("session", "")).wait(io.waitScope))
      lines.push_back("removed container " + id);
    return lines;
  } catch (const kj::Exception& exception) {
    return tl::make_unexpected(Error{exception.getDescription().cStr()});
  }
}

}  // namespace glaux::plugins
