#include "daemon/executors/catalog.h"

#include <algorithm>

#include "daemon/executors/command_output.h"

namespace glaux::daemon {
namespace {

constexpr int kDescribeTimeoutMs = 10'000;

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

}  // namespace

ExecutorCatalog ExecutorCatalog::load(const std::filesystem::path& directory) {
  ExecutorCatalog catalog;
  plugins::Discovery discovery = plugins::discover(directory);
  for (const plugins::Error& problem : discovery.problems)
    catalog.problems_.push_back(problem.message);
  for (plugins::PluginManifest& manifest : discovery.plugins) {
    auto output = commandOutput(manifest.executable, {"describe"}, kDescribeTimeoutMs);
    if (!output) {
      catalog.problems_.push_back(output.error().message);
      continue;
    }
    auto description = plugins::parseDescription(*output);
    if (!description) {
      catalog.problems_.push_back(manifest.executable.string() +
                                  " describe: " + description.error().message);
      continue;
    }
    std::string name = manifest.name;
    catalog.plugins_.emplace(std::move(name),
                             ExecutorPlugin{std::move(manifest), std::move(*description)});
  }
  return catalog;
}

std::vector<std::string> ExecutorCatalog::names() const {
  std::vector<std::string> names;
  for (const auto& [name, plugin] : plugins_) names.push_back(name);
  return names;
}

const ExecutorPlugin* ExecutorCatalog::find(const std::string& name) const {
  auto found = plugins_.find(name);
  return found == plugins_.end() ? nullptr : &found->second;
}

tl::expected<core::Placement, api::Error> ExecutorCatalog::place(
    const api::EngineConfiguration& configuration, const PlacementDefaults& defaults) const {
  std::string executor = configured(configuration, kExecutorConfig, defaults.executor);
  std::string kernel = configured(configuration, kKernelConfig, defaults.kernel);
  const ExecutorPlugin* plugin = find(executor);
  if (plugin == nullptr)
    return tl::unexpected(api::errors::validation(
        "Executor " + executor + " does not exist here; there is: " + joined(names()) + "."));
  const auto& kernels = plugin->description.kernels;
  if (!kernels.empty() && std::ranges::find(kernels, kernel) == kernels.end())
    return tl::unexpected(api::errors::validation("Kernel " + kernel +
                                                  " does not exist here; executor " + executor +
                                                  " has: " + joined(kernels) + "."));
  return core::Placement{executor, kernel};
}

}  // namespace glaux::daemon
