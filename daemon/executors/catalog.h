#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "api/errors.h"
#include "api/sessions.h"
#include "daemon/core/commands.h"
#include "plugins/client/manifest.h"

namespace glaux::daemon {

// An executor that may be launched, and what it said of itself when it was loaded.
struct ExecutorPlugin {
  plugins::PluginManifest manifest;
  plugins::PluginDescription description;
};

// Which executor and kernel a session gets unless its EngineConfiguration.AdditionalConfigs say
// otherwise under these keys.
struct PlacementDefaults {
  std::string executor;
  std::string kernel;
};
inline constexpr const char* kExecutorConfig = "glaux.executor";
inline constexpr const char* kKernelConfig = "glaux.kernel";

// The executors at hand. A value: loading again gives a new one, sessions keep what they have.
class ExecutorCatalog {
 public:
  // Finds the plugins in `directory` and asks each to describe itself, which takes as long as they
  // take (ten seconds each at most); may run on any thread. A plugin that cannot be used is a
  // problem and does not hide others.
  static ExecutorCatalog load(const std::filesystem::path& directory);

  const std::vector<std::string>& problems() const { return problems_; }
  std::vector<std::string> names() const;

  // Null if there is none of that name.
  const ExecutorPlugin* find(const std::string& name) const;

  // Refuses at once what could not start: clients exist that wait for ever on a session that fails
  // before it is IDLE.
  tl::expected<core::Placement, api::Error> place(const api::EngineConfiguration& configuration,
                                                  const PlacementDefaults& defaults) const;

 private:
  std::map<std::string, ExecutorPlugin> plugins_;
  std::vector<std::string> problems_;
};

}  // namespace glaux::daemon
