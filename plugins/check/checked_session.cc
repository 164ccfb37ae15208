#include "plugins/check/checked_session.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "plugins/check/processes.h"
#include "plugins/protocol/proof.h"
#include "plugins/protocol/spool.h"

namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;

std::string named(const std::vector<pid_t>& pids) {
  std::string text;
  for (const pid_t pid : pids) {
    std::string command = commandLineOf(pid);
    std::replace(command.begin(), command.end(), '\0', ' ');
    text += " " + std::to_string(pid) + " (" + command + ")";
  }
  return text;
}

}  // namespace

std::string readFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string newUuid() {
  std::string text;
  for (const unsigned char byte : randomBytes(16)) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", byte);
    text += digits;
    if (text.size() == 8 || text.size() == 13 || text.size() == 18 || text.size() == 23)
      text += '-';
  }
  return text;
}

std::unique_ptr<CheckedSession> CheckedSession::start(Trial& trial, Options options) {
  return std::unique_ptr<CheckedSession>(
      new CheckedSession(trial, std::move(options), NotConnected{}));
}

CheckedSession::CheckedSession(Trial& trial, Options options)
    : CheckedSession(trial, std::move(options), NotConnected{}) {
  connect();
}

CheckedSession::CheckedSession(Trial& trial, Options options, NotConnected)
    : trial_(trial), acknowledges_(options.acknowledges) {
  bootstrap_.protocol_version = options.protocol_version;
  bootstrap_.session_id = newUuid();
  bootstrap_.key = randomBytes(kKeySize);
  bootstrap_.session_directory =
      trial.directory() / (bootstrap_.session_id + options.directory_suffix);
  bootstrap_.coordinator_executor_id = newUuid();
  bootstrap_.dpus = options.dpus;
  bootstrap_.session_dpus = options.dpus;
  bootstrap_.settings = trial.subject().plugin.settings;
  for (const auto& [name, value] : options.settings) bootstrap_.settings[name] = value;
  bootstrap_.lease_seconds = options.lease_seconds;
  bootstrap_.kernel_restarts = options.kernel_restarts;
  bootstrap_.min_free_mib = options.min_free_mib;
  bootstrap_.instance_id = "executor-check";
  output_directory_ = trial.directory() / ("output-" + bootstrap_.session_id);
  fs::create_directory(output_directory_);
  fs::create_directory(bootstrap_.session_directory);
  fs::permissions(bootstrap_.session_directory, fs::perms::owner_all);
  launch();
}

CheckedSession::~CheckedSession() {
  connection_.reset();
  if (lifeline_ >= 0) ::close(lifeline_);
  executor_->signal(SIGCONT);
  executor_->signal(SIGKILL);
  executor_.reset();
  runToItsEnd(trial_.subject().plugin.executable, {"cleanup", directory().string(), "--force"},
              trial_.directory(), trial_.scaled(20s));
  for (const pid_t left : labelledProcesses(id())) ::kill(left, SIGKILL);
}

void CheckedSession::launch() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("no socket pair");
  executor_ = std::make_unique<ChildProcess>(ChildProcess::Options{
      trial_.subject().plugin.executable, {}, bootstrap_.session_directory, ends[1]});
  ::close(ends[1]);
  lifeline_ = ends[0];
  is_greeted_ = false;
  const std::string message = encodeBootstrap(bootstrap_);
  ::send(lifeline_, message.data(), message.size(), MSG_NOSIGNAL);
}

Greeting CheckedSession::readGreeting() {
  is_greeted_ = true;
  std::string message;
  while (framedMessageSize(message) == 0 || message.size() < framedMessageSize(message)) {
    pollfd readable{lifeline_, POLLIN, 0};
    const auto patience = static_cast<int>(trial_.scaled(10s).count());
    expect(::poll(&readable, 1, patience) > 0, "no greeting within ten seconds");
    char buffer[1024];
    const ssize_t size = ::read(lifeline_, buffer, sizeof(buffer));
    expect(size > 0, "descriptor 3 was closed without a greeting");
    message.append(buffer, static_cast<std::size_t>(size));
  }
  const auto greeting = decodeGreeting(message);
  if (!greeting) fail("no greeting: " + greeting.error().message);
  return *greeting;
}

void CheckedSession::cutLifeline() {
  ::close(lifeline_);
  lifeline_ = -1;
}

int CheckedSession::waitExit(std::chrono::milliseconds timeout) {
  expect(trial_.waitUntil([this] { return executor_->status().has_value(); }, timeout),
         "the executor has not exited within " + std::to_string(timeout.count()) + " ms");
  return *executor_->status();
}

void CheckedSession::killExecutor() {
  executor_->signal(SIGKILL);
  waitExit();
}

std::vector<pid_t> CheckedSession::workers() const {
  std::vector<pid_t> found = labelledProcesses(id());
  for (const pid_t member : membersOf(pid())) {
    if (std::find(found.begin(), found.end(), member) == found.end()) found.push_back(member);
  }
  found.erase(std::remove(found.begin(), found.end(), pid()), found.end());
  return found;
}

std::vector<pid_t> CheckedSession::kernel() const {
  auto found = workers();
  if (found.empty()) skip("no process of its own runs this executor's code");
  return found;
}

void CheckedSession::expectNothingIsLeft() {
  trial_.waitUntil([this] { return workers().empty(); }, 3s);
  const auto left = workers();
  expect(left.empty(), "processes of the session are left:" + named(left));
}

void CheckedSession::resume() {
  if (lifeline_ >= 0) cutLifeline();
  connection_.reset();
  bootstrap_.resume = true;
  bootstrap_.journaled_through = lastNumber();
  launch();
}

void CheckedSession::connect() { connectAndWatch(1); }

void CheckedSession::connectAndWatch(std::uint64_t from) {
  prove();
  // An executor may exit on the last acknowledgement, so that waits for the answer to `watch`.
  is_watching_ = false;
  connection_->watch(from, 0ms, [this](const auto& batch) { onReports(batch); });
  is_watching_ = true;
  acknowledge();
}

void CheckedSession::prove() {
  if (!is_greeted_) {
    const Greeting greeting = readGreeting();
    expect(greeting.refusal.empty(), "the session was refused: " + greeting.refusal);
  }
  connection_ = std::make_unique<Connection>(trial_.loop(), directory());
  const auto proven = connection_->prove(bootstrap_.key, bootstrap_.session_id);
  if (!proven) fail("the handshake failed: " + proven.error().message);
}

void CheckedSession::disconnect() { connection_.reset(); }

Connection& CheckedSession::connection() {
  expect(connection_ != nullptr, "the case has no connection");
  return *connection_;
}

void CheckedSession::onReports(const std::vector<Report>& batch) {
  for (const Report& report : batch) {
    if (report.number > lastNumber()) reports_.push_back(report);
  }
  acknowledge();
}

void CheckedSession::acknowledge() {
  if (acknowledges_ && is_watching_ && lastNumber() > 0)
    connection_->acknowledgeLater(lastNumber());
}

std::vector<Report> CheckedSession::spool() const {
  const auto reports = readSpool(directory());
  if (!reports) fail("the spool cannot be read: " + reports.error().message);
  return *reports;
}

void CheckedSession::waitFor(const char* what, const std::function<bool()>& has_come) {
  const bool came = trial_.waitUntil([&] { return has_come() || !isConnected(); }) && has_come();
  if (came) return;
  std::string story;
  for (const std::string& line : this->story()) story += (story.empty() ? "" : ", ") + line;
  fail("no " + std::string(what) + (isConnected() ? "" : ", the connection is closed") +
       "; reported so far: [" + story + "]");
}

void CheckedSession::waitFor(const std::string& line_of_story, std::size_t times) {
  waitFor(line_of_story.c_str(), [&] {
    const auto told = story();
    return static_cast<std::size_t>(std::count(told.begin(), told.end(), line_of_story)) >= times;
  });
}

SessionReady CheckedSession::waitReady() {
  waitFor("sessionReady", [this] {
    return !all<SessionReady>(reports_).empty() || !all<SessionEnded>(reports_).empty();
  });
  const auto ready = all<SessionReady>(reports_);
  if (ready.empty()) fail("no sessionReady: " + all<SessionEnded>(reports_).at(0).reason);
  return ready.front();
}

void CheckedSession::waitStarted(const std::string& calculation_id) {
  waitFor("started " + calculation_id);
}

CalculationFinished CheckedSession::waitFinished(const std::string& calculation_id) {
  std::optional<CalculationFinished> found;
  waitFor(("calculationFinished of " + calculation_id).c_str(), [&] {
    for (const auto& finished : all<CalculationFinished>(reports_)) {
      if (finished.calculation_id == calculation_id) found = finished;
    }
    return found.has_value();
  });
  return *found;
}

SessionEnded CheckedSession::waitEnded() {
  waitFor("sessionEnded", [this] { return !all<SessionEnded>(reports_).empty(); });
  return all<SessionEnded>(reports_).front();
}

std::string CheckedSession::begin(const std::string& code) {
  const std::string id = "c" + std::to_string(next_calculation_++);
  connection().run(request(id, code));
  return id;
}

CalculationFinished CheckedSession::run(const std::string& code) {
  return waitFinished(begin(code));
}

std::string CheckedSession::beginStubborn(std::chrono::milliseconds duration,
                                          const std::string& then) {
  const std::string id =
      begin(inTurn({trial_.timed("ignore_interrupts", 0ms), trial_.print("stubborn"),
                    trial_.timed("ignore_interrupts", duration), then}));
  waitStarted(id);
  const auto is_said = [&] { return standardOutput(id) == "stubborn\n"; };
  expect(trial_.waitUntil(is_said),
         id + " has not printed \"stubborn\" but " + inQuotes(standardOutput(id)));
  return id;
}

CalculationFinished CheckedSession::expectCompleted(const std::string& code) {
  const auto finished = run(code);
  expect(finished.outcome == Outcome::kCompleted,
         finished.calculation_id + " did not complete but " + nameOf(finished.outcome) + ": " +
             finished.reason);
  return finished;
}

std::string CheckedSession::expectPrinted(const std::string& code) {
  return standardOutput(expectCompleted(code).calculation_id);
}

RunRequest CheckedSession::request(const std::string& calculation_id,
                                   const std::string& code) const {
  return {calculation_id, code, output_directory_ / (calculation_id + ".stdout"),
          output_directory_ / (calculation_id + ".stderr"),
          output_directory_ / (calculation_id + ".result")};
}

std::string CheckedSession::standardOutput(const std::string& calculation_id) const {
  return readFile(output_directory_ / (calculation_id + ".stdout"));
}

std::string CheckedSession::standardError(const std::string& calculation_id) const {
  return readFile(output_directory_ / (calculation_id + ".stderr"));
}

std::string CheckedSession::result(const std::string& calculation_id) const {
  return readFile(output_directory_ / (calculation_id + ".result"));
}

}  // namespace glaux::plugins::check
