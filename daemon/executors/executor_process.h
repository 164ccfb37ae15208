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
#include "daemon/executors/executor_host.h"
#include "daemon/loop/child_process.h"
#include "daemon/loop/foreign_process.h"
#include "plugins/client/executor_client.h"
#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/process_identity.h"

namespace glaux::daemon {

class KjEventPort;
class Loop;

// An executor that is a process of this machine, which this run of the daemon or an earlier one
// started, and the connection to it.
class ExecutorProcess : public RunningExecutor, private plugins::ExecutorClient::Listener {
 public:
  // Starts `executable` in the session directory, which exists, and hands it the bootstrap message.
  // Its identity is on disk before: whatever happens to the daemon, who has the message is found.
  // Output goes below `objects_directory`.
  static tl::expected<std::unique_ptr<ExecutorProcess>, Error> start(
      Loop& loop, KjEventPort& kj, const std::filesystem::path& executable,
      const plugins::Bootstrap& bootstrap, std::filesystem::path objects_directory,
      ExecutorCallbacks callbacks);

  // Takes over an executor that an earlier run of the daemon started, if it is still that process.
  // `target` is where it listens, without a lifeline.
  static tl::expected<std::unique_ptr<ExecutorProcess>, Error> adopt(
      Loop& loop, KjEventPort& kj, const plugins::ProcessIdentity& identity,
      plugins::ExecutorClient::Target target, std::filesystem::path objects_directory,
      ExecutorCallbacks callbacks);

  ~ExecutorProcess() override;

  void run(const core::CalculationId& calculation, std::string code,
           const OutputUris& output) override;
  void interrupt(const core::CalculationId& calculation) override;
  void killCalculation(const core::CalculationId& calculation) override;
  void terminate(std::uint32_t grace_ms) override;
  void acknowledge(std::uint64_t through) override;

  // SIGKILL to the executor; its kernel dies with it.
  void kill() override;

 private:
  ExecutorProcess(std::filesystem::path objects_directory, ExecutorCallbacks callbacks)
      : objects_directory_(std::move(objects_directory)), callbacks_(std::move(callbacks)) {}

  int pid() const { return child_ ? child_->pid() : adopted_->pid(); }
  std::filesystem::path pathOf(const std::string& uri) const;
  void onConnected(const plugins::ExecutorClient::Connected& connected) override;
  void onReports(std::vector<plugins::Report> reports) override;
  void onDisconnected(const std::string& reason) override;
  void onExit(std::string how, bool is_orderly);
  void connect(KjEventPort& kj, plugins::ExecutorClient::Target target);
  void finishIfGone();

  std::filesystem::path objects_directory_;
  ExecutorCallbacks callbacks_;
  std::unique_ptr<ChildProcess> child_;      // one of the two
  std::unique_ptr<ForeignProcess> adopted_;  // is there
  std::unique_ptr<plugins::ExecutorClient> client_;
  bool is_disconnected_ = false;
  struct End {
    std::string how;
    bool is_orderly;
  };
  std::optional<End> end_;
};

}  // namespace glaux::daemon
