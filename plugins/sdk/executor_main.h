#pragma once

#include <kj/memory.h>
#include <functional>

#include "plugins/sdk/executor.h"

namespace glaux::plugins {

// One kind of executor, as its `main` knows it.
struct Plugin {
  std::function<ExecutorDescription()> describe;
  std::function<kj::Own<Executor>(const Tools& tools)> make;
};

// The whole of an executor's `main`: answers `describe`, or serves one session to its end. Returns
// the exit status.
int executorMain(int argc, char** argv, const Plugin& plugin);

}  // namespace glaux::plugins
