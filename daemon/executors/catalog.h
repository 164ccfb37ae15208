#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "plugins/client/manifest.h"

namespace glaux::daemon {

// An executor that may be launched, and what it said of itself when it was loaded.
struct ExecutorPlugin {
  plugins::PluginManifest manifest;
  plugins::PluginDescription description;
};

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

 private:
  std::map<std::string, ExecutorPlugin> plugins_;
  std::vector<std::string> problems_;
};

}  // namespace glaux::daemon
