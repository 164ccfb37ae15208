#pragma once

#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "api/errors.h"
#include "api/sessions.h"
#include "config/options.h"
#include "daemon/core/commands.h"
#include "daemon/core/state.h"
#include "daemon/error.h"
#include "daemon/executors/catalog.h"
#include "daemon/executors/executor_host.h"

namespace glaux::daemon {

// By which members of EngineConfiguration.AdditionalConfigs a client chooses for itself.
inline constexpr const char* kExecutorConfig = "glaux.executor";
inline constexpr const char* kKernelConfig = "glaux.kernel";

// What sessions run on: the executors at hand, as the configuration maps engine versions to them.
// A value; sessions keep what they have when there is a new one.
//
// Executor and kernel are what the client asks for, else what its workgroup's engine version is
// mapped to, else executor.default and executor.kernel. An executor's settings are those of the
// manifest, under those of `executors`, under those of the engine version if it is mapped to this
// executor, under the workgroup's network.
class Engines {
 public:
  using Settings = std::map<std::string, std::string>;

  Engines() = default;
  Engines(ExecutorCatalog catalog, const config::Options& options);

  const ExecutorCatalog& catalog() const { return catalog_; }

  // What is wrong with the configuration, now that the executors are known, a line each. Sessions
  // that would run on what is wrong are refused.
  const std::vector<std::string>& problems() const { return problems_; }

  // Refuses at once what could not start: clients exist that wait for ever on a session that fails
  // before it is IDLE.
  tl::expected<core::Placement, api::Error> place(const core::State& state,
                                                  const api::StartSessionRequest& request) const;

  // Of a session whose placement was found earlier, perhaps by another daemon.
  tl::expected<Settings, Error> settingsOf(const ExecutorLaunch& launch) const;

 private:
  const config::EngineOptions* find(const std::string& engine_version) const;
  std::string executorOf(const config::EngineOptions& engine) const;

  // Null unless the engine version is mapped to this executor: its kernel and its settings are for
  // no other.
  const config::EngineOptions* find(const std::string& engine_version,
                                    const std::string& executor) const;

  // What the configuration lays over the manifest's settings, the lowest first.
  std::vector<const config::ExecutorSettings*> layers(const std::string& engine_version,
                                                      const std::string& executor) const;
  void checkEngine(const std::string& version, const config::EngineOptions& engine);
  void checkSettings(const std::string& section, const std::string& executor,
                     const config::ExecutorSettings& settings);

  ExecutorCatalog catalog_;
  std::string default_executor_;
  std::string default_kernel_;
  std::map<std::string, config::ExecutorSettings> shared_;
  std::map<std::string, config::EngineOptions> engines_;
  std::vector<std::string> problems_;
};

}  // namespace glaux::daemon
