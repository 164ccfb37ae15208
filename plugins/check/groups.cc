#include "plugins/check/case.h"

namespace glaux::plugins::check {

std::vector<Group> allGroups() {
  return {commandLineCases(), bootstrapCases(),   handshakeCases(), describeCases(),  startCases(),
          runCases(),         reportCases(),      outputCases(),    interruptCases(), endCases(),
          usageCases(),       kernelDeathCases(), leaseCases(),     crashCases(),     resumeCases(),
          freezeCases(),      leakCases()};
}

}  // namespace glaux::plugins::check
