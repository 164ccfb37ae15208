#pragma once

#include <kj/async-io.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/client/executor_client.h"
#include "plugins/protocol/bootstrap.h"
#include "tests/unit/plugins/temporary_directory.h"

namespace glaux::plugins {

// A daemon in small: starts a real executor, keeps one connection to it, collects its reports.
class ExecutorHarness : public ExecutorClient::Listener {
 public:
  struct Options {
    std::map<std::string, std::string> settings = {};
    std::uint32_t dpus = 1;
    std::uint32_t lease_seconds = 0;
    std::uint32_t kernel_restarts = 0;
    std::uint32_t protocol_version = kProtocolVersion;
    // Appended to the name of the session directory, to make its path long.
    std::string directory_suffix = {};
  };

  // Starts `executors/<plugin>/glaux-executor-<plugin>` of the build and begins to connect.
  explicit ExecutorHarness(const std::string& plugin) : ExecutorHarness(plugin, Options{}) {}
  ExecutorHarness(const std::string& plugin, Options options);

  // Kills the executor if it still runs, and removes its directory.
  ~ExecutorHarness() override;

  // Turns the loop until the condition holds; false after the timeout.
  bool waitUntil(const std::function<bool()>& condition,
                 std::chrono::milliseconds timeout = std::chrono::seconds(20));

  // Each turns the loop until the report is there and fails the test if it does not come.
  SessionReady waitReady();
  CalculationFinished waitFinished(const std::string& calculation_id);
  SessionEnded waitEnded();
  int waitExit();  // the executor's wait status

  // The kernel's pid; 0 if the executor has no child.
  pid_t childOfExecutor() const;

  // Runs the code as a calculation of a fresh id and waits for its end.
  CalculationFinished run(const std::string& code);

  // Begins to run and answers the id.
  std::string begin(const std::string& code);
  ExecutorClient::RunRequest request(const std::string& calculation_id, const std::string& code);

  std::string standardOutput(const std::string& calculation_id) const;
  std::string standardError(const std::string& calculation_id) const;
  std::string result(const std::string& calculation_id) const;

  // As a daemon that dies, and one that comes back and has journaled everything before.
  void disconnect();
  void reconnect(std::uint64_t next_report);

  template <typename What>
  std::vector<What> all() const {
    std::vector<What> found;
    for (const Report& report : reports) {
      if (const What* what = std::get_if<What>(&report.what)) found.push_back(*what);
    }
    return found;
  }

  std::unique_ptr<kj::AsyncIoContext> io = std::make_unique<kj::AsyncIoContext>(kj::setupAsyncIo());
  Bootstrap bootstrap;
  pid_t pid = -1;
  std::unique_ptr<ExecutorClient> client;
  bool acknowledges = true;

  std::vector<Report> reports;
  std::optional<ExecutorClient::Connected> connected;
  std::optional<std::string> disconnected;

 private:
  void spawn(const std::string& plugin);
  std::string read(const std::string& calculation_id, const char* kind) const;
  void onConnected(const ExecutorClient::Connected& introduction) override;
  void onReports(std::vector<Report> batch) override;
  void onDisconnected(const std::string& reason) override;

  TemporaryDirectory root_;
  std::filesystem::path output_directory_;
  int lifeline_ = -1;
  int next_id_ = 1;
};

}  // namespace glaux::plugins
