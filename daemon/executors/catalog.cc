#include "daemon/executors/catalog.h"

#include "daemon/executors/command_output.h"

namespace glaux::daemon {
namespace {

constexpr int kDescribeTimeoutMs = 10'000;

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

}  // namespace glaux::daemon
