#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"

namespace glaux::plugins {

// What one family of kernels is started with beyond its kernel spec, so that it behaves as a
// calculation wants: a row of `adaptations` in this plugin's manifest.json.
//
//     {"argument": "ipykernel_launcher",            applies if the spec's argv contains this word
//      "append": ["--HistoryManager.enabled=False"],
//      "environment": {"IPYTHONDIR": "{session_directory}/ipython"},
//      "bootstrap": "python_bootstrap.py",          code to run silently when the kernel answers
//      "interrupt_mode": "message"}                 as in a kernel spec, for who has none
struct Adaptation {
  std::vector<std::string> append;
  std::map<std::string, std::string> environment;
  std::string bootstrap_code;
  bool is_interrupted_by_message = false;
};

// The first row that applies, empty if none does. An error means the manifest or the code it names
// cannot be read.
tl::expected<Adaptation, Error> adaptationFor(const std::vector<std::string>& argv,
                                              const std::filesystem::path& plugin_directory);

}  // namespace glaux::plugins
