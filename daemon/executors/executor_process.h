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
#include "daemon/loop/foreign_process.h"
#include "daemon/loop/timer.h"
#include "plugins/client/executor_client.h"
#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/process_identity.h"

namespace glaux::daemon {

class KjEventPort;
class Loop;

// One executor: its process, which this run of the daemon or an earlier one started, and the
// connection to it. Says what becomes of both; what that means for the session is the core's to
// decide.
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

  // Takes over an executor that an earlier run of the daemon started, if it is still that process.
  // `target` is where it listens, without a lifeline.
  static tl::expected<std::unique_ptr<ExecutorProcess>, Error> adopt(
      Loop& loop, KjEventPort& kj, const plugins::ProcessIdentity& identity,
      plugins::ExecutorClient::Target target, Callbacks callbacks);

  // The process goes on.
  ~ExecutorProcess() override;

  plugins::ExecutorClient& client() { return *client_; }
  int pid() const { return child_ ? child_->pid() : adopted_->pid(); }

  // SIGKILL to the executor; its kernel dies with it.
  void kill();

 private:
  explicit ExecutorProcess(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

  void onConnected(const plugins::ExecutorClient::Connected& connected) override;
  void onReports(std::vector<plugins::Report> reports) override;
  void onDisconnected(const std::string& reason) override;
  void onExit(std::string how, bool is_orderly);
  void connect(KjEventPort& kj, plugins::ExecutorClient::Target target);
  void finishIfGone();

  Callbacks callbacks_;
  std::unique_ptr<ChildProcess> child_;      // one of the two
  std::unique_ptr<ForeignProcess> adopted_;  // is there
  std::unique_ptr<plugins::ExecutorClient> client_;
  bool is_disconnected_ = false;
  struct End {
    std::string how;
    bool is_orderly;
  };
  std::optional<End> end_;
  std::string disconnect_reason_;
};

}  // namespace glaux::daemon
