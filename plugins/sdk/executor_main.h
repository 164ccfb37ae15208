#pragma once

#include <kj/memory.h>

#include <filesystem>
#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"
#include "plugins/sdk/executor.h"

namespace glaux::plugins {

// One kind of executor, as its `main` knows it.
struct Plugin {
  std::function<ExecutorDescription()> describe;
  std::function<kj::Own<Executor>(const Tools& tools)> make;

  // Ends what a session whose executor is gone may have left where processes are not found by
  // their label (process_label.h), such as a container. The current directory is the session's.
  // Answers what it ended, a line each. May be left out.
  std::function<tl::expected<std::vector<std::string>, Error>()> clean_up = {};
};

// The directory of the running plugin: where its manifest is.
std::filesystem::path pluginDirectory();

// The whole of an executor's `main`: answers `describe`, cleans up after a session, or serves one
// to its end. Returns the exit status.
int executorMain(int argc, char** argv, const Plugin& plugin);

}  // namespace glaux::plugins
