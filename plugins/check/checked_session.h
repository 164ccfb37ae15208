#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/check/child_process.h"
#include "plugins/check/connection.h"
#include "plugins/check/story.h"
#include "plugins/check/trial.h"
#include "plugins/protocol/bootstrap.h"

namespace glaux::plugins::check {

struct SessionOptions {
  std::map<std::string, std::string> settings = {};  // over those of the plugin
  std::uint32_t dpus = 1;
  std::uint32_t lease_seconds = 60;
  std::uint32_t kernel_restarts = 3;
  std::uint32_t min_free_mib = 0;
  std::uint32_t protocol_version = kProtocolVersion;
  std::string directory_suffix = {};  // makes the session directory's path long

  // Whether reports are acknowledged as they come.
  bool acknowledges = true;
};

// For a daemon that journals nothing.
inline const SessionOptions kUnacknowledged{.acknowledges = false};

// A daemon in small, for one session: starts the executor as the daemon would, keeps one connection
// to it, collects its reports. What does not come within thirty seconds throws `Failed`. Ends
// everything the session has left when it is destroyed.
class CheckedSession {
 public:
  using Options = SessionOptions;

  // Starts the executor and writes its bootstrap message, and no more.
  static std::unique_ptr<CheckedSession> start(Trial& trial, Options options = {});

  // Reads the greeting, too, connects and watches from the first report.
  explicit CheckedSession(Trial& trial, Options options = {});
  ~CheckedSession();

  CheckedSession(const CheckedSession&) = delete;
  CheckedSession& operator=(const CheckedSession&) = delete;

  // The process.
  const Bootstrap& bootstrap() const { return bootstrap_; }
  const std::string& id() const { return bootstrap_.session_id; }
  const std::filesystem::path& directory() const { return bootstrap_.session_directory; }
  pid_t pid() const { return executor_->pid(); }
  void signal(int number) { executor_->signal(number); }
  std::optional<int> waitStatus() { return executor_->status(); }
  Greeting readGreeting();
  void cutLifeline();
  int waitExit(std::chrono::milliseconds timeout = 30s);  // its wait status
  void killExecutor();                                    // SIGKILL, and waits for its end

  // What runs the session's code and is no executor, by label and by process session.
  std::vector<pid_t> workers() const;
  std::vector<pid_t> kernel() const;  // the same, or the case is skipped if there are none
  void expectNothingIsLeft();

  // Starts the executable again for the same session, `Bootstrap.resume` set. All reports that
  // came are journaled.
  void resume();

  // Reads the greeting if nobody has yet, connects, proves and watches from the first report.
  void connect();
  void connectAndWatch(std::uint64_t from);
  void prove();  // connects without watching
  void disconnect();
  bool isConnected() const { return connection_ != nullptr && connection_->isOpen(); }
  Connection& connection();

  // Reports in the order of their numbers, over all connections.
  const std::vector<Report>& reports() const { return reports_; }
  std::vector<std::string> story() const { return storyOf(reports_); }
  std::uint64_t lastNumber() const { return reports_.empty() ? 0 : reports_.back().number; }
  void acknowledgeFromNowOn() { acknowledges_ = true; }
  std::vector<Report> spool() const;

  // Each waits for the report.
  SessionReady waitReady();
  void waitStarted(const std::string& calculation_id);
  CalculationFinished waitFinished(const std::string& calculation_id);
  SessionEnded waitEnded();
  void waitFor(const std::string& line_of_story, std::size_t times = 1);

  // Runs code under a fresh id, "c1" and so on.
  std::string begin(const std::string& code);
  CalculationFinished run(const std::string& code);

  // Answers when the code has printed "stubborn" and ignores interrupts from then on, for that
  // long; then it does `then`.
  std::string beginStubborn(std::chrono::milliseconds duration, const std::string& then = "");

  CalculationFinished expectCompleted(const std::string& code);
  std::string expectPrinted(const std::string& code);  // stdout of a completed calculation
  RunRequest request(const std::string& calculation_id, const std::string& code) const;

  void terminate(std::uint32_t grace_ms = 5000) { connection().terminate(grace_ms); }

  std::string standardOutput(const std::string& calculation_id) const;
  std::string standardError(const std::string& calculation_id) const;
  std::string result(const std::string& calculation_id) const;

 private:
  struct NotConnected {};
  CheckedSession(Trial& trial, Options options, NotConnected);
  void launch();
  void waitFor(const char* what, const std::function<bool()>& has_come);
  void onReports(const std::vector<Report>& batch);
  void acknowledge();

  Trial& trial_;
  bool acknowledges_;
  Bootstrap bootstrap_;
  std::filesystem::path output_directory_;
  int lifeline_ = -1;
  bool is_greeted_ = false;
  bool is_watching_ = false;  // `watch` has been answered
  std::unique_ptr<ChildProcess> executor_;
  std::unique_ptr<Connection> connection_;
  std::vector<Report> reports_;
  int next_calculation_ = 1;
};

std::string readFile(const std::filesystem::path& path);

// Random, in the form the daemon writes ids in.
std::string newUuid();

}  // namespace glaux::plugins::check
