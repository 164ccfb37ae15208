#include "plugins/check/snippets.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace glaux::plugins::check {

tl::expected<Snippets, Error> readSnippets(const std::filesystem::path& plugin_directory) {
  const auto path = plugin_directory / "check.json";
  if (!std::filesystem::exists(path)) return Snippets{};
  std::ifstream in(path);
  try {
    const auto json = nlohmann::json::parse(in);
    Snippets snippets;
    if (json.contains("code")) json.at("code").get_to(snippets.code);
    if (json.contains("says")) json.at("says").get_to(snippets.says);
    if (json.contains("settings")) json.at("settings").get_to(snippets.settings);
    return snippets;
  } catch (const nlohmann::json::exception& e) {
    return tl::make_unexpected(Error{path.string() + ": " + e.what()});
  }
}

std::string filled(std::string pattern, const Snippets::Values& values) {
  for (const auto& [name, value] : values) {
    const std::string placeholder = "{" + name + "}";
    for (std::size_t at = pattern.find(placeholder); at != std::string::npos;
         at = pattern.find(placeholder, at + value.size())) {
      pattern.replace(at, placeholder.size(), value);
    }
  }
  return pattern;
}

}  // namespace glaux::plugins::check
