#include "tests/unit/plugins/executor_harness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "plugins/protocol/proof.h"

namespace glaux::plugins {
namespace {

namespace fs = std::filesystem;

}  // namespace

ExecutorHarness::ExecutorHarness(const std::string& plugin, Options options)
    : output_directory_(root_.path / "output") {
  bootstrap.session_id = "11111111-2222-3333-4444-555555555555";
  bootstrap.key = randomBytes(kKeySize);
  bootstrap.session_directory = root_.path / ("session" + options.directory_suffix);
  bootstrap.coordinator_executor_id = "99999999-2222-3333-4444-555555555555";
  bootstrap.dpus = options.dpus;
  bootstrap.settings = std::move(options.settings);
  bootstrap.lease_seconds = options.lease_seconds;
  bootstrap.kernel_restarts = options.kernel_restarts;
  bootstrap.protocol_version = options.protocol_version;
  fs::create_directories(bootstrap.session_directory);
  fs::permissions(bootstrap.session_directory, fs::perms::owner_all);
  fs::create_directories(output_directory_);
  spawn(plugin);
  client = std::make_unique<ExecutorClient>(
      *io->lowLevelProvider, io->provider->getTimer(),
      ExecutorClient::Target{bootstrap.session_directory, bootstrap.session_id, bootstrap.key,
                             lifeline_, 1},
      *this);
}

ExecutorHarness::~ExecutorHarness() {
  client.reset();
  if (pid > 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
}

void ExecutorHarness::spawn(const std::string& plugin) {
  const std::string executable =
      std::string(GLAUX_EXECUTORS) + "/" + plugin + "/glaux-executor-" + plugin;
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], kLifelineFd);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  char* argv[] = {const_cast<char*>(executable.c_str()), nullptr};
  ASSERT_EQ(::posix_spawn(&pid, executable.c_str(), &actions, &attributes, argv, environ), 0)
      << executable;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  lifeline_ = ends[0];
  const std::string message = encodeBootstrap(bootstrap);
  ASSERT_EQ(::write(lifeline_, message.data(), message.size()),
            static_cast<ssize_t>(message.size()));
}

bool ExecutorHarness::waitUntil(const std::function<bool()>& condition,
                                std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    io->provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io->waitScope);
  }
  return true;
}

SessionReady ExecutorHarness::waitReady() {
  EXPECT_TRUE(waitUntil([&] { return !all<SessionReady>().empty() || disconnected; }))
      << "no sessionReady";
  if (all<SessionReady>().empty()) {
    ADD_FAILURE() << disconnected.value_or("")
                  << (all<SessionEnded>().empty() ? "" : all<SessionEnded>()[0].reason);
    return {};
  }
  return all<SessionReady>().at(0);
}

CalculationFinished ExecutorHarness::waitFinished(const std::string& calculation_id) {
  std::optional<CalculationFinished> found;
  EXPECT_TRUE(waitUntil([&] {
    for (const auto& finished : all<CalculationFinished>()) {
      if (finished.calculation_id == calculation_id) found = finished;
    }
    return found || disconnected;
  })) << "no calculationFinished of "
      << calculation_id;
  EXPECT_TRUE(found) << disconnected.value_or("");
  return found.value_or(CalculationFinished{});
}

SessionEnded ExecutorHarness::waitEnded() {
  EXPECT_TRUE(waitUntil([&] { return !all<SessionEnded>().empty() || disconnected; }));
  if (all<SessionEnded>().empty()) {
    ADD_FAILURE() << "no sessionEnded: " << disconnected.value_or("timeout");
    return {};
  }
  return all<SessionEnded>().at(0);
}

int ExecutorHarness::waitExit() {
  int status = -1;
  EXPECT_TRUE(waitUntil([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }));
  pid = -1;
  return status;
}

pid_t ExecutorHarness::childOfExecutor() const {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    std::string line;
    std::getline(stat, line);
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) continue;
    char state = 0;
    int parent = 0;
    if (std::sscanf(line.c_str() + name_end + 1, " %c %d", &state, &parent) != 2) continue;
    if (parent == pid && state != 'Z') return std::stoi(entry.path().filename().string());
  }
  return 0;
}

CalculationFinished ExecutorHarness::run(const std::string& code) {
  return waitFinished(begin(code));
}

std::string ExecutorHarness::begin(const std::string& code) {
  const std::string id = "calculation-" + std::to_string(next_id_++);
  client->run(request(id, code));
  return id;
}

ExecutorClient::RunRequest ExecutorHarness::request(const std::string& calculation_id,
                                                    const std::string& code) {
  return {calculation_id, code, output_directory_ / (calculation_id + ".stdout"),
          output_directory_ / (calculation_id + ".stderr"),
          output_directory_ / (calculation_id + ".result")};
}

std::string ExecutorHarness::standardOutput(const std::string& calculation_id) const {
  return read(calculation_id, ".stdout");
}

std::string ExecutorHarness::standardError(const std::string& calculation_id) const {
  return read(calculation_id, ".stderr");
}

std::string ExecutorHarness::result(const std::string& calculation_id) const {
  return read(calculation_id, ".result");
}

std::string ExecutorHarness::read(const std::string& calculation_id, const char* kind) const {
  const auto path = output_directory_ / (calculation_id + kind);
  EXPECT_TRUE(fs::exists(path)) << path;
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void ExecutorHarness::disconnect() { client.reset(); }

void ExecutorHarness::reconnect(std::uint64_t next_report) {
  connected.reset();
  disconnected.reset();
  client = std::make_unique<ExecutorClient>(
      *io->lowLevelProvider, io->provider->getTimer(),
      ExecutorClient::Target{bootstrap.session_directory, bootstrap.session_id, bootstrap.key, -1,
                             next_report},
      *this);
}

void ExecutorHarness::onConnected(const ExecutorClient::Connected& introduction) {
  connected = introduction;
}

void ExecutorHarness::onReports(std::vector<Report> batch) {
  if (acknowledges) client->acknowledge(batch.back().number);
  reports.insert(reports.end(), batch.begin(), batch.end());
}

void ExecutorHarness::onDisconnected(const std::string& reason) { disconnected = reason; }

}  // namespace glaux::plugins
