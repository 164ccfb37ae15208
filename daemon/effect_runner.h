#pragma once

#include "daemon/core/effects.h"
#include "daemon/deadlines.h"
#include "daemon/engine.h"
#include "daemon/executors/executors.h"

namespace glaux::daemon {

// Carries out the core's effects on the edges. Each is safe to repeat, and one whose session has
// ended meanwhile does nothing.
class EffectRunner {
 public:
  // All outlive it.
  EffectRunner(Engine& engine, Executors& executors, Deadlines& deadlines)
      : engine_(engine), executors_(executors), deadlines_(deadlines) {}

  void perform(const core::Effect& effect);

 private:
  struct Perform;

  Engine& engine_;
  Executors& executors_;
  Deadlines& deadlines_;
};

}  // namespace glaux::daemon
