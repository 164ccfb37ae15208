#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/executors/burials.h"
#include "daemon/executors/engines.h"
#include "daemon/executors/executor_host.h"
#include "daemon/executors/executor_keys.h"
#include "daemon/loop/work_queue.h"
#include "plugins/protocol/bootstrap.h"

namespace glaux::daemon {

class KjEventPort;
class Loop;

// Executors are processes of this machine. A session's trace is its private directory.
class ProcessHost final : public ExecutorHost {
 public:
  struct Settings {
    std::filesystem::path sessions_directory;  // one private directory a session below it
    std::filesystem::path objects_directory;   // <objects>/<bucket>/<key> for s3://bucket/key
    std::uint32_t min_free_mib = 0;            // of the objects' disk, not for output
    std::uint32_t lease_s = 0;                 // how long executors go on without a daemon
    std::uint32_t kernel_restarts = 0;         // within ten minutes
  };

  // `loop` and `kj` outlive it and its executors.
  ProcessHost(Loop& loop, KjEventPort& kj, ExecutorKeys keys, Settings settings);

  // For launches and burials from now on.
  void useEngines(Engines engines) { engines_ = std::move(engines); }
  const Engines& engines() const { return engines_; }

  tl::expected<std::unique_ptr<RunningExecutor>, Error> launch(
      const ExecutorLaunch& launch, ExecutorCallbacks callbacks) override;
  bool canResume(const std::string& executor) const override;
  tl::expected<std::unique_ptr<RunningExecutor>, Error> resume(
      const ExecutorLaunch& launch, std::uint64_t next_report,
      ExecutorCallbacks callbacks) override;
  std::unique_ptr<RunningExecutor> adopt(const core::SessionId& session, std::uint64_t next_report,
                                         ExecutorCallbacks callbacks) override;
  bool hasTrace(const core::SessionId& session) const override;
  std::vector<core::SessionId> traces() const override;
  void bury(const core::SessionId& session, std::function<void(Burial)> done) override;
  void forget(const core::SessionId& session) override;

 private:
  std::filesystem::path directoryOf(const core::SessionId& session) const;
  // With a number in its session's directory, which is there; without, in a new one.
  tl::expected<std::unique_ptr<RunningExecutor>, Error> start(
      const ExecutorLaunch& launch, std::optional<std::uint64_t> journaled_through,
      ExecutorCallbacks callbacks);
  plugins::Bootstrap bootstrapOf(const ExecutorLaunch& launch, Engines::Settings settings) const;

  Loop& loop_;
  KjEventPort& kj_;
  ExecutorKeys keys_;
  Settings settings_;
  Engines engines_;
  Burials burials_;
  WorkQueue work_;
};

}  // namespace glaux::daemon
