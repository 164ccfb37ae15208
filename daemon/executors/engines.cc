#include "daemon/executors/engines.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/nearest.h"
#include "daemon/core/decide.h"
#include "daemon/core/work_group.h"
#include "daemon/executors/listening.h"

namespace glaux::daemon {
namespace {

constexpr const char* kKernelSetting = "kernel";
constexpr const char* kNetworkSetting = "network";

using Layers = std::vector<const config::ExecutorSettings*>;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

std::string configured(const api::EngineConfiguration& configuration, const char* key,
                       const std::string& otherwise) {
  auto found = configuration.additional_configs.find(key);
  return found == configuration.additional_configs.end() ? otherwise : found->second;
}

bool hasKernel(const ExecutorPlugin& plugin, const std::string& kernel) {
  const auto& kernels = plugin.description.kernels;
  return kernels.empty() || std::ranges::find(kernels, kernel) != kernels.end();
}

// The first name that the executor's manifest does not have.
std::optional<std::string> unknownSetting(const ExecutorPlugin& plugin, const Layers& layers) {
  for (const config::ExecutorSettings* layer : layers) {
    for (const auto& [name, value] : *layer) {
      if (!plugin.manifest.settings.contains(name)) return name;
    }
  }
  return std::nullopt;
}

Engines::Settings laidOver(const ExecutorPlugin& plugin, const Layers& layers) {
  Engines::Settings settings = plugin.manifest.settings;
  for (const config::ExecutorSettings* layer : layers) {
    for (const auto& [name, value] : *layer) settings[name] = value.text;
  }
  return settings;
}

// What the executor cannot do without and nobody serves at the moment, for the user.
std::optional<std::string> missingNeed(const ExecutorPlugin& plugin, const Layers& layers) {
  const Engines::Settings settings = laidOver(plugin, layers);
  for (const auto& [setting, what] : plugin.manifest.needs) {
    const auto socket = settings.find(setting);
    if (socket == settings.end()) continue;
    if (auto reason = whyNobodyListens(socket->second))
      return "Executor " + plugin.manifest.name + " needs " + what + ", which does not answer at " +
             socket->second + ": " + *reason + ".";
  }
  return std::nullopt;
}

}  // namespace

Engines::Engines(ExecutorCatalog catalog, const config::Options& options)
    : catalog_(std::move(catalog)),
      default_executor_(options.executor.default_executor),
      default_kernel_(options.executor.kernel),
      shared_(options.executors),
      engines_(options.engines) {
  for (const auto& [executor, settings] : shared_) checkSettings("executors", executor, settings);
  for (const auto& [version, engine] : engines_) checkEngine(version, engine);
}

// ---- what is wrong with the configuration

void Engines::checkSettings(const std::string& section, const std::string& executor,
                            const config::ExecutorSettings& settings) {
  const ExecutorPlugin* plugin = catalog_.find(executor);
  for (const auto& [name, value] : settings) {
    const std::string where = value.origin + ": " + section + ": ";
    if (plugin == nullptr) {
      problems_.push_back(where + "executor " + executor +
                          " is not installed; there is: " + joined(catalog_.names()));
      return;
    }
    if (plugin->manifest.settings.contains(name)) continue;
    std::vector<std::string> names;
    for (const auto& [known, unused] : plugin->manifest.settings) names.push_back(known);
    const auto likely = config::nearest(name, names);
    problems_.push_back(
        where + "executor " + executor + " has no setting '" + name + "'; " +
        (likely ? "did you mean '" + names[*likely] + "'?" : "it has: " + joined(names)));
  }
}

void Engines::checkEngine(const std::string& version, const config::EngineOptions& engine) {
  const std::string executor = executorOf(engine);
  const std::string section = "engines: " + version;
  const ExecutorPlugin* plugin = catalog_.find(executor);
  if (plugin == nullptr) {
    problems_.push_back(engine.origin + ": " + section + ": executor " + executor +
                        " is not installed; there is: " + joined(catalog_.names()));
    return;
  }
  const std::string& kernel = engine.kernel.empty() ? default_kernel_ : engine.kernel;
  if (!hasKernel(*plugin, kernel))
    problems_.push_back(engine.origin + ": " + section + ": executor " + executor +
                        " has no kernel '" + kernel +
                        "'; it has: " + joined(plugin->description.kernels));
  checkSettings(section, executor, engine.settings);
}

// ---- what a session gets

const config::EngineOptions* Engines::find(const std::string& engine_version) const {
  auto found = engines_.find(engine_version);
  return found == engines_.end() ? nullptr : &found->second;
}

std::string Engines::executorOf(const config::EngineOptions& engine) const {
  return engine.executor.empty() ? default_executor_ : engine.executor;
}

const config::EngineOptions* Engines::find(const std::string& engine_version,
                                           const std::string& executor) const {
  const config::EngineOptions* engine = find(engine_version);
  return engine != nullptr && executorOf(*engine) == executor ? engine : nullptr;
}

Layers Engines::layers(const std::string& engine_version, const std::string& executor) const {
  Layers layers;
  if (auto shared = shared_.find(executor); shared != shared_.end())
    layers.push_back(&shared->second);
  if (const auto* engine = find(engine_version, executor)) layers.push_back(&engine->settings);
  return layers;
}

tl::expected<core::Placement, api::Error> Engines::place(
    const core::State& state, const api::StartSessionRequest& request) const {
  auto work_group = state.work_groups.find(request.work_group);
  if (work_group == state.work_groups.end())
    return tl::unexpected(api::errors::workGroupNotFound());
  auto refused = [](const std::string& text) {
    return tl::unexpected(api::errors::validation(text));
  };

  const std::string version = work_group->second.engineVersion();
  const auto configuration = core::withWorkGroupDefaults(state, request);
  const auto* mapped = find(version);
  const std::string executor =
      configured(configuration, kExecutorConfig, mapped ? executorOf(*mapped) : default_executor_);
  const ExecutorPlugin* plugin = catalog_.find(executor);
  if (plugin == nullptr)
    return refused("Executor " + executor +
                   " does not exist here; there is: " + joined(catalog_.names()) + ".");

  const auto* engine = find(version, executor);
  const bool has_kernel = engine != nullptr && !engine->kernel.empty();
  const std::string kernel =
      configured(configuration, kKernelConfig, has_kernel ? engine->kernel : default_kernel_);
  if (!hasKernel(*plugin, kernel))
    return refused("Kernel " + kernel + " does not exist here; executor " + executor +
                   " has: " + joined(plugin->description.kernels) + ".");

  if (auto unknown = unknownSetting(*plugin, layers(version, executor)))
    return refused("The settings of glauxd give executor " + executor + " a setting '" + *unknown +
                   "', which it does not have; the daemon's log says where.");
  if (work_group->second.network() && !plugin->manifest.settings.contains(kNetworkSetting))
    return refused("WorkGroup " + request.work_group + " says what network its sessions have; " +
                   "executor " + executor + " leaves them the machine's.");
  if (auto missing = missingNeed(*plugin, layers(version, executor))) return refused(*missing);
  return core::Placement{executor, kernel};
}

tl::expected<Engines::Settings, Error> Engines::settingsOf(const ExecutorLaunch& launch) const {
  const ExecutorPlugin* plugin = catalog_.find(launch.executor);
  if (plugin == nullptr)
    return tl::unexpected(Error{"executor " + launch.executor + " is not installed any more"});
  const std::string& version = launch.engine_version;
  if (!version.empty() && !core::isBuiltInEngine(version) && find(version) == nullptr)
    return tl::unexpected(Error{"engine version " + version + " is not configured any more"});
  const Layers laid_over = layers(version, launch.executor);
  if (auto unknown = unknownSetting(*plugin, laid_over))
    return tl::unexpected(Error{"executor " + launch.executor + " has no setting " + *unknown});

  Settings settings = laidOver(*plugin, laid_over);
  settings[kKernelSetting] = launch.kernel;
  if (launch.network) settings[kNetworkSetting] = *launch.network;
  return settings;
}

}  // namespace glaux::daemon
