#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"

// Finding the executors that are installed. Nothing here starts a process: the caller runs
// `<executable> describe` itself and hands the output to `parseDescription`.
namespace glaux::plugins {

// `<executors>/<name>/manifest.json`.
struct PluginManifest {
  std::string name;
  std::filesystem::path directory;   // absolute
  std::filesystem::path executable;  // absolute
  std::map<std::string, std::string> settings;

  // Settings that name unix sockets without whose servers no session can start, and what those are.
  std::map<std::string, std::string> needs;
};

// What a directory of plugins holds. A plugin with a problem is left out and does not hide others.
struct Discovery {
  std::vector<PluginManifest> plugins;  // by name
  std::vector<Error> problems;
};

// Reads the manifest of every subdirectory of `executors` that has one. A plugin must be named like
// its directory, speak a protocol version this daemon knows, and have an executable file inside its
// directory. A missing `executors` is one problem and no plugins.
Discovery discover(const std::filesystem::path& executors);

// What an executor prints when asked to `describe` itself.
struct PluginDescription {
  std::string name;
  std::string version;
  std::uint32_t protocol_version = 0;
  bool can_interrupt = false;
  bool can_resume = false;
  std::vector<std::string> kernels;  // empty: takes any kernel's name
};

tl::expected<PluginDescription, Error> parseDescription(std::string_view json);

}  // namespace glaux::plugins
