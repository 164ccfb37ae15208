#include "daemon/core/decide.h"

#include "daemon/core/rules.h"

namespace glaux::core {

Verdict decide(const State& state, const Policy& policy, const Stamp& stamp,
               const Command& command) {
  Situation at{state, policy, stamp};
  return std::visit([&at](const auto& each) { return decideCommand(at, each); }, command);
}

}  // namespace glaux::core
