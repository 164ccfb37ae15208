#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/error.h"
#include "daemon/loop/child_process.h"
#include "daemon/loop/timer.h"
#include "plugins/client/executor_client.h"
#include "plugins/protocol/bootstrap.h"

namespace glaux::daemon {

class KjEventPort;
class Loop;

// One executor of this run of the daemon: its process, and the connection to it. Says what becomes
// of both; what that means for the session is the core's to decide.
class ExecutorProcess : private plugins::ExecutorClient::Listener {
 public:
  // Called from the loop, never from within a method of the process. A callback may destroy it.
  struct Callbacks {
    std::function<void()> on_connected;
    std::function<void(std::vector<plugins::Report>)> on_reports;
    // The connection has ended while the process still runs.
    std::function<void(std::string reason)> on_lost;
    // The process has ended and everything it reported has been passed on. The last call. One that
    // did not end in order may have left processes behind.
    std::function<void(std::string reason, bool is_orderly)> on_gone;
  };

  // Makes the session directory, starts `executable` in it and hands it the bootstrap message.
  static tl::expected<std::unique_ptr<ExecutorProcess>, Error> launch(
      Loop& loop, KjEventPort& kj, const std::filesystem::path& executable,
      const plugins::Bootstrap& bootstrap, Callbacks callbacks);

  ~ExecutorProcess() override;

  plugins::ExecutorClient& client() { return *client_; }
  int pid() const { return process_->pid(); }

  // SIGKILL to the executor; its kernel dies with it.
  void kill();

 private:
  explicit ExecutorProcess(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

  void onConnected(const plugins::ExecutorClient::Connected& connected) override;
  void onReports(std::vector<plugins::Report> reports) override;
  void onDisconnected(const std::string& reason) override;
  void onExit(ChildExit exit);
  void finishIfGone();

  Callbacks callbacks_;
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<plugins::ExecutorClient> client_;
  bool is_disconnected_ = false;
  std::optional<ChildExit> exit_;
  std::string disconnect_reason_;
};

}  // namespace glaux::daemon
