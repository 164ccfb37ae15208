#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "plugins/protocol/error.h"

namespace glaux::plugins::check {

// `check.json` in a plugin's directory: how the kit says in the executor's language what it wants
// code to do. README.md has the format. A case whose snippet is missing is skipped.
struct Snippets {
  using Values = std::map<std::string, std::string>;

  Values code;                             // by what it does: "print"
  Values says;                             // what is seen of it: part of the reason of "fail"
  std::map<std::string, Values> settings;  // of the executor, by what they bring about
};

// No file is no snippets.
tl::expected<Snippets, Error> readSnippets(const std::filesystem::path& plugin_directory);

// With each `{name}` replaced by its value; braces around anything else stay.
std::string filled(std::string pattern, const Snippets::Values& values);

}  // namespace glaux::plugins::check
