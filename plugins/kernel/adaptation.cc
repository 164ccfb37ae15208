#include "plugins/kernel/adaptation.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace glaux::plugins {
namespace {

tl::expected<std::string, Error> readFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return tl::make_unexpected(Error{path.string() + " cannot be read"});
  return text;
}

tl::expected<Adaptation, Error> readAdaptation(const nlohmann::json& row,
                                               const std::filesystem::path& plugin_directory) {
  Adaptation adaptation;
  adaptation.append = row.value("append", adaptation.append);
  adaptation.environment = row.value("environment", adaptation.environment);
  adaptation.is_interrupted_by_message = row.value("interrupt_mode", "signal") == "message";
  if (!row.contains("bootstrap")) return adaptation;
  auto code = readFile(plugin_directory / row.at("bootstrap").get<std::string>());
  if (!code) return tl::make_unexpected(code.error());
  adaptation.bootstrap_code = std::move(*code);
  return adaptation;
}

}  // namespace

tl::expected<Adaptation, Error> adaptationFor(const std::vector<std::string>& argv,
                                              const std::filesystem::path& plugin_directory) {
  const auto path = plugin_directory / "manifest.json";
  const auto manifest = readFile(path);
  if (!manifest) return tl::make_unexpected(manifest.error());
  try {
    const auto json = nlohmann::json::parse(*manifest);
    for (const auto& row : json.value("adaptations", nlohmann::json::array())) {
      const std::string word = row.at("argument");
      if (std::find(argv.begin(), argv.end(), word) == argv.end()) continue;
      return readAdaptation(row, plugin_directory);
    }
  } catch (const nlohmann::json::exception& e) {
    return tl::make_unexpected(Error{path.string() + ": " + e.what()});
  }
  return Adaptation{};
}

}  // namespace glaux::plugins
