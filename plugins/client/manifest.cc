#include "plugins/client/manifest.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "plugins/protocol/bootstrap.h"

namespace glaux::plugins {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifestName = "manifest.json";

// A path that stays inside the directory it is relative to.
bool staysInside(const fs::path& path) {
  return !path.empty() && path.is_relative() && *path.lexically_normal().begin() != "..";
}

tl::expected<PluginManifest, std::string> readManifest(const fs::path& directory) {
  std::ifstream in(directory / kManifestName);
  PluginManifest manifest;
  manifest.directory = directory;
  try {
    const auto json = nlohmann::json::parse(in);
    manifest.name = json.at("name");
    const fs::path executable = json.at("executable").get<std::string>();
    if (json.at("protocol").get<std::uint32_t>() != kProtocolVersion) {
      return tl::make_unexpected("it speaks another version of the protocol");
    }
    if (!staysInside(executable)) {
      return tl::make_unexpected("its executable is not inside its directory");
    }
    manifest.executable = directory / executable;
    if (json.contains("settings")) json.at("settings").get_to(manifest.settings);
    if (json.contains("needs")) json.at("needs").get_to(manifest.needs);
  } catch (const nlohmann::json::exception& e) {
    return tl::make_unexpected(std::string(e.what()));
  }
  if (manifest.name != directory.filename()) {
    return tl::make_unexpected("it is named \"" + manifest.name + "\", unlike its directory");
  }
  if (::access(manifest.executable.c_str(), X_OK) != 0) {
    return tl::make_unexpected(manifest.executable.string() + " cannot be executed");
  }
  return manifest;
}

}  // namespace

Discovery discover(const fs::path& executors) {
  Discovery discovery;
  std::error_code error;
  for (fs::directory_iterator it(executors, error), end; !error && it != end; it.increment(error)) {
    const fs::path directory = fs::absolute(it->path());
    if (!fs::exists(directory / kManifestName)) continue;
    auto manifest = readManifest(directory);
    if (manifest) {
      discovery.plugins.push_back(std::move(*manifest));
    } else {
      discovery.problems.push_back(
          {"plugin " + directory.string() + " is left out: " + manifest.error()});
    }
  }
  if (error) {
    discovery.problems.push_back(
        {"plugins cannot be listed in " + executors.string() + ": " + error.message()});
  }
  std::sort(discovery.plugins.begin(), discovery.plugins.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  return discovery;
}

tl::expected<PluginDescription, Error> parseDescription(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    PluginDescription description;
    description.name = json.at("name");
    description.version = json.at("version");
    description.protocol_version = json.at("protocol");
    description.can_interrupt = json.at("capabilities").value("interrupt", false);
    description.can_resume = json.at("capabilities").value("resume", false);
    description.kernels = json.at("kernels");
    return description;
  } catch (const nlohmann::json::exception& e) {
    return tl::make_unexpected(Error{std::string("not an executor's description: ") + e.what()});
  }
}

}  // namespace glaux::plugins
